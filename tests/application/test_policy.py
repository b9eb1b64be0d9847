"""The whole policy table, cell by cell, against two lists kept apart from it: of people and of machines.

A cell says on which cases a role does it: "-" none, "party" its own ones, "own" those of its platform, "all" all.
"""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest

from application import policy
from application.policy import FIELDS, TABLE, Caller, NotAllowed, NotThere
from domain.dispute.dispute import Dispute
from domain.dispute.hold import LegalHoldLifted, LegalHoldPlaced
from domain.dispute.link import CaseLinked, LinkKind
from domain.dispute.note import NoteAdded, NoteKind
from domain.dispute.review import ConflictDeclared, ConflictGround
from domain.kernel import ARBITRATORS, Actor, Event, Role
from tests.support.builders import (
    ARBITRATOR,
    AUDITOR,
    BUYER,
    ELSEWHERE,
    MERCHANT,
    OTHER_ARBITRATOR,
    OTHER_BUYER,
    OTHER_MERCHANT,
    PLATFORM,
    an_exhibit,
    awaiting,
    hours,
)
from tests.support.given import fold

PARTIES = {Role.BUYER: BUYER, Role.MERCHANT: MERCHANT}
STRANGERS = {Role.BUYER: OTHER_BUYER, Role.MERCHANT: OTHER_MERCHANT}


def _cells(name: str) -> dict[tuple[str, Role], str]:
    with (Path(__file__).parent / name).open(encoding="utf-8") as file:
        return {
            (row["operation"], Role(role)): cell
            for row in csv.DictReader(file)
            for role, cell in row.items()
            if role != "operation"
        }


CELLS = _cells("policy_cells.csv")
OF_MACHINES = _cells("policy_cells_of_machines.csv")
OPERATIONS = sorted({operation for operation, _ in CELLS})
Cells = dict[tuple[str, Role], str]
PEOPLE_OR_MACHINES = pytest.mark.parametrize(
    ("cells", "is_tool"), [(CELLS, False), (OF_MACHINES, True)], ids=["people", "machines"]
)


def expected(cells: Cells, operation: str, role: Role, platform: str, *, is_party: bool) -> bool:
    match cells[operation, role]:
        case "all":
            return True
        case "own":
            return platform == PLATFORM
        case "party":
            return platform == PLATFORM and is_party
        case cell:
            assert cell == "-"
            return False


def somebody(role: Role, *, is_party: bool, is_tool: bool) -> Actor:
    named = PARTIES if is_party else STRANGERS
    return named.get(role, Actor(role=role, id="somebody")).model_copy(update={"is_tool": is_tool})


@pytest.fixture(scope="module")
def dispute() -> Dispute:
    state: Dispute = fold(*awaiting())
    return state


@PEOPLE_OR_MACHINES
@pytest.mark.parametrize("operation", OPERATIONS)
def test_invariant_13_everybody_may_do_and_see_what_is_written_and_nothing_else(
    operation: str, cells: Cells, dispute: Dispute, *, is_tool: bool
) -> None:
    for role, platform, is_party in product(Role, (PLATFORM, "other"), (True, False)):
        if is_party and role not in PARTIES:
            continue
        caller = Caller(somebody(role, is_party=is_party, is_tool=is_tool), platform)
        cell = (operation, str(role), platform, is_party)
        may = expected(cells, operation, role, platform, is_party=is_party)
        assert policy.allows(operation, caller, PLATFORM, dispute) == may, cell
        if may:
            policy.require(operation, caller, PLATFORM, dispute)
            continue
        sees_it = expected(cells, "see_case", role, platform, is_party=is_party)
        with pytest.raises(NotAllowed if sees_it else NotThere):
            policy.require(operation, caller, PLATFORM, dispute)


def test_the_table_has_no_row_that_nobody_wrote_down() -> None:
    assert {row.operation for row in TABLE} == set(OPERATIONS)
    assert {role for _, role in CELLS} == set(Role)
    assert OF_MACHINES.keys() == CELLS.keys()


def test_a_machine_has_no_cell_that_its_role_has_not() -> None:
    assert {key: cell for key, cell in OF_MACHINES.items() if cell not in {CELLS[key], "-"}} == {}


@PEOPLE_OR_MACHINES
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("role", list(Role))
def test_what_is_about_no_case_is_done_on_ones_own_platform(
    operation: str, role: Role, cells: Cells, *, is_tool: bool
) -> None:
    caller = Caller(somebody(role, is_party=True, is_tool=is_tool), PLATFORM)
    cell = cells[operation, role]
    assert policy.allows(operation, caller, PLATFORM) == (cell in {"own", "all"})
    assert policy.allows(operation, caller) == (cell in {"own", "all"})
    assert policy.allows(operation, caller, "other") == (cell == "all")


