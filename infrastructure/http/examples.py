"""Examples in the documentation: one small case told through; a test sends each of them."""

from __future__ import annotations

from typing import Any, Final

ORDER: Final[dict[str, Any]] = {
    "order_id": "20261118-7781",
    "buyer": "Lin",
    "merchant": "Orchard",
    "ordered_at": "2026-11-18T09:30:00+08:00",
    "delivered_at": "2026-11-20T15:10:00+08:00",
    "listing": "冰糖橙 5 斤装，不甜包退",
    "lines": [{"id": "1", "title": "冰糖橙 5 斤装", "quantity": 1, "paid": {"minor": 3980, "currency": "CNY"}}],
    "freight": {"minor": 0, "currency": "CNY"},
    "promises": [{"code": "sweet_or_refund", "text": "不甜包退"}],
}
FILING: Final[dict[str, Any]] = {
    "order_id": "20261118-7781",
    "claims": [
        {
            "reason": "taste_or_freshness",
            "lines": ["1"],
            "remedy": "refund_only",
            "statement": "收到的橙子又酸又干，页面写不甜包退。",
        }
    ],
}
CLAIMING: Final[dict[str, Any]] = {
    "reason": "taste_or_freshness",
    "lines": ["2"],
    "remedy": "refund_only",
    "statement": "同一单的另一箱也是干的。",
}
NOTICE: Final[dict[str, Any]] = {"channel": "app", "reference": "push-81f3", "served_at": "2026-11-21T10:02:00+08:00"}
RESPONDING: Final[dict[str, Any]] = {"answer": "contest", "statement": "口味因人而异，不是退款理由。"}
MESSAGE: Final[dict[str, Any]] = {"text": "照片已经发了，切开是干的。"}
OFFERING: Final[dict[str, Any]] = {
    "terms": [
        {"claim": "c1", "remedy": "partial_refund", "amount": {"minor": 1000, "currency": "CNY"}},
        {"claim": "c1", "remedy": "coupon", "amount": {"minor": 500, "currency": "CNY"}},
    ],
    "note": "退 10 元，再送一张 5 元的券，橙子留着吃。",
}
REFUSING: Final[dict[str, Any]] = {"reason": "一半都不能吃，10 元不够。"}
REQUESTING: Final[dict[str, Any]] = {
    "side": "buyer",
    "kinds": ["parcel_photo"],
    "why": "请补一张外包装和面单的照片。",
}
CHALLENGING: Final[dict[str, Any]] = {"ground": "authenticity", "statement": "照片里的箱子不是我们的包装。"}
ADMITTING: Final[dict[str, Any]] = {"reason": "快递迟到造成的，不是买家的过错。"}
EXCLUDING: Final[dict[str, Any]] = {"reason": "是另一个订单的照片，与本案无关。"}
PAUSING: Final[dict[str, Any]] = {
    "ground": "outage",
    "reason": "商家后台故障，暂时无法回应。",
    "hours": 24,
}
GIVING: Final[dict[str, Any]] = {
    "amount": {"minor": 500, "currency": "CNY"},
    "tender": "money",
    "why": "抱歉让您久等，一点心意。",
}
CHASING: Final[dict[str, Any]] = {"text": "已经三天了，请尽快处理。"}
RELEASING: Final[dict[str, Any]] = {"reason": "下周休假，来不及处理。"}
REASSIGNING: Final[dict[str, Any]] = {"arbitrator": "arbitrator-zhao", "reason": "熟悉生鲜类目。"}
DECLARING: Final[dict[str, Any]] = {"ground": "knows_party", "reason": "店主是我的邻居。"}
NOTING: Final[dict[str, Any]] = {"kind": "public", "text": "已请物流公司提供签收照片。"}
LINKING: Final[dict[str, Any]] = {
    "dispute": "0d8f1f7e-6a3f-5c37-8a53-5c1f0f6f4b11",
    "kind": "related",
    "reason": "同一批次的橙子。",
}
HOLDING: Final[dict[str, Any]] = {"reason": "法院已受理同一纠纷，材料须保全。"}
LIFTING: Final[dict[str, Any]] = {"reason": "法院案件已结。"}
ESCALATING: Final[dict[str, Any]] = {"reason": "商家不认自己写的承诺。"}
DECIDING: Final[dict[str, Any]] = {
    "awards": [
        {
            "claim": "c1",
            "finding": "upheld",
            "facts": "页面承诺不甜包退；照片显示果肉干。",
            "relied_on": ["e1"],
            "rules": ["COMMON-PROMISE-1"],
            "remedies": [
                {"remedy": "refund_only"},
                {"remedy": "coupon", "amount": {"minor": 500, "currency": "CNY"}},
            ],
        }
    ],
    "reasons": "承诺就是合同的一部分。商家说口味是主观的，但这正是承诺的内容。",
}
APPEALING: Final[dict[str, Any]] = {"ground": "new_evidence", "statement": "仓库找到了发货前的抽检照片。"}
REJECTING: Final[dict[str, Any]] = {"reason": "申诉没有说明裁决错在哪里。"}
UPHOLDING: Final[dict[str, Any]] = {"reasons": "抽检照片是另一批货，原裁决没有错。"}
REVERSING: Final[dict[str, Any]] = {
    "awards": [
        {"claim": "c1", "finding": "dismissed", "facts": "抽检照片与发货批次一致。", "rules": ["COMMON-UNPROVED-1"]}
    ],
    "reasons": "新证据更可信，诉求没有证据支持。",
}
WITHDRAWING: Final[dict[str, Any]] = {"reason": "和商家说好了，不争了。"}
REOPENING: Final[dict[str, Any]] = {"ground": "fraud", "reason": "买家的照片取自另一个订单。"}
RECOVERING: Final[dict[str, Any]] = {
    "recovery": "v1",
    "amount": {"minor": 3980, "currency": "CNY"},
    "reference": "back-20261201-3",
}
WRITING_OFF: Final[dict[str, Any]] = {"reason": "买家账号已注销，多次联系无果。"}
RETURNING: Final[dict[str, Any]] = {"reason": "没有回应商家提交的页面存档。"}
CORRECTING: Final[dict[str, Any]] = {
    "kind": "typing",
    "reasons": "承诺就是合同的一部分。商家说口味是主观的，但承诺的正是口味。",
    "why": "漏写了半句。",
}
REQUESTING_HUMAN: Final[dict[str, Any]] = {"reason": "情况特殊，请仲裁员来看。"}
PLAYBOOK: Final = """\
format: 1
platform: common
version: v2
title: {zh: 最小规则包, en: The smallest playbook}
custody: {zh: 请保留商品。, en: Keep the goods.}
clocks:
  notice:
    whose: [platform]
    hours: 72
    calendar: 24x7
    on_silence: {zh: 平台仲裁员处理。, en: An arbitrator takes the case.}
  answer:
    whose: [merchant]
    hours: 48
    calendar: 24x7
    on_silence: {zh: 平台介入。, en: The platform steps in.}
  offer:
    whose: [buyer, merchant]
    hours: 48
    calendar: 24x7
    on_silence: {zh: 方案失效。, en: The offer lapses.}
  evidence:
    whose: [buyer, merchant]
    hours: 72
    calendar: 24x7
    on_silence: {zh: 按现有证据裁决。, en: The case is decided on what is there.}
  appeal:
    whose: [buyer, merchant]
    hours: 168
    calendar: 24x7
    on_silence: {zh: 裁决生效。, en: The ruling is final.}
remedies_start: at_final
limits:
  exhibits_per_side: 30
  messages_per_side: 200
  offers_per_side: 20
  chases_per_side: 20
  goodwill_per_side: 3
  goodwill_percent: 100
  notes: 200
  evidence_requests: 20
  pause_hours: 240
  instances: 2
reasons:
  - id: taste_or_freshness
    nature: quality
    title: {zh: 口味不符, en: Taste is not as described}
    remedies: [refund_only]
    evidence: []
remedies:
  - id: REFUND
    kind: refund_only
    payer: merchant
    percent: 100
    sentence: {zh: 退还实付金额。, en: The price paid is returned.}
rules:
  - id: PROMISE
    finding: upheld
    reasons: [taste_or_freshness]
    source: 消费者权益保护法 第十六条
    sentence: {zh: 承诺没有做到，支持买家。, en: A promise that is not kept upholds the buyer.}
  - id: UNPROVED
    finding: dismissed
    reasons: [taste_or_freshness]
    source: 平台默认规则，未引法条
    sentence: {zh: 没有证据，不支持买家。, en: A claim that nothing supports is dismissed.}
"""
REPORTING: Final[dict[str, Any]] = {
    "claim": "c1",
    "amount": {"minor": 1000, "currency": "CNY"},
    "source": "merchant_transfer",
    "reference": "transfer-20261124-17",
}
PUBLISHING: Final[dict[str, Any]] = {"source": PLAYBOOK}
MOVING: Final[dict[str, Any]] = {"to": "2100-01-01T00:00:00+08:00"}
ACCOUNT: Final = "D-7KQ4M-2XDAB\n#1 2026-11-23 14:05 …\n"
DISPUTE: Final = "5a1c7e0e-2f5b-5d0e-9a51-3f0a6d1a9c42"
HREF: Final = f"/v1/disputes/{DISPUTE}"
DIGEST: Final = "86bf9fa2833f034986bf9fa2833f034986bf9fa2833f034986bf9fa2833f0349"
FILED_AT: Final = "2026-11-23T14:05:00Z"
CASE: Final[dict[str, Any]] = {
    "id": DISPUTE,
    "number": "D-7KQ4M-2XDAB",
    "platform": "common",
    "stage": "negotiation",
    "version": 2,
    "filed_at": FILED_AT,
    "playbook": {"version": "2", "digest": DIGEST},
    "custody": "Keep the goods, the packing and the label; send them to nobody until the platform tells you.",
    "draw_commitment": DIGEST[::-1],
    "order": ORDER,
    "claims": [
        {
            "id": "c1",
            "nature": "quality",
            "reason": "taste_or_freshness",
            "reason_title": "Taste or freshness is not as described",
            "lines": ["1"],
            "paid": {"minor": 3980, "currency": "CNY"},
            "remedy": "refund_only",
            "asked": {"minor": 3980, "currency": "CNY"},
            "statement": "收到的橙子又酸又干，页面写不甜包退。",
        }
    ],
    "notice": {
        "how": "delivered",
        "channel": "app",
        "served_at": "2026-11-23T14:06:00Z",
        "recorded_at": "2026-11-23T14:06:10Z",
    },
    "bounces": [],
    "response": {"answer": "contest", "statement": "口味因人而异，不是退款理由。", "at": "2026-11-23T15:00:00Z"},
    "messages": [],
    "offers": [],
    "exhibits": [],
    "evidence_round": {"number": 1, "open_for": ["buyer", "merchant"]},
    "evidence_requests": [],
    "remedies": [],
    "clocks": [],
    "missing": [
        {
            "claim": "c1",
            "who": "buyer",
            "kind": "photo",
            "sentence": "A photo of the goods received that shows the outside and a cut",
        }
    ],
    "next_actions": [
        {"name": "send_message", "method": "POST", "href": f"{HREF}/messages"},
        {"name": "escalate", "method": "POST", "href": f"{HREF}/escalations"},
    ],
}
LISTED: Final[dict[str, Any]] = {
    "id": DISPUTE,
    "number": "D-7KQ4M-2XDAB",
    "order_id": "20261118-7781",
    "currency": "CNY",
    "asked_minor": 3980,
    "href": HREF,
}
ANSWERS: Final[dict[str, Any]] = {
    "CaseAnswer": CASE,
    "OrderAnswer": {"snapshot": ORDER, "digest": DIGEST, "version": 1, "disputed_lines": []},
    "DeclaredConflict": {"dispute": DISPUTE, "ground": "knows_party", "at": FILED_AT},
    "CaseList": {
        "cases": [
            LISTED
            | {
                "stage": "negotiation",
                "buyer": "Lin",
                "merchant": "Orchard",
                "filed_at": FILED_AT,
                "awarded_minor": 0,
                "ordered_minor": 0,
                "paid_minor": 0,
                "version": 2,
            }
        ]
    },
    "Queue": {"cases": [LISTED | {"since": FILED_AT, "because": "escalated"}]},
    "Trail": {
        "entries": [
            {
                "position": 3,
                "stream": DISPUTE,
                "version": 2,
                "event": "dispute.merchant_responded",
                "at": "2026-11-23T15:00:00Z",
                "recorded_at": "2026-11-23T15:00:00Z",
                "role": "merchant",
                "actor": "Orchard",
                "command_id": "520d014a-e86f-5b58-98e4-7a44cffeae38",
                "who": "Merchant Orchard",
                "what": "contested the claims",
                "why": "口味因人而异，不是退款理由。",
            }
        ]
    },
    "Viewings": {
        "viewings": [
            {
                "place": 1,
                "at": "2026-11-23T15:05:00Z",
                "role": "arbitrator",
                "actor": "Wang",
                "tool": False,
                "version": 2,
                "part": "file",
            }
        ]
    },
    "PublishedVersions": {"versions": [{"version": "2", "digest": DIGEST, "published_at": FILED_AT, "in_force": True}]},
    "Requirements": {
        "platform": "common",
        "playbook": {"version": "2", "digest": DIGEST},
        "custody": "Keep the goods, the packing and the label; send them to nobody until the platform tells you.",
        "reasons": [
            {
                "reason": "taste_or_freshness",
                "nature": "quality",
                "title": "Taste or freshness is not as described",
                "burden": [
                    {
                        "who": "buyer",
                        "sentence": "The buyer proves how the goods tasted and looked when they came.",
                        "source": "平台默认规则，未引法条",
                    }
                ],
                "evidence": [
                    {
                        "who": "buyer",
                        "kind": "photo",
                        "sentence": "A photo of the goods received that shows the outside and a cut",
                    }
                ],
                "remedies": [
                    {
                        "remedy": "refund_only",
                        "rule": "COMMON-REFUND-FULL",
                        "payer": "merchant",
                        "tender": "money",
                        "of": "price_paid",
                        "percent": 100,
                        "at_most": [],
                        "chosen": False,
                        "by_decision_only": False,
                        "sentence": "Refund only: the whole price paid for the claimed goods is returned.",
                    }
                ],
            }
        ],
        "clocks": [
            {
                "name": "answer",
                "whose": ["merchant"],
                "hours": 48,
                "calendar": "24x7",
                "on_silence": "If the merchant, once told, does not answer in time, the platform decides as claimed.",
            }
        ],
        "limits": {
            "exhibits_per_side": 30,
            "messages_per_side": 200,
            "offers_per_side": 20,
            "chases_per_side": 20,
            "notes": 200,
            "instances": 2,
            "evidence_requests": 20,
            "pause_hours": 240,
            "goodwill_per_side": 3,
            "goodwill_percent": 100,
        },
    },
    "ClockFace": {"now": "2100-01-01T00:00:00Z", "fired": ["2026-11-25T14:05:00Z"]},
}
