"""What no caller should send: it is refused in the envelope, and nothing of it comes out raw."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.log import JsonLines
from tests.house import NOW_MS, Answer, House

DAY_MS = 86_400_000
KEY = "dm_a-key-of-the-tests"
KEYS = {"API_KEYS": f"tester:{sha256(KEY.encode()).hexdigest()}"}

SYMBOL_PATHS = ["/api/price/", "/api/ticker/", "/api/orderbook/", "/api/trades/"]
NO_SYMBOLS = {
    "traversal": "../etc/passwd",
    "encoded traversal": "..%2f..%2fetc%2fpasswd",
    "empty": "",
    "blank": "%20",
    "dot": ".",
    "300 letters": "A" * 300,
    "21 letters": "A" * 21,
    "emoji": "%F0%9F%9A%80",
    "Greek capitals that look alike": "%CE%92%CE%A4C",
    "full-width": "%EF%BC%A2%EF%BC%B4%EF%BC%A3",
    "SQL": "BTC'%20OR%201=1--",
    "script": "%3Cscript%3Ealert(1)%3C/script%3E",
    "template": "${jndi:ldap://x}",
    "CRLF": "BTC%0d%0aSet-Cookie:%20x=1",
    "line break at the end": "BTC%0a",
    "NUL": "BTC%00",
    "tab": "BTC%09",
    "broken percent": "%zz",
    "lone percent": "BTC%",
    "no UTF-8": "%ff",
    "overlong UTF-8": "%C0%AF",
    "only a separator": "/",
    "no base": "/USDT",
    "no quote": "BTC/",
    "two separators": "BTC/USDT/EUR",
    "doubled separator": "BTC//USDT",
    "star": "*",
    "semicolon": "BTC;USDT",
    "comma": "BTC,ETH",
    "right-to-left override": "%E2%80%AEBTC",
}


def refused(answer: Answer, field: str | None = None) -> Any:
    """Check a 400 and return what it says of its fields."""
    assert answer.status == 400, answer
    assert answer.error["code"] == "INVALID_PARAMETER"
    fields = answer.error["details"]["fields"]
    assert field is None or field in [one["field"] for one in fields]
    assert answer.body.isascii()
    for one in fields:
        assert set(one) == {"field", "value", "accepted"}
        assert str(one["value"]).isprintable()
    return fields


@pytest.mark.parametrize("path", SYMBOL_PATHS)
@pytest.mark.parametrize("what", NO_SYMBOLS)
async def test_what_is_no_symbol_is_refused_in_a_path(house: House, path: str, what: str) -> None:
    answer = await house.get(path + NO_SYMBOLS[what])

    refused(answer, "symbol")
    assert house.calls == 0


@pytest.mark.parametrize("what", [what for what in NO_SYMBOLS if what != "empty"])
async def test_what_is_no_symbol_is_refused_in_a_query(house: House, what: str) -> None:
    spelled = NO_SYMBOLS[what].replace("&", "%26").replace("#", "%23")

    answer = await house.get(f"/api/ohlcv?timeframe=1h&symbol={spelled}")

    refused(answer)
    assert house.calls == 0


async def test_a_missing_symbol_is_refused(house: House) -> None:
    for query in ("timeframe=1h", "timeframe=1h&symbol=", "timeframe=1h&symbol"):
        [field] = refused(await house.get(f"/api/ohlcv?{query}"))

        assert (field["field"], field["value"]) == ("symbol", None)


H = f"/api/history/price/BTC?from={NOW_MS - DAY_MS}&to={NOW_MS}"


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("/api/market?limit=0", "limit"),
        ("/api/market?limit=501", "limit"),
        ("/api/market?limit=-1", "limit"),
        ("/api/market?limit=abc", "limit"),
        ("/api/market?limit=1e9", "limit"),
        ("/api/market?limit=99999999999999999999", "limit"),
        ("/api/market?limit=%00", "limit"),
        ("/api/market?sort=name", "sort"),
        ("/api/market?order=sideways", "order"),
        ("/api/market?category=cats", "category"),
        ("/api/market?currency=e", "currency"),
        ("/api/market?currency=%F0%9F%9A%80", "currency"),
        ("/api/market?currency=zzzz", "currency"),
        ("/api/market?symbols=BTC,../etc", "symbols"),
        ("/api/market?symbols=" + "A," * 1100, "symbols"),
        ("/api/price/BTC?convert=zzzz", "convert"),
        ("/api/price/BTC?convert=%0d%0a", "convert"),
        ("/api/price/BTC?include_24h=maybe", "include_24h"),
        ("/api/ohlcv?symbol=BTC", "timeframe"),
        ("/api/ohlcv?symbol=BTC&timeframe=2h", "timeframe"),
        ("/api/ohlcv?symbol=BTC&timeframe=1H", "timeframe"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&limit=0", "limit"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&limit=1001", "limit"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&since=-1", "since"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&since=99999999999999", "since"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&since=yesterday", "since"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&since=5&until=5", "until"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&since=6&until=5", "until"),
        ("/api/ohlcv?symbol=BTC&timeframe=1h&closed_only=perhaps", "closed_only"),
        ("/api/orderbook/BTC?limit=0", "limit"),
        ("/api/orderbook/BTC?limit=101", "limit"),
        ("/api/trades/BTC?limit=0", "limit"),
        ("/api/trades/BTC?limit=501", "limit"),
        ("/api/trades/BTC?since=-5", "since"),
        ("/api/exchange-info?quote=%F0%9F%9A%80", "quote"),
        ("/api/exchange-info?active=perhaps", "active"),
        ("/api/history/price/BTC", "from"),
        ("/api/history/price/BTC?from=1", "to"),
        ("/api/history/price/BTC?from=5&to=5", "to"),
        ("/api/history/price/BTC?from=6&to=5", "to"),
        ("/api/history/price/BTC?from=-6&to=5", "from"),
        ("/api/history/price/BTC?from=a&to=b", "from"),
        (f"{H}&interval=1m", "interval"),
        (f"{H}&interval=1D", "interval"),
    ],
)
async def test_a_value_out_of_range_is_refused_by_name(
    house: House, target: str, field: str
) -> None:
    fields = refused(await house.get(target), field)

    assert all(one["accepted"] for one in fields)


@pytest.mark.parametrize(
    ("interval", "step_ms"),
    [("1h", 3_600_000), ("1d", DAY_MS), ("1w", 7 * DAY_MS), ("1M", 28 * DAY_MS)],
)
async def test_a_range_of_too_many_points_says_the_widest_allowed(
    house: House, interval: str, step_ms: int
) -> None:
    answer = await house.get(
        f"/api/history/price/BTC?from=0&to={1001 * step_ms}&interval={interval}"
    )

    assert (answer.status, answer.error["code"]) == (400, "RANGE_TOO_LARGE")
    assert answer.error["details"] == {
        "max_points": 1000,
        "max_range_ms": 999 * step_ms,
        "interval": interval,
    }
    assert house.calls == 0


@pytest.mark.parametrize(
    "query",
    [
        "limit=%zz",
        "limit=%",
        "limit=5&x=%f",
        "symbols=%ff",
        "symbols=%C3%28",
        "&".join(f"p{n}=1" for n in range(101)),
    ],
)
async def test_a_broken_query_is_refused(house: House, query: str) -> None:
    refused(await house.get(f"/api/market?{query}"), "query")


async def test_raw_bytes_in_a_query_are_refused(house: House) -> None:
    refused(await house.get(b"/api/market?symbols=\xff\xfe\x00"), "query")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?&&&",
        "?utm_source=x&cachebuster=1",
        "?limit=",
        "?limit=3&limit=100",
        "?symbols=",
        "?order=&sort=&category=",
        "?LIMIT=0",
        "?limit[]=5",
        "?__proto__=1",
        "?limit=100.0",
        "?limit=+100",
    ],
)
async def test_what_means_nothing_is_passed_over(house: House, query: str) -> None:
    answer = await house.get(f"/api/market{query}")

    assert answer.status == 200
    assert answer.json["items"] == (await house.get("/api/market")).json["items"]


async def test_a_request_target_of_a_megabyte_is_refused(house: House) -> None:
    for target in ("/api/market?x=" + "a" * 1_000_000, "/api/price/" + "A" * 1_000_000):
        answer = await house.get(target)

        assert answer.status == 414
        assert answer.error["details"] == {"limit_bytes": 8192}
        assert len(answer.body) < 1000


# bodies


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"not json", {}, 400),
        (b"[]", {}, 400),
        (b"null", {}, 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, {}, 400),
        (b'{"a":NaN}', {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"a=1", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b"\x1f\x8b", {"content-encoding": "gzip"}, 415),
        (b"x" * 66_000, {}, 413),
        (b"{}", {"content-length": "70000"}, 413),
    ],
)
async def test_a_bad_body_is_refused(body: bytes, headers: dict[str, str], status: int) -> None:
    async with House(settings=KEYS) as house:
        answer = await house.ask(
            "POST", "/api/admin/cache/purge", {"x-api-key": KEY, **headers}, body
        )

    codes = {400: "INVALID_PARAMETER", 413: "PAYLOAD_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}
    assert (answer.status, answer.error["code"]) == (status, codes[status])


async def test_a_body_on_a_get_is_not_read(house: House) -> None:
    answer = await house.ask("GET", "/api/price/BTC", {"content-type": "text/plain"}, b"x" * 99_999)

    assert answer.status == 200


# nothing comes out raw


@pytest.mark.parametrize(
    "target",
    [
        "/api/price/BTC%0d%0aX-Evil:1",
        "/nowhere%0d%0a%1b[31mred%00",
        "/api/ohlcv?symbol=%0d%0a%1b%5B31m&timeframe=%00",
        "/api/price/%E2%80%A8",
    ],
)
async def test_control_characters_reach_neither_headers_nor_logs(
    house: House, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)

    answer = await house.get(target, origin="https://a.example", accept="\x1b[31m")

    assert answer.status in (400, 404)
    for name, value in answer.raw_headers:
        assert name.isascii()
        assert not set(value) & {0x00, 0x0A, 0x0D, 0x1B}
    lines = [JsonLines().format(record) for record in caplog.records]
    assert all(line.isprintable() for line in lines)
    assert "\\u001b" not in answer.body.decode()
    assert "Traceback" not in answer.body.decode()


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=60))
async def test_any_target_gets_an_answer_that_parses(raw: bytes) -> None:
    async with House(endpoints=None) as house:
        answer = await house.get(b"/api/price/" + raw.replace(b"?", b""))

    assert answer.status in (200, 400, 404)
    assert isinstance(json.loads(answer.plain), dict)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=60))
async def test_any_query_gets_an_answer_that_parses(raw: bytes) -> None:
    async with House() as house:
        answer = await house.get(b"/api/ohlcv?timeframe=1h&symbol=" + raw)

    assert answer.status in (200, 400, 404)
    assert isinstance(json.loads(answer.plain), dict)


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "x-forwarded-for", "origin"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"", b"," * 3000, b"Bearer \x00", b"A" * 60_000])
async def test_no_header_breaks_anything(header: str, value: bytes) -> None:
    async with House(settings={**KEYS, "TRUSTED_PROXIES": "2", "RATE_LIMIT_IP": "9"}) as house:
        answer = await house.ask("GET", "/health", [(header.encode(), value)])
        counted = await house.ask("GET", "/nowhere", [(header.encode(), value)])

    assert (answer.status, counted.status) == (200, 404)


@pytest.mark.parametrize("header", ["accept", "accept-encoding", "if-none-match", "x-request-id"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"", b"," * 3000, b";q=;q", b"A" * 60_000])
async def test_no_header_about_the_answer_breaks_it(
    house: House, header: str, value: bytes
) -> None:
    for target, status in (("/api/price/BTC", 200), ("/nowhere", 404)):
        answer = await house.ask("GET", target, [(header.encode(), value)])

        assert answer.status == status
        assert answer.json


async def test_a_caller_without_an_address_is_counted_too() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        first = await house.ask("GET", "/nowhere", peer="")
        second = await house.ask("GET", "/nowhere", peer="")

    assert (first.status, second.status) == (404, 429)
