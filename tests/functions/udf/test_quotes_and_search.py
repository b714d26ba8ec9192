"""/udf/quotes, /udf/search and /udf/symbols."""

import pytest

from tests.functions.senses import nonsense, number, percent, positive, text
from tests.functions.upstream import TICKERS, ticker
from tests.house import House, canned


async def test_quotes_carry_the_last_day(house: House) -> None:
    body = (await house.get("/udf/quotes?symbols=BTCUSDT,DREAMMAKER:ETHUSDT")).json

    assert body["s"] == "ok"
    assert [row["n"] for row in body["d"]] == ["BTCUSDT", "DREAMMAKER:ETHUSDT"]
    senses = dict.fromkeys(
        ("lp", "ask", "bid", "open_price", "high_price", "low_price", "prev_close_price"), positive
    ) | {"ch": number, "chp": percent, "spread": number, "volume": number, "short_name": text}
    assert nonsense([row["v"] for row in body["d"]], senses) == []


async def test_a_change_in_percent_and_in_money_agree() -> None:
    upstream = {TICKERS: [ticker("BTCUSDT", 110.0)]}  # a tenth more than a day ago
    async with House(upstream=canned(upstream)) as house:
        quoted = (await house.get("/udf/quotes?symbols=BTCUSDT")).json["d"][0]["v"]

    assert quoted["chp"] == 10.0
    assert quoted["ch"] == pytest.approx(10.0)
    assert quoted["open_price"] == pytest.approx(100.0)
    assert (quoted["ask"], quoted["bid"], quoted["spread"]) == (111.0, 109.0, 2.0)


@pytest.mark.parametrize(
    ("bid", "ask", "spread"),
    [
        ("86436.56", "86447.36", 10.8),
        ("0.00001078", "0.00001079", 1e-8),
        ("3391.36", "3391.78", 0.42),
    ],
)
async def test_a_spread_has_no_dust_of_binary_fractions(bid: str, ask: str, spread: float) -> None:
    row = ticker("BTCUSDT", float(ask)) | {"bidPrice": bid, "askPrice": ask}
    async with House(upstream=canned({TICKERS: [row]})) as house:
        quoted = (await house.get("/udf/quotes?symbols=BTCUSDT")).json["d"][0]["v"]

    assert quoted["spread"] == spread


async def test_one_bad_symbol_among_quotes_is_an_error_of_its_own(house: House) -> None:
    answer = await house.get("/udf/quotes?symbols=BTCUSDT,NOSUCH,%23")

    assert answer.status == 200
    assert [row["s"] for row in answer.json["d"]] == ["ok", "error", "error"]
    assert answer.json["d"][1]["errmsg"] == "Symbol NOSUCH/USDT is not supported"


@pytest.mark.parametrize(
    ("query", "first"),
    [("BTC", "BTCUSDT"), ("eth", "ETHUSDT"), ("ETHUSDC", "ETHUSDC"), ("ethereum", "ETHUSDT")],
)
async def test_the_search_finds_by_symbol_and_by_name(house: House, query: str, first: str) -> None:
    rows = (await house.get(f"/udf/search?query={query}&limit=5")).json

    assert rows[0]["symbol"] == first
    assert len(rows) <= 5
    names = ("symbol", "full_name", "description", "exchange", "ticker", "type")
    assert nonsense(rows, dict.fromkeys(names, text)) == []


async def test_the_search_without_words_lists_the_largest(house: House) -> None:
    rows = (await house.get("/udf/search?query=&limit=2")).json

    assert rows[0]["symbol"] == "BTCUSDT"


@pytest.mark.parametrize("filters", ["type=stock", "exchange=NYSE"])
async def test_the_search_keeps_to_its_filters(house: House, filters: str) -> None:
    assert (await house.get(f"/udf/search?query=BTC&{filters}")).json == []


async def test_every_symbol_that_is_found_can_be_resolved(house: House) -> None:
    rows = (await house.get("/udf/search?query=&limit=60")).json

    for row in rows:
        answer = await house.get(f"/udf/symbols?symbol={row['ticker']}")
        assert (answer.status, answer.json["name"]) == (200, row["symbol"])
