"""A token says who calls, and only what this issuer signed is believed."""

from __future__ import annotations

import base64
import hmac
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey

from application.policy import Caller
from domain.kernel import Actor, Role
from infrastructure.http.auth import BadToken, Verifier, mint

KEY = OKPKey.generate_key("Ed25519")
VERIFIER = Verifier(KEY)
HS256 = b'{"alg":"HS256","typ":"JWT"}'


def a_token(key: Any = KEY, algorithm: str = "Ed25519", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "gongduan-local",
        "aud": "gongduan",
        "sub": "buyer-1",
        "role": "buyer",
        "platform": "common",
        "iat": now,
        "exp": now + 600,
        "jti": "1",
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": algorithm}, kept, key, algorithms=[algorithm])


def urlsafe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_minted_token_says_who_calls_for_which_platform() -> None:
    token = mint(KEY, Role.MERCHANT, "shop-1", "common", 1)
    assert VERIFIER.caller(token) == Caller(Actor(role=Role.MERCHANT, id="shop-1"), "common")


def test_a_tool_is_known_as_one() -> None:
    assert VERIFIER.caller(mint(KEY, Role.AUDITOR, "reader", "common", 1, tool=True)).actor.is_tool


def test_two_tokens_of_one_person_differ() -> None:
    assert mint(KEY, Role.BUYER, "b", "common", 1) != mint(KEY, Role.BUYER, "b", "common", 1)


def test_the_builder_of_these_tests_makes_good_tokens() -> None:
    assert VERIFIER.caller(a_token()).actor.id == "buyer-1"


@pytest.mark.parametrize("hours", [0, -1])
def test_an_expired_token_is_told_as_expired(hours: int) -> None:
    with pytest.raises(BadToken, match=r"^expired$"):
        VERIFIER.caller(mint(KEY, Role.BUYER, "buyer-1", "common", hours))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": None},
        {"iat": 4_000_000_000, "exp": 4_000_000_600},
        {"sub": None},
        {"jti": None},
    ],
)
def test_a_token_with_other_claims_is_not_ours(changes: dict[str, Any]) -> None:
    with pytest.raises(BadToken, match=r"^not_ours$"):
        VERIFIER.caller(a_token(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "king"},
        {"role": "service"},
        {"role": ["buyer"]},
        {"role": None},
        {"sub": "buyer 1"},
        {"sub": "b" * 65},
        {"sub": "buyer-1\n"},
        {"sub": "../x"},
        {"platform": ""},
        {"platform": None},
        {"tool": "yes"},
    ],
)
def test_a_token_for_nobody_we_know_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadToken, match=r"^unknown_caller$"):
        VERIFIER.caller(a_token(**changes))


def test_a_token_of_another_key_is_not_ours() -> None:
    with pytest.raises(BadToken, match=r"^not_ours$"):
        VERIFIER.caller(a_token(OKPKey.generate_key("Ed25519")))


def test_the_public_key_does_not_pass_for_a_shared_secret() -> None:
    _, claims, _ = a_token().split(".")
    signed = f"{urlsafe(HS256)}.{claims}"
    for secret in (KEY.as_pem(private=False), base64.urlsafe_b64decode(str(KEY.as_dict(private=False)["x"]) + "=")):
        signature = urlsafe(hmac.digest(secret, signed.encode(), "sha256"))
        with pytest.raises(BadToken, match=r"^not_ours$"):
            VERIFIER.caller(f"{signed}.{signature}")


def test_a_token_without_signature_is_not_ours() -> None:
    _, claims, _ = a_token().split(".")
    with pytest.raises(BadToken, match=r"^not_ours$"):
        VERIFIER.caller(f"eyJhbGciOiJub25lIn0.{claims}.")


def test_an_endless_token_is_not_looked_into() -> None:
    with pytest.raises(BadToken, match=r"^too_long$"):
        VERIFIER.caller("x" * 5000)


@settings(deadline=None)
@given(st.text(max_size=200) | st.lists(st.binary(max_size=40)).map(lambda parts: ".".join(map(bytes.hex, parts))))
def test_whatever_is_sent_only_a_bad_token_is_raised(token: str) -> None:
    with pytest.raises(BadToken):
        VERIFIER.caller(token)


@settings(deadline=None)
@given(st.integers(0, 400), st.characters())
def test_a_token_with_one_character_changed_is_refused_or_says_the_same(at: int, character: str) -> None:
    token = a_token()
    changed = token[: at % len(token)] + character + token[at % len(token) + 1 :]
    try:
        caller = VERIFIER.caller(changed)
    except BadToken:
        return
    assert caller == VERIFIER.caller(token)
