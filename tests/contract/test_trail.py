"""What the account of a case that went from hand to hand tells to whom."""

from __future__ import annotations

import pytest

from application.commands.intake import case_number
from domain.kernel import Role
from infrastructure.web.account import account
from infrastructure.web.sentences import LANGUAGES, Language
from tests.contract.log import ANOTHER
from tests.contract.samples import handed_over

INSIDE = (
    *("买家口碑好，照片可信。", case_number(ANOTHER), "同一批次的橙子。", "法院已受理同一纠纷。", "法院案件已结。"),
    *("下周休假，来不及处理。", "熟悉生鲜类目。", "店主是我的邻居。"),
    *("arbitrator-wang", "arbitrator-zhao", "senior-hao", "auditor-he"),
)
OUTSIDE = ("已请物流公司提供签收照片。", "已经三天了，请尽快处理。")
STAFF = (Role.ARBITRATOR, Role.SENIOR_ARBITRATOR, Role.AUDITOR, None)


@pytest.mark.parametrize("viewer", [*Role, None])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stays_inside_the_platform_is_told_to_its_own_people_alone(
    language: Language, viewer: Role | None
) -> None:
    log = handed_over()
    told = " ".join(account(log.case, log.trail, language, viewer).split())
    assert {words for words in INSIDE if words in told} == (set(INSIDE) if viewer in STAFF else set())
    assert all(words in told for words in OUTSIDE)


def test_parties_learn_that_a_case_changed_hands_but_not_whose_they_were() -> None:
    log = handed_over()
    told = account(log.case, log.trail, "en", Role.BUYER)
    for sentence in (
        "Arbitrator gave the case back",
        "Senior arbitrator reassigned the case to another arbitrator",
        "Arbitrator declared a conflict and hears nothing of the case any more",
        "Merchant shop-orchard reminded the platform and the other side",
    ):
        assert sentence in " ".join(told.split()), sentence
    assert "knows a party" not in told
    assert "knows a party: 店主是我的邻居。" in account(log.case, log.trail, "en", Role.AUDITOR)
