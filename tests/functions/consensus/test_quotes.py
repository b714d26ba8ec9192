"""GET /api/price/{symbol}/consensus: every venue's quote, and which of them count."""

import json

import httpx
import pytest

from tests.conftest import Corpus, StillClock
from tests.functions.consensus.venues import BTC, VENUES, dropped, quotes
from tests.functions.published import unexplained
from tests.functions.twisted import Twisted, times
from tests.house import House


async def test_every_venue_s_quote_is_told_with_its_time(house: House) -> None:
    body = (await house.get(BTC)).json

    assert list(quotes(body)) == VENUES
    price = (await house.get("/api/price/BTC")).json["price"]
    assert {one["price"] for one in body["quotes"]} == {price}
    assert all(one["bid"] <= price <= one["ask"] for one in body["quotes"])
    assert all(body["timestamp"] - one["as_of"] == one["age_s"] * 1000 for one in body["quotes"])
    assert (body["symbol"], body["currency"], body["median"]) == ("BTC", "USDT", price)


async def test_dollars_and_tether_are_not_compared(house: House) -> None:
    tether = (await house.get(BTC)).json
    dollars = (await house.get("/api/price/BTC-USD/consensus")).json

    assert quotes(tether)["coinbase"]["pair"] == "BTC/USD"
    assert dropped(tether) == {"coinbase": "other_quote"}
    assert (tether["n"], quotes(tether)["coinbase"]["comparable"]) == (4, False)
    assert dropped(dollars) == dict.fromkeys(("binance", "okx", "kucoin"), "other_quote")
    assert (dollars["n"], dollars["currency"]) == (2, "USD")


@pytest.mark.parametrize(
    ("written", "echo"),
    [
        ("btc", "BTC"),
        ("BTCUSDT", "BTC/USDT"),
        ("BTC%2FUSDT", "BTC/USDT"),
        ("BTC/USDT", "BTC/USDT"),
        ("btc-usdt", "BTC/USDT"),
        ("BTC_USDT", "BTC/USDT"),
        ("XBT", "BTC"),
    ],
)
async def test_symbols_are_spelled_as_for_a_price(house: House, written: str, echo: str) -> None:
    body = (await house.get(f"/api/price/{written}/consensus")).json

    assert (body["symbol"], body["n"]) == (echo, 4)


@pytest.mark.parametrize(
    ("written", "status", "code"),
    [("NOSUCHCOIN", 404, "INVALID_SYMBOL"), ("", 400, "INVALID_PARAMETER"),
     ("..%2Fetc", 400, "INVALID_PARAMETER"), ("BTC/USDT/X", 400, "INVALID_PARAMETER")],
)  # fmt: skip
async def test_what_is_no_pair_is_refused(
    house: House, written: str, status: int, code: str
) -> None:
    answer = await house.get(f"/api/price/{written}/consensus")

    assert (answer.status, answer.error["code"]) == (status, code)


async def test_the_spread_lies_between_the_lowest_and_the_highest(
    twisted: tuple[House, Twisted],
) -> None:
    house, upstream = twisted
    upstream.twists = {"binance": times("binance", 1.02), "okx": times("okx", 0.99)}

    body = (await house.get(BTC)).json

    known = quotes(body)
    base = known["kraken"]["price"]
    assert body["median"] == pytest.approx(base)
    assert body["spread_bps"] == pytest.approx(300)
    assert known["binance"]["deviation_bps"] == pytest.approx(200)
    assert known["okx"]["deviation_bps"] == pytest.approx(-100)
    assert body["n"] == 4


@pytest.mark.parametrize(
    ("factor", "words"), [(1.06, "6.0% off the median"), (0.5, "perhaps another coin")]
)
async def test_a_quote_that_the_others_contradict_is_dropped(
    twisted: tuple[House, Twisted], factor: float, words: str
) -> None:
    house, upstream = twisted
    upstream.twists = {"okx": times("okx", factor)}

    body = (await house.get(BTC)).json

    assert dropped(body) == {"coinbase": "other_quote", "okx": "outlier"}
    assert words in next(one["reason"] for one in body["dropped"] if one["source"] == "okx")
    assert (body["n"], body["spread_bps"]) == (3, 0)
    assert body["median"] == quotes(body)["binance"]["price"]
    assert quotes(body)["okx"]["used"] is False


async def test_without_a_majority_there_is_no_median(twisted: tuple[House, Twisted]) -> None:
    house, upstream = twisted
    upstream.twists = {"okx": times("okx", 1.2), "kucoin": times("kucoin", 1.2)}

    answer = await house.get(BTC)

    body = answer.json
    assert (answer.status, body["median"], body["spread_bps"], body["n"]) == (200, None, None, 0)
    assert "no majority of 4 venues" in body["meta"]["missing"]["median"]
    assert dropped(body)["binance"] == "disputed"
    assert unexplained(body) == set()


async def test_what_three_say_of_another_coin_is_no_consensus(
    twisted: tuple[House, Twisted],
) -> None:
    house, upstream = twisted
    await house.get("/api/market?limit=1")  # an aggregator's price of bitcoin is at hand
    upstream.twists = {name: times(name, 0.1) for name in ("kraken", "okx", "kucoin")}

    body = (await house.get(BTC)).json

    assert (body["median"], body["n"]) == (None, 0)
    assert "binance alone is near the market table" in body["meta"]["missing"]["median"]


async def test_recorded_quotes_agree_just_where_an_independent_reading_says_so(
    corpus: Corpus,
) -> None:
    read = [corpus.oracle(name) for name in ("binance_ticker24hr", "kucoin_allTickers")]
    first, second = ({row["symbol"]: row for row in one.values()} for one in read)
    now_ms = max(row["timestamp"] for row in first.values())
    kucoin = json.loads(corpus.body("kucoin/allTickers"))
    kucoin["data"]["time"] = now_ms  # recorded half a year before the other
    bodies = {
        "/binance/api/v3/ticker/24hr": corpus.body("binance/ticker24hr_all_symbols"),
        "/kucoin/api/v1/market/allTickers": json.dumps(kucoin).encode(),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        body = bodies.get(request.url.path)
        return httpx.Response(200, content=body) if body else httpx.Response(500)

    told, expected = {}, {}
    async with House(upstream=httpx.MockTransport(answer), clock=StillClock(now_ms)) as house:
        for pair in ("NEO/USDT", "VET/USDT", "ONT/USDT", "ETH/BTC", "BTC/USDT", "EOS/USDT"):
            rows = first[pair], second[pair]
            low, high = sorted(row["last"] for row in rows)
            body = (await house.get(f"/api/price/{pair}/consensus")).json
            told[pair] = body["median"], [one["price"] for one in body["quotes"]]
            agreed = (low + high) / 2 if high <= 1.05 * low else None
            expected[pair] = agreed, [row["last"] for row in rows]

    assert told == expected
    assert {median is None for median, _ in expected.values()} == {True, False}
