"""Errors as callers see them: one envelope for every status, or a problem document on request."""

import json
import re

import pytest

from adapters.envelope import render_error
from lib import errors
from lib.errors import ApiError, InvalidParameter, InvalidSymbol
from tests.house import NOW_MS, House

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ApiError) and kind is not ApiError
]

CONTRACT = {
    "InvalidParameter": (400, "INVALID_PARAMETER"),
    "RangeTooLarge": (400, "RANGE_TOO_LARGE"),
    "InvalidSymbol": (404, "INVALID_SYMBOL"),
    "NotFound": (404, "NOT_FOUND"),
    "MethodNotAllowed": (405, "METHOD_NOT_ALLOWED"),
    "Unauthorized": (401, "UNAUTHORIZED"),
    "Forbidden": (403, "FORBIDDEN"),
    "PayloadTooLarge": (413, "PAYLOAD_TOO_LARGE"),
    "UriTooLong": (414, "INVALID_PARAMETER"),
    "UnsupportedMediaType": (415, "UNSUPPORTED_MEDIA_TYPE"),
    "InsufficientData": (422, "INSUFFICIENT_DATA"),
    "RateLimited": (429, "RATE_LIMITED"),
    "InternalError": (500, "INTERNAL_ERROR"),
    "UpstreamUnavailable": (503, "UPSTREAM_UNAVAILABLE"),
    "NotConfigured": (503, "NOT_CONFIGURED"),
    "DeadlinePassed": (504, "TIMEOUT"),
}


def test_every_error_has_the_status_and_code_of_the_contract() -> None:
    assert {kind.__name__: (kind.status, kind.code) for kind in KINDS} == CONTRACT


@pytest.mark.parametrize("kind", KINDS)
def test_the_envelope_of_every_error(kind: type[ApiError]) -> None:
    body, media_type = render_error(kind("A sentence", {"fact": 1}), NOW_MS, "rid-12345")

    request_id = {"request_id": "rid-12345"} if kind.status >= 500 else {}
    assert media_type == "application/json"
    assert json.loads(body) == {
        "success": False,
        "error": {
            "code": kind.code,
            "message": "A sentence",
            "details": {"fact": 1, **request_id},
        },
        "timestamp": NOW_MS,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_problem_document_of_every_error(kind: type[ApiError]) -> None:
    body, media_type = render_error(
        kind("A sentence", {"fact": 1}), NOW_MS, "rid-12345", "application/problem+json"
    )

    problem = json.loads(body)
    assert media_type == "application/problem+json"
    assert (problem["status"], problem["detail"]) == (kind.status, "A sentence")
    assert (problem["code"], problem["details"]["fact"]) == (kind.code, 1)
    assert re.fullmatch(r"urn:dreammaker:error:[a-z_]+", problem["type"])
    assert problem["title"]


def test_an_outside_value_is_shown_in_one_bounded_printable_line() -> None:
    error = InvalidParameter.of("limit", "9\r\nX-Evil: 1\x00\x1b[31m" + "x" * 500, "a number")

    [field] = error.details["fields"]
    assert field["value"].isprintable()
    assert len(field["value"]) <= 81


def test_details_that_are_no_json_become_text() -> None:
    body, _ = render_error(InvalidParameter("no", {"what": {1}}), NOW_MS, "rid-12345")

    assert json.loads(body)["error"]["details"] == {"what": "{1}"}


def test_half_of_a_surrogate_pair_breaks_nothing() -> None:
    body, _ = render_error(InvalidSymbol.of("\ud800"), NOW_MS, "rid-12345")

    assert json.loads(body.decode("utf-8"))["error"]["code"] == "INVALID_SYMBOL"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/problem+json", "application/problem+json"),
        ("application/problem+json, application/json;q=0.5", "application/problem+json"),
        ("Application/Problem+JSON", "application/problem+json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("", "application/json"),
        ("application/problem+json;q=0, application/json", "application/json"),
    ],
)
async def test_a_problem_document_comes_when_accept_names_it(
    house: House, accept: str, media_type: str
) -> None:
    answer = await house.get("/nowhere", accept=accept)

    assert answer.headers["content-type"] == media_type
    assert "Accept" in answer.headers["vary"]


