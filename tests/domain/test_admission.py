from __future__ import annotations

from typing import Any

import pytest

from domain.dispute import admission, evidence, ruling
from domain.dispute.admission import (
    AlreadyChallenged,
    ChallengeGround,
    EvidenceAdmitted,
    EvidenceChallenged,
    EvidenceExcluded,
    ExhibitCounts,
    ExhibitIsExcluded,
    ExhibitIsLate,
    ExhibitReliedOn,
    OwnExhibit,
    UnknownExhibit,
)
from domain.dispute.intake import NotAParty
from domain.dispute.review import NotAnArbitrator, NotYourCase
from domain.dispute.stages import NotOpenForThis
from domain.kernel import Actor, DomainError, Event, Role
from tests.support.builders import (
    ARBITRATOR,
    ARBITRATOR_MACHINE,
    BUYER,
    MERCHANT,
    OTHER_ARBITRATOR,
    OTHER_BUYER,
    OTHER_MERCHANT,
    a_default,
    a_hearing,
    a_playbook,
    a_reopening,
    a_ruling,
    an_appeal,
    an_award_sought,
    an_exhibit,
    an_intervention,
    awaiting,
    decided,
    hours,
    negotiating,
    reversing,
    served,
    taken_in_hand,
    under_review,
)
from tests.support.given import fold, given
from tests.support.money import settled

LATE = an_exhibit(late=True)
NEXT = Actor(role=Role.ARBITRATOR, id="arbitrator-lu")


def challenge(exhibit: str = "e1", by: Actor = MERCHANT) -> Any:
    ground = ChallengeGround.AUTHENTICITY
    return lambda dispute: admission.challenge(dispute, exhibit, ground, "不是这箱", by=by, at=hours(8))


def challenged(exhibit: str = "e1", by: Actor = MERCHANT) -> EvidenceChallenged:
    return EvidenceChallenged(
        exhibit=exhibit, ground=ChallengeGround.AUTHENTICITY, statement="不是这箱", by=by, at=hours(8)
    )


