"""Publishing and listing playbooks from the command line, through the same command as over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.commands.playbook import PublishPlaybook, publish_playbook
from application.policy import Caller
from domain.kernel import Actor, Role
from domain.playbook.playbook import digest_of
from infrastructure.playbooks.reader import read_playbook

if TYPE_CHECKING:
    from infrastructure.bootstrap import Container


async def publish(container: Container, source: str, by: str) -> str:
    """Put the file in force for its platform; answers what was done in a line."""
    playbook = read_playbook(source)
    caller = Caller(Actor(role=Role.RULE_WRITER, id=by), playbook.platform)
    digest = digest_of(source)
    command = PublishPlaybook(caller=caller, key=f"publish/{digest}", body_digest=digest, source=source)
    done = await publish_playbook(container.desk, command)
    state = "was published before" if done.repeated else "is in force"
    return f"{playbook.platform} {playbook.version} {state}: {digest}"


async def versions(container: Container, platform: str) -> list[dict[str, str]]:
    """The published versions of a platform, the oldest first."""
    shelf, _ = await container.bookcase.shelf(platform)
    return [
        {"version": one.version, "published_at": one.at.isoformat(), "digest": one.digest} for one in shelf.published
    ]
