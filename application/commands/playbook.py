"""Commands of playbook: publish a version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from application import policy
from application.commands.desk import Command, Done
from application.ports import NewEvents
from domain.playbook import playbook as playbooks
from domain.playbook.playbook import playbook_stream

if TYPE_CHECKING:
    from application.commands.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPlaybook(Command):
    """A rule-writer puts a version in force; `source` is the file to the letter."""

    OPERATION: ClassVar[str] = "publish_playbook"
    source: str


async def publish_playbook(desk: Desk, command: PublishPlaybook) -> Done:
    """Publish; the very same file again is nothing new."""
    platform = command.caller.platform
    stream = playbook_stream(platform)

    async def attempt() -> Done:
        policy.require(command.OPERATION, command.caller, platform)
        playbook = desk.bookcase.read(command.source)
        shelf, history = await desk.bookcase.shelf(platform)
        at = max([await desk.clock.now(), *(one.metadata.at for one in history[-1:])])
        events = playbooks.publish(shelf, platform, playbook, command.source, by=command.caller.actor, at=at)
        if not events:
            return Done(stream, len(history), history[-1].position, repeated=True)
        return await desk.append(
            command, command.metadata(platform, at, stream), [NewEvents(stream, len(history), events)]
        )

    return await desk.carry_out(command, stream, attempt)
