"""The service as `serve` runs it, with one route more: the same way of a request, and nothing done at its end.

Only the bench starts this, as its own child; the product has no such route.
"""

from __future__ import annotations

import argparse
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from application.policy import Caller
from infrastructure import observability
from infrastructure.bench.material import MERCHANT, PLATFORM
from infrastructure.bootstrap import open_container
from infrastructure.http.answers import CaseAnswer
from infrastructure.http.app import JSON_BYTES_MAX, create_app
from infrastructure.http.auth import Verifier
from infrastructure.http.intake import Responding
from infrastructure.http.requests import Acting, DisputeId, json_body
from infrastructure.http.viewing import case_answer
from infrastructure.privacy.keys import signing_key
from infrastructure.running import run
from infrastructure.serving import http_server
from infrastructure.settings import Settings


def idle_router(answer: CaseAnswer) -> APIRouter:
    """The route that checks a request as `respond_to_dispute` does, does nothing, and always answers the same."""
    router = APIRouter()

    @router.post("/idle/{dispute}/responses", status_code=201, response_model_exclude_none=True)
    async def idle(
        dispute: DisputeId,  # noqa: ARG001 - checked and not used
        act: Acting,  # noqa: ARG001 - the same
        responding: Annotated[Responding, Depends(json_body(Responding))],  # noqa: ARG001 - the same
    ) -> CaseAnswer:
        return answer

    return router


async def serve(settings: Settings, dispute: UUID) -> None:
    """Serve until told to stop; the idle route answers with this dispute as its merchant saw it after its answer."""
    async with open_container(settings) as container:
        case = await container.cases.load(dispute, 2)
        assert case is not None  # noqa: S101 - who starts this has just made it
        app = create_app(container, Verifier(signing_key(settings.data / "keys")))
        answer = case_answer(case, Caller(MERCHANT, PLATFORM), "en")
        app.include_router(idle_router(answer), prefix="/v1", max_body_size=JSON_BYTES_MAX)
        await http_server(settings, app).serve()


def main() -> None:
    """What the child runs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("dispute", type=UUID)
    settings = Settings()
    observability.configure(settings.log_level)
    run(serve(settings, parser.parse_args().dispute))


if __name__ == "__main__":
    main()
