"""Makes the roles and an empty database for them, as a superuser, once; repeating it changes nothing."""

from __future__ import annotations

from typing import Final, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from infrastructure.postgres.sql_loader import sql

OWNER: Final = "gongduan_owner"
SERVICE: Final = "gongduan_service"
WORKER: Final = "gongduan_worker"
_LOCK: Final = 4741656199

# What PostgreSQL gives to everybody unasked is taken back; a copy of a database does not inherit these.
_DATABASE_RIGHTS: Final[tuple[LiteralString, ...]] = (
    "ALTER DATABASE {database} OWNER TO {owner}",
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {service}, {worker}",
)


def prepare_database(superuser_url: str, database: str, password: str, template: str = "template0") -> None:
    """Create the three roles with this password, and the database as a copy of a template, where they are missing."""
    names = {
        "database": Identifier(database),
        "owner": Identifier(OWNER),
        "service": Identifier(SERVICE),
        "worker": Identifier(WORKER),
    }
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # Several processes may prepare the same cluster at once, and roles belong to all of it.
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.execute(sql("roles"))
        for role in (OWNER, SERVICE, WORKER):
            # Sent as a verifier: the password itself must not show up in the server's log.
            verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
            connection.execute(SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(Identifier(role), Literal(verifier)))
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
            connection.execute(
                SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(names["database"], Identifier(template))
            )
        for statement in _DATABASE_RIGHTS:
            connection.execute(SQL(statement).format(**names))
    with psycopg.connect(superuser_url, dbname=database, autocommit=True) as connection:
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