def test_what_belongs_to_another_platform_answers_like_what_is_not_there() -> None:
    with pytest.raises(NotThere):
        policy.require("see_order", Caller(Actor(role=Role.AUDITOR, id="a"), PLATFORM), "other")
    for platform in (PLATFORM, None):
        with pytest.raises(NotAllowed) as refused:
            policy.require("see_order", Caller(BUYER, PLATFORM), platform)
        assert refused.value.details == {"operation": "see_order", "role": "buyer"}


INSIDE = (
    NoteAdded(kind=NoteKind.INTERNAL, text="已核对", by=ARBITRATOR, at=hours(7)),
    CaseLinked(other=ELSEWHERE, kind=LinkKind.RELATED, reason="同一批", by=ARBITRATOR, at=hours(7)),
    LegalHoldPlaced(reason="法院调卷", by=AUDITOR, at=hours(7)),
    LegalHoldLifted(reason="已结案", by=AUDITOR, at=hours(8)),
)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("event", INSIDE, ids=lambda event: event.TOPIC)
def test_what_is_written_down_for_the_platforms_own_people_is_not_told_to_others(role: Role, event: Event) -> None:
    assert policy.sees_event(event, role) == (role in {"arbitrator", "senior_arbitrator", "auditor"})
    for name in ("internal_notes", "links", "legal_hold"):
        assert policy.sees(name, role) == (role in {"arbitrator", "senior_arbitrator", "auditor"})


@pytest.mark.parametrize("role", list(Role))
def test_what_a_file_tells_beside_what_it_shows_is_for_the_side_that_showed_it_and_for_staff(role: Role) -> None:
    staff = {"arbitrator", "senior_arbitrator", "auditor"}
    assert policy.sees_provenance(an_exhibit(), role) == (role in {"buyer", *staff})
    assert policy.sees_provenance(an_exhibit(by=MERCHANT), role) == (role in {"merchant", *staff})


@pytest.mark.parametrize("role", list(Role))
def test_a_public_note_is_told_to_everybody_who_sees_the_case(role: Role) -> None:
    assert policy.sees_event(INSIDE[0].model_copy(update={"kind": NoteKind.PUBLIC}), role)


def conflicted(by: Actor) -> Dispute:
    declared = ConflictDeclared(ground=ConflictGround.KNOWS_PARTY, reason="认识店主", by=by, at=hours(7))
    state: Dispute = fold(*awaiting(), declared)
    return state


@pytest.mark.parametrize("is_tool", [False, True], ids=["the person", "their machine"])
@pytest.mark.parametrize("role", sorted(ARBITRATORS))
@pytest.mark.parametrize("operation", sorted({row.operation for row in TABLE} - {"declare_conflict"}))
def test_for_who_has_declared_a_conflict_the_case_is_not_there(role: Role, operation: str, *, is_tool: bool) -> None:
    case = conflicted(ARBITRATOR)
    # The same person as a senior arbitrator has the same conflict.
    who = Caller(Actor(role=role, id=ARBITRATOR.id, is_tool=is_tool), PLATFORM)
    assert not policy.allows(operation, who, PLATFORM, case)
    with pytest.raises(NotThere):
        policy.require(operation, who, PLATFORM, case)
    other = Caller(Actor(role=role, id=OTHER_ARBITRATOR.id), PLATFORM)
    assert policy.allows(operation, other, PLATFORM, case) == (CELLS[operation, role] == "own")


def test_a_conflict_is_an_arbitrators_and_takes_nothing_from_a_namesake_in_another_role() -> None:
    case = conflicted(ARBITRATOR)
    assert policy.allows("see_case", Caller(Actor(role=Role.AUDITOR, id=ARBITRATOR.id), PLATFORM), PLATFORM, case)


def test_who_has_declared_a_conflict_may_send_the_declaration_again() -> None:
    policy.require("declare_conflict", Caller(ARBITRATOR, PLATFORM), PLATFORM, conflicted(ARBITRATOR))


def test_what_is_not_kept_from_anybody_is_seen_by_all() -> None:
    assert all(policy.sees("stage", role) for role in Role)
    assert set(FIELDS) == {
        *("arbitrator", "internal_notes", "links", "legal_hold", "proposal", "provenance"),
        *("payment_reference", "payment_reason"),
    }
