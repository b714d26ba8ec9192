"""Values out of range and broken queries are refused by name; what means nothing is passed over."""

import pytest

from tests.functions.bad_input.refusal import DAY_MS, refused
from tests.house import NOW_MS, House

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
