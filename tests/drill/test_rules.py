"""The drill's rules: each kind of wrong answer breaks its rule, and a right one breaks none."""

from typing import Any

import httpx
import pytest

from drill.asks import Ask
from drill.record import Log
from drill.rules import Rules
from drill.truth import Truth

NOW_MS = 1_764_000_000_000
FRESH = {"x-request-id": "abc-1", "x-cache": "hit", "age": "1"}
META = {"source": "binance", "as_of": NOW_MS, "fresh_until": NOW_MS + 1000, "degraded": False}
FINE = {"success": True, "price": 1.0, "meta": META}
REFUSAL = {
    "success": False,
    "error": {"code": "UPSTREAM_UNAVAILABLE", "message": "Nobody answers", "details": {}},
    "timestamp": NOW_MS,
}


def fine(_: Truth, body: dict[str, Any]) -> str:
    return "" if body["price"] == 1.0 else "an invented price"


def broken(reply: httpx.Response, *, dark: bool = False) -> list[str]:
    """The rules that an answer breaks."""
    log = Log()
    log.dark = dark
    Rules(Truth(1), log).judge(Ask("/api/price/BTC", fine), reply, log.now, NOW_MS)
    return list(log.now.violations)


def test_a_true_and_fresh_answer_breaks_no_rule() -> None:
    assert broken(httpx.Response(200, json=FINE, headers=FRESH)) == []


@pytest.mark.parametrize(
    ("body", "headers", "rule"),
    [
        (FINE | {"price": 2.0}, {}, "no invented number"),
        (REFUSAL, {}, "no 200 for a failure"),
        (FINE, {"x-request-id": ""}, "a request id"),
        (FINE, {"x-cache": ""}, "provenance"),
        ({"success": True, "meta": META}, {}, "the documented body"),
        (FINE | {"meta": META | {"fresh_until": NOW_MS - 9000}}, {}, "stale is labelled"),
    ],
)
def test_a_wrong_answer_breaks_its_rule(
    body: dict[str, Any], headers: dict[str, str], rule: str
) -> None:
    assert broken(httpx.Response(200, json=body, headers=FRESH | headers)) == [rule]


def test_an_answer_may_be_stale_if_it_says_so() -> None:
    old = FINE | {"meta": META | {"fresh_until": NOW_MS - 9000}}

    assert broken(httpx.Response(200, json=old, headers=FRESH | {"x-cache": "stale"})) == []


def test_a_failure_is_excused_only_while_all_upstreams_fail() -> None:
    reply = httpx.Response(503, json=REFUSAL, headers=FRESH)

    assert broken(reply, dark=True) == []
    assert broken(reply) == ["no failure while upstreams are well"]


@pytest.mark.parametrize(
    ("status", "body", "rule"),
    [
        (500, REFUSAL, "no bug"),
        (429, REFUSAL, "no refusal of what is sound"),
        (503, {"detail": "Service Unavailable"}, "the envelope"),
        (503, REFUSAL | {"success": True}, "the envelope"),
    ],
)
def test_a_wrong_failure_breaks_its_rule(status: int, body: dict[str, Any], rule: str) -> None:
    assert broken(httpx.Response(status, json=body, headers=FRESH), dark=True) == [rule]


def test_what_is_no_json_breaks_a_rule() -> None:
    assert broken(httpx.Response(502, text="Bad gateway", headers=FRESH), dark=True) == ["JSON"]