# each status, where it really arises


async def test_an_unknown_path_is_a_404(house: House) -> None:
    for target in ("/nowhere", "/api", "/api/", "/api/prices/BTC", "/api/market/", "//"):
        answer = await house.get(target)

        assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


async def test_an_unknown_symbol_is_a_404_with_help(house: House) -> None:
    answer = await house.get("/api/price/BTTC")

    error = answer.error
    assert (answer.status, error["code"]) == (404, "INVALID_SYMBOL")
    assert error["details"]["symbol"] == "BTTC"
    assert error["details"]["supported_symbols"][:2] == ["BTC/USDT", "ETH/USDT"]
    assert "BTC" in error["details"]["suggestions"]


async def test_supported_symbols_are_really_supported(house: House) -> None:
    listed = (await house.get("/api/price/NOSUCHCOIN")).error["details"]["supported_symbols"]

    assert len(listed) >= 5
    for symbol in listed:
        assert (await house.get(f"/api/ticker/{symbol}")).status == 200


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("POST", "/api/price/BTC", {"GET", "HEAD"}),
        ("DELETE", "/api/market", {"GET", "HEAD"}),
        ("PUT", "/health", {"GET", "HEAD"}),
        ("PATCH", "/api/ohlcv", {"GET", "HEAD"}),
        ("TRACE", "/api/stats", {"GET", "HEAD"}),
        ("BREW", "/api/stats", {"GET", "HEAD"}),
        ("GET", "/api/admin/sources", {"POST"}),
        ("HEAD", "/api/admin/sources", {"POST"}),
    ],
)
async def test_a_wrong_method_is_a_405_that_names_the_right_ones(
    house: House, method: str, target: str, allowed: set[str]
) -> None:
    answer = await house.ask(method, target)

    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == allowed | {"OPTIONS"}
    if method != "HEAD":
        assert answer.error["code"] == "METHOD_NOT_ALLOWED"


async def test_when_every_source_fails_each_reason_is_told(house: House) -> None:
    faults = house.sandbox.state.faults
    for source in faults.providers:
        faults.set(source, "500")
    faults.set("binance", "451")
    faults.set("kraken", "429:7")
    faults.set("coinbase", "html")

    answer = await house.get("/api/price/BTC")

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")
    assert answer.error["details"]["sources"] == {
        "binance": "geo_blocked",
        "coinbase": "malformed",
        "kraken": "throttled",
        "okx": "unavailable",
        "kucoin": "unavailable",
        "coingecko": "unavailable",
    }
    assert answer.error["details"]["request_id"] == answer.headers["x-request-id"]


async def test_no_error_has_a_body_for_head(house: House) -> None:
    for target in ("/nowhere", "/api/price/!", "/api/admin/sources", "/api/usage"):
        answer = await house.ask("HEAD", target)

        assert answer.status >= 400
        assert answer.body == b""
        assert int(answer.headers["content-length"]) > 0


async def test_success_false_never_comes_with_a_200(house: House) -> None:
    faults = house.sandbox.state.faults
    for source in faults.providers:
        faults.set(source, "500")

    for target in (
        "/api/price/BTC",
        "/api/ticker/BTC",
        "/api/market",
        "/api/ohlcv?symbol=BTC&timeframe=1h",
        "/api/orderbook/BTC",
        "/api/trades/BTC",
        "/api/exchange-info",
        "/api/stats",
        "/api/stats/dominance",
        f"/api/history/price/BTC?from={NOW_MS - 86_400_000 * 9}&to={NOW_MS}",
    ):
        answer = await house.get(target)

        assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")
