"""Behaviour of what endpoints are asked in the rehearsal, and of the comparison."""

import json
from typing import Any

import pytest

from adapters.asking import read_query, validate
from functions import load_endpoints
from lib.endpoint import Endpoint
from lib.feeds import TICKERS
from rehearsal.questions import differences, is_good, question_for, settled

ASKED = [e for e in load_endpoints() if not e.path.startswith("/api/admin/")]


@pytest.mark.parametrize("endpoint", ASKED, ids=lambda e: f"{e.method} {e.path}")
def test_every_endpoint_takes_its_question(endpoint: Endpoint) -> None:
    question = question_for(endpoint)

    path, _, query = question.target.partition("?")
    assert "{" not in path
    given = {
        "symbol": "BTC",
        "asset": "docs.css",
        "address": "0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae",
    }
    told = {name: word for name, word in given.items() if f"{{{name}" in endpoint.path}
    validate(endpoint, told, read_query(query.encode()), json.loads(question.body or b"{}"))


def test_a_parameter_of_one_endpoint_alone_is_said_by_its_own_example() -> None:
    asset = next(e for e in ASKED if e.path == "/static/{asset}")

    assert question_for(asset).target == "/static/page.css"


def _endpoint(**options: Any) -> Endpoint:
    found = next(e for e in load_endpoints() if e.path == "/api/trades/{symbol:path}")
    return Endpoint(
        **{
            "method": "GET",
            "path": "/x",
            "request": found.request,
            "reply": found.reply,
            "call": found.call,
            "feeds": (TICKERS,),
            **options,
        }
    )


def _answer(**fields: Any) -> bytes:
    meta = {
        "source": "binance",
        "sources_tried": [{"source": "binance", "outcome": "ok", "ms": fields.pop("ms", 1)}],
        "as_of": 5,
        "fetched_at": fields.pop("fetched_at", 6),
        "fresh_until": 7,
    }
    return json.dumps(
        {"success": True, "price": 1.5, "timestamp": 5, "meta": meta} | fields
    ).encode()


def test_when_an_answer_was_fetched_does_not_count() -> None:
    one = settled(_answer(ms=3, fetched_at=100), _endpoint())
    other = settled(_answer(ms=9, fetched_at=900), _endpoint())

    assert differences(one, other) == []


@pytest.mark.parametrize("changed", [{"price": 1.6}, {"timestamp": 6}, {"more": 1}])
def test_any_other_difference_counts(changed: dict[str, Any]) -> None:
    one = settled(_answer(), _endpoint())
    other = settled(_answer(**changed), _endpoint())

    [difference] = differences(one, other)
    assert f".{next(iter(changed))}" in difference


def test_of_operations_only_the_shape_counts() -> None:
    operations = _endpoint(tag="Operations")

    assert settled(b'{"a":[1,{"b":2}]}', operations) == settled(b'{"a":[7,{"b":8}]}', operations)
    assert settled(b'{"a":1}', operations) != settled(b'{"b":1}', operations)


def test_a_failure_is_good_only_where_nobody_here_can_know() -> None:
    refused = b'{"error":{"code":"UPSTREAM_UNAVAILABLE"}}'

    assert is_good(_endpoint(), 200, b"{}")
    assert not is_good(_endpoint(), 503, refused)  # the sandbox plays tickers
    assert not is_good(_endpoint(), 500, b'{"error":{"code":"INTERNAL_ERROR"}}')
    assert is_good(_endpoint(), 503, b'{"error":{"code":"NOT_CONFIGURED"}}')