def admit(exhibit: str = "e1", by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: admission.admit(dispute, exhibit, "快递晚到，情有可原", by=by, at=hours(8))


def admitted(exhibit: str = "e1") -> EvidenceAdmitted:
    return EvidenceAdmitted(exhibit=exhibit, reason="快递晚到，情有可原", by=ARBITRATOR, at=hours(8))


def exclude(exhibit: str = "e1", by: Actor = ARBITRATOR) -> Any:
    return lambda dispute: admission.exclude(dispute, exhibit, "与本案无关", by=by, at=hours(8))


def excluded(exhibit: str = "e1", by: Actor = ARBITRATOR) -> EvidenceExcluded:
    return EvidenceExcluded(exhibit=exhibit, reason="与本案无关", by=by, at=hours(8))


def rule_on(*exhibits: str) -> Any:
    sought = (an_award_sought(relied_on=exhibits),)
    return lambda dispute: ruling.rule(dispute, a_playbook(), sought, "理由", by=ARBITRATOR, at=hours(9))


@pytest.mark.parametrize("before", [awaiting(), negotiating(), under_review(), taken_in_hand()])
@pytest.mark.parametrize(("shown_by", "by"), [(BUYER, MERCHANT), (MERCHANT, BUYER)])
def test_the_other_side_challenges_an_exhibit_until_the_case_is_decided(
    before: tuple[Event, ...], shown_by: Actor, by: Actor
) -> None:
    given(*before, an_exhibit(by=shown_by)).when(challenge(by=by)).then(challenged(by=by))
    after = fold(*before, an_exhibit(by=shown_by), challenged(by=by))
    assert after.admission.challenges == (challenged(by=by),)


@pytest.mark.parametrize("before", [decided(), settled()])
def test_nothing_is_challenged_in_a_case_that_is_decided_or_settled(before: tuple[Event, ...]) -> None:
    given(*before, an_exhibit()).when(challenge()).then_refused(NotOpenForThis)


def test_nobody_challenges_their_own_exhibit_and_strangers_none() -> None:
    given(*awaiting(), an_exhibit()).when(challenge(by=BUYER)).then_refused(OwnExhibit)
    for stranger in (OTHER_BUYER, OTHER_MERCHANT, ARBITRATOR):
        given(*awaiting(), an_exhibit()).when(challenge(by=stranger)).then_refused(NotAParty)


def test_an_exhibit_is_challenged_once() -> None:
    shown = (*awaiting(), an_exhibit(), an_exhibit("e2", content="another"), challenged())
    given(*shown).when(challenge()).then_refused(AlreadyChallenged, exhibit="e1")
    given(*shown).when(challenge("e2")).then(challenged("e2"))


@pytest.mark.parametrize("act", [challenge("e2"), admit("e2"), exclude("e2")])
def test_only_what_was_shown_is_challenged_admitted_or_excluded(act: Any) -> None:
    given(*taken_in_hand(), an_exhibit()).when(act).then_refused(UnknownExhibit, exhibit="e2")


def test_a_challenge_alone_leaves_an_exhibit_in_what_counts() -> None:
    [confirmed] = given(*taken_in_hand(), an_exhibit(), challenged()).when(rule_on("e1")).happened
    assert confirmed.awards[0].relied_on == ("e1",)


def test_a_ruling_relies_on_no_late_exhibit_that_was_not_admitted() -> None:
    given(*taken_in_hand(), LATE).when(rule_on("e1")).then_refused(ExhibitIsLate, exhibit="e1")
    [confirmed] = given(*taken_in_hand(), LATE, admitted()).when(rule_on("e1")).happened
    assert confirmed.awards[0].relied_on == ("e1",)


def test_a_ruling_relies_on_no_excluded_exhibit() -> None:
    for shown in (an_exhibit(), LATE):
        for before in ((), (admitted(),)):
            gone = (*taken_in_hand(), shown, *before, excluded())
            given(*gone).when(rule_on("e1")).then_refused(ExhibitIsExcluded, exhibit="e1")


def test_the_arbitrator_who_has_the_case_admits_what_is_late() -> None:
    given(*taken_in_hand(), LATE).when(admit()).then(admitted())
    given(*taken_in_hand(), LATE, admitted()).when(admit()).then_refused(ExhibitCounts, exhibit="e1")
    given(*taken_in_hand(), an_exhibit()).when(admit()).then_refused(ExhibitCounts, exhibit="e1")


def test_an_exclusion_can_be_taken_back() -> None:
    given(*taken_in_hand(), an_exhibit(), excluded()).when(admit()).then(admitted())
    given(*taken_in_hand(), an_exhibit(), excluded(), admitted()).when(exclude()).then(excluded())


def test_the_arbitrator_who_has_the_case_excludes_what_counts() -> None:
    given(*taken_in_hand(), an_exhibit()).when(exclude()).then(excluded())
    given(*taken_in_hand(), an_exhibit(), excluded()).when(exclude()).then_refused(ExhibitIsExcluded, exhibit="e1")
    given(*taken_in_hand(), LATE).when(exclude()).then_refused(ExhibitIsLate, exhibit="e1")


def test_what_the_last_decision_relies_on_is_not_excluded() -> None:
    shown = (*taken_in_hand(), an_exhibit(), an_exhibit("e2", content="another"))
    ruled = a_ruling(an_award_sought(relied_on=("e1",)), before=shown)
    heard = (*shown, ruled, an_appeal(), *a_hearing())
    given(*heard).when(exclude(by=OTHER_ARBITRATOR)).then_refused(ExhibitReliedOn, exhibit="e1")
    given(*heard).when(exclude("e2", by=OTHER_ARBITRATOR)).then(excluded("e2", by=OTHER_ARBITRATOR))
    reversed_then = reversing(an_award_sought(relied_on=("e2",)))(fold(*heard))
    reopened = (*heard, *reversed_then, a_reopening(), *an_intervention(by=NEXT))
    given(*reopened).when(exclude("e2", by=NEXT)).then_refused(ExhibitReliedOn, exhibit="e2")
    given(*reopened).when(exclude(by=NEXT)).then(excluded(by=NEXT))


def test_silence_relies_on_no_exhibit() -> None:
    heard = (*served(), an_exhibit(), a_default(), an_appeal(), *a_hearing())
    given(*heard).when(exclude(by=OTHER_ARBITRATOR)).then(excluded(by=OTHER_ARBITRATOR))


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (OTHER_ARBITRATOR, NotYourCase),
        *((by, NotAnArbitrator) for by in (ARBITRATOR_MACHINE, BUYER, MERCHANT)),
    ],
)
def test_nobody_else_says_what_counts(by: Actor, refusal: type[DomainError]) -> None:
    given(*taken_in_hand(), LATE).when(admit(by=by)).then_refused(refusal)
    given(*taken_in_hand(), an_exhibit()).when(exclude(by=by)).then_refused(refusal)


@pytest.mark.parametrize("before", [negotiating(), decided()])
def test_what_counts_is_decided_while_the_case_is_under_review(before: tuple[Event, ...]) -> None:
    given(*before, LATE).when(admit()).then_refused(NotOpenForThis)
    given(*before, an_exhibit()).when(exclude()).then_refused(NotOpenForThis)


def test_what_does_not_count_is_missing_again() -> None:
    def photo_is_missing(*events: Event) -> bool:
        lacking = evidence.missing(fold(*taken_in_hand(), *events), a_playbook())
        return (Role.BUYER, "photo") in [(one.need.who, one.need.kind) for one in lacking]

    assert photo_is_missing()
    assert not photo_is_missing(an_exhibit())
    assert photo_is_missing(an_exhibit(), excluded())
    assert photo_is_missing(LATE)
    assert not photo_is_missing(LATE, admitted())
    assert not photo_is_missing(an_exhibit(), excluded(), an_exhibit("e2", content="another"))
