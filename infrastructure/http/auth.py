"""Who calls: tokens of the local issuer, signed and checked with one Ed25519 key."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from application.policy import Caller
from domain.kernel import Actor, Id, Role
from infrastructure.ids import uuid7

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

ALGORITHM: Final = "Ed25519"  # RFC 9864's name for what was "EdDSA"
ISSUER: Final = "gongduan-local"
AUDIENCE: Final = "gongduan"
TOKEN_CHARS_MAX: Final = 4096
SECONDS_PER_HOUR: Final = 3600


class BadToken(Exception):
    """The token does not say who calls; the message is a short code: expired, too_long, not_ours or unknown_caller."""


class _Claims(BaseModel):
    """Who the token speaks for; what else it holds was checked before or does not matter here."""

    model_config = ConfigDict(strict=True, extra="ignore")

    sub: Id
    role: Annotated[Role, Field(strict=False)]  # claims hold its text
    platform: Id
    tool: bool = False


def mint(key: OKPKey, role: Role, subject: str, platform: str, hours: float, *, tool: bool = False) -> str:
    """A token by which `subject` acts in this role on this platform for so many hours of real time."""
    now = int(time.time())
    claims: dict[str, str | int | bool] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "role": str(role),
        "platform": platform,
        "iat": now,
        "exp": now + int(hours * SECONDS_PER_HOUR),
        "jti": str(uuid7()),
    }
    if tool:
        claims["tool"] = True
    return jwt.encode({"alg": ALGORITHM}, claims, key, algorithms=[ALGORITHM])


class Verifier:
    """Tells from a token who calls."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self._rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )

    def caller(self, token: str) -> Caller:
        """The caller; refuses with BadToken whatever this issuer did not sign or no longer stands for."""
        if len(token) > TOKEN_CHARS_MAX:
            raise BadToken("too_long")
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            self._rules.validate(claims)
        except ExpiredTokenError as error:
            raise BadToken("expired") from error
        except (JoseError, ValueError) as error:
            raise BadToken("not_ours") from error
        try:
            who = _Claims.model_validate(claims)
        except ValidationError as error:
            raise BadToken("unknown_caller") from error
        if who.role is Role.SERVICE:  # the service calls itself inside; nobody outside is it
            raise BadToken("unknown_caller")
        return Caller(Actor(role=who.role, id=who.sub, is_tool=who.tool), who.platform)
