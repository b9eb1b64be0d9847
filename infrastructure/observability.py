"""Logs: one JSON line per command, and never a person's words or names."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Any

import structlog

from application.policy import NotThere
from domain.kernel import DomainError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from structlog.typing import EventDict, WrappedLogger

    from application.commands.desk import Done

# Only these fields reach a log line; whatever else somebody passes is dropped, so that no text of a case can.
FIELDS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "command",
        "dispute",
        "stream",
        "role",
        "outcome",
        "code",
        "reason_code",
        "position",
        "version",
        "ms",
        "follower",
        "error",
        "method",
        "route",
        "status",
        "request_id",
        "payout",
        "count",
        "environment",
        "pid",
        "host",
        "port",
        "clock",
        "attempt",
    }
)


def only_known_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every field that is not known to be free of personal data."""
    return {name: value for name, value in event.items() if name in FIELDS}


async def logged(command: str, role: str, doing: Awaitable[Done], **about: Any) -> Done:  # noqa: ANN401 - shown as they are
    """One line for a command: which, on what, in what role, with what outcome. Nobody's words or names."""
    started = time.perf_counter()
    line = structlog.get_logger().bind(command=command, role=role, **about)
    try:
        done = await doing
    except DomainError as refused:
        line.info("command", outcome="refused", code=refused.CODE, ms=_ms(started))
        raise
    except NotThere:
        line.info("command", outcome="not_there", ms=_ms(started))
        raise
    outcome = "repeated" if done.repeated else "done"
    place = {"stream": str(done.stream), "version": done.version, "position": done.position}
    line.info("command", outcome=outcome, ms=_ms(started), **place)
    return done


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def configure(level: str = "info") -> None:
    """JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_known_fields,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # What libraries say may hold parameters of statements: only what they call an error, without its arguments.
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr, force=True)
