"""Requests that nobody thought of, made by schemathesis from the description, sent by every role, held against it.

Each operation is first done by hand in a story in which it can be, by somebody who may (`access/operations.csv`); from
there on requests are made for that very case, such as the description allows and such as it does not. That each
operation succeeds is the stories' doing; how many did so with what was made is told beside it. Then a machine follows
the links of the description, from what one answer names to what can be done with it: there only the filing is by hand.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Session
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.openapi import from_url
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.http import story
from tests.http.matrix import NAMES, Operation, body_of, cast, digest_of, told
from tests.http.test_access_matrix import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import schemas
    from schemathesis.core.transport import Response as Answer
    from schemathesis.generation import case as requests_made

    APIOperation = schemas.APIOperation[Any, Any, Any, Any]
    Request = requests_made.Case[Any]
    BaseSchema = schemas.BaseSchema

    from tests.http.service import Person, Service
    from tests.http.story import Case

# How many requests of each kind every operation is sent; a larger number by hand.
EXAMPLES = int(os.environ.get("GONGDUAN_FUZZ_EXAMPLES", "8"))
FOLLOWED_MIN = 8  # operations that the machine comes to do, of itself
ROLES = ("buyer", "merchant", "arbitrator", "senior", "auditor", "platform", "rule_writer", "admin", "juror")
load_all_checks()
# What fits the description may break a rule of the case: the next function says which refusals that leaves.
LEFT_OUT = [positive_data_acceptance]
ABOUT_WHAT_IS_UNFIT = [negative_data_rejection]


def fits_and_is_not_called_unfit(_context: Any, answer: Answer, request: Request) -> None:
    """What the description allows is never answered as what it does not allow.

    But for what holds between fields (an order's amounts are of one currency), which no JSON Schema can say: such a
    fault names no field.
    """
    if (
        request.meta is None
        or request.meta.generation.mode is not GenerationMode.POSITIVE
        or has_fraction(request.body)
    ):
        return
    if answer.status_code == 422 and (refused := answer.json())["code"] == "validation":
        of_fields = [one for one in refused["details"]["faults"] if one["field"]]
        assert not of_fields, f"{request.operation.label}: {of_fields}"


def told_whole(error: BaseException) -> str:
    """What went wrong, each part of it where there are several."""
    parts = getattr(error, "exceptions", ())
    return "\n".join([str(error), *(told_whole(one) for one in parts)])


def has_fraction(value: Any) -> bool:
    """To JSON Schema 2.0 is an integer, too; the service converts nothing."""
    if isinstance(value, dict | list):
        return any(has_fraction(inner) for inner in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, float)


def has_more_than_described(request: Request) -> bool:
    """What nobody described in a query is left unread."""
    return bool(set(request.query or ()) - {one.name for one in request.operation.iter_parameters()})


@dataclass(slots=True)
class Run:
    """What was answered so far, by operation: to what was done by hand, was made for a case, and followed a link."""

    session: Session = field(default_factory=Session)
    by_hand: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    made: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    followed: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def send(self, request: Request, person: Person, counted: dict[str, Counter[int]]) -> Answer:
        """Send, and hold the answer against the description."""
        answer = request.call(**self.options(person))
        self.check(request, answer, person, counted)
        return answer

    def options(self, person: Person) -> dict[str, Any]:
        return {"session": self.session, "headers": {"Authorization": f"Bearer {person.token}"}}

    def check(self, request: Request, answer: Answer, person: Person, counted: dict[str, Counter[int]]) -> None:
        counted[name_of(request.operation)][answer.status_code] += 1
        request.validate_response(
            answer,
            headers=self.options(person)["headers"],
            additional_checks=[fits_and_is_not_called_unfit],
            excluded_checks=[*LEFT_OUT, *(ABOUT_WHAT_IS_UNFIT if has_more_than_described(request) else ())],
            transport_kwargs={"session": self.session},
        )


def name_of(operation: APIOperation) -> str:
    name: str = operation.definition.raw["operationId"]
    return name


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with Session() as session:
        session.trust_env = False
        yield Run(session)


@pytest.fixture(scope="module")
def schema(service: Service) -> BaseSchema:
    return from_url(f"{service.address}/openapi.json")


def operations(schema: BaseSchema) -> list[APIOperation]:
    return [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]


def places(operation: APIOperation, case: Case) -> dict[str, str]:
    """The names in the operation's address, as they are in this case."""
    known = NAMES | {"dispute": case.id, "order_id": case.order_id, "digest": digest_of(case)}
    return {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}


def by_hand(operation: APIOperation, case: Case, run: Run, person: Person) -> Answer:
    """The operation as it is done in the story."""
    raw = operation.definition.raw
    described = Operation(raw["operationId"], operation.method.upper(), operation.path, raw)
    media = next(iter(raw.get("requestBody", {}).get("content", {})), None)
    sent: dict[str, Any] = {"path_parameters": places(operation, case), "headers": {}}
    if operation.method == "post":
        sent["headers"] = {"Idempotency-Key": f"story-{raw['operationId']}"}
    if media == "multipart/form-data":
        sent |= {"media_type": media, "body": {"file": b"a photo in words", "kind": "photo", "shows": "what it shows"}}
    elif media is not None:
        sent |= {"media_type": media, "body": body_of(described, case, {"order_id": case.order_id})}
    return run.send(operation.Case(**sent), person, run.by_hand)


def steadily(examples: int) -> settings:
    """The same requests in every run, unless more are asked for by hand."""
    return settings(
        max_examples=examples,
        derandomize="GONGDUAN_FUZZ_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def generated(operation: APIOperation, case: Case, run: Run, people: list[Person], mode: GenerationMode) -> None:
    """Requests made for this case, such as the description allows, or such as it does not."""
    there = places(operation, case) if mode is GenerationMode.POSITIVE else None

    @steadily(EXAMPLES)
    @given(operation.as_strategy(generation_mode=mode, path_parameters=there), st.sampled_from(people))
    def send(request: Request, by: Person) -> None:
        run.send(request, by, run.made)

    send()


def done(answered: dict[str, Counter[int]]) -> set[str]:
    """The operations that succeeded at least once."""
    return {name for name, statuses in answered.items() if any(status < 300 for status in statuses)}


def said(kind: str, answered: dict[str, Counter[int]]) -> None:
    statuses = sum(answered.values(), Counter[int]())
    told_of = f"{kind}: {statuses.total()} answers, {len(done(answered))} operations done"
    sys.stdout.write(f"{told_of}, {dict(sorted(statuses.items()))}\n")


def whoever_may(name: str, people: dict[str, Person]) -> Person:
    """Somebody who is let in to do this."""
    row = OPERATIONS[name]
    return next(people[who] for who in (*ROLES, *people) if row[who] == "yes")


def test_no_request_that_anybody_makes_is_answered_otherwise_than_described(
    service: Service, schema: BaseSchema, run: Run
) -> None:
    wrong: dict[str, str] = {}
    for operation in operations(schema):
        name = name_of(operation)
        case = told(service, OPERATIONS[name]["story"])
        people = cast(case)
        may = whoever_may(name, people)
        by_hand(operation, case, run, may)
        senders = [people[who] for who in ROLES] + [may] * len(ROLES)
        for mode in GenerationMode:
            try:
                generated(operation, case, run, senders, mode)
            except (Exception, FailureGroup) as error:  # noqa: BLE001 - all that is wrong is told at once
                wrong[f"{name}, {mode}"] = told_whole(error)
    said("by hand", run.by_hand)
    said("made", run.made)
    assert not wrong, "\n\n".join(f"{name}\n{why}" for name, why in wrong.items())
    assert done(run.by_hand) == {name_of(one) for one in operations(schema)}


# Along the links of the description and no guessed ones, with requests such as it allows.
FOLLOWING = {
    "generation": {"mode": "positive", "with-security-parameters": False},
    "phases": {"stateful": {"inference": {"algorithms": []}}},
}


def test_what_one_answer_names_can_be_followed_to_the_next(service: Service, run: Run) -> None:
    config = SchemathesisConfig.from_dict(FOLLOWING)
    whole = from_url(f"{service.address}/openapi.json", config=config)
    schema = whole.include(path_regex="^/v1/disputes").exclude(operation_id="list_disputes")
    case = story.a_case(service)
    people = cast(case)
    # For who declares a conflict the case is not there any more: that is somebody who does nothing else here.
    others = people | {"arbitrator": people["other_arbitrator"]}
    turns = count(1)

    class Machine(schema.as_state_machine()):  # type: ignore[misc]  # a class made from the description
        """Filing is done by hand, on an order of its own; what follows is made."""

        def before_call(self, request: Request) -> None:
            turn = f"followed-{next(turns)}"
            if "Idempotency-Key" in request.headers:
                request.headers["Idempotency-Key"] = turn
            request.headers.pop("If-Match", None)
            if name_of(request.operation) == "file_dispute":
                replace(case, order_id=turn).register()
                request.body = {"order_id": turn, "claims": [story.a_claim()]}

        def who(self, request: Request) -> Person:
            name = name_of(request.operation)
            return whoever_may(name, others if name == "declare_conflict" else people)

        def get_call_kwargs(self, request: Request) -> dict[str, Any]:
            return run.options(self.who(request))

        def validate_response(self, answer: Answer, request: Request, *_: Any, **_options: Any) -> None:
            run.check(request, answer, self.who(request), run.followed)

    Machine.run(settings=settings(steadily(EXAMPLES * 3), stateful_step_count=12))
    said("followed", run.followed)
    assert len(done(run.followed)) >= FOLLOWED_MIN
