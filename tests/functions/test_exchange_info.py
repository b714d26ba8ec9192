"""GET /api/exchange-info."""

import pytest

from tests.house import House


async def test_every_pair_of_the_venue_is_listed(house: House) -> None:
    body = (await house.get("/api/exchange-info")).json

    assert body["exchange"] == "binance"
    rows = {row["symbol"]: row for row in body["symbols"]}
    assert rows["BTC/USDT"]["base"] == "BTC"
    assert rows["BTC/USDT"]["quote"] == "USDT"
    assert all(row["symbol"] == f"{row['base']}/{row['quote']}" for row in body["symbols"])
    assert len(rows) == len(body["symbols"])


async def test_bounds_are_above_zero_or_null(house: House) -> None:
    for row in (await house.get("/api/exchange-info")).json["symbols"]:
        for least, most in (("min_amount", "max_amount"), ("min_price", "max_price")):
            assert row[least] is None or row[least] > 0
            assert row[least] is None or row[most] is None or row[least] < row[most]


@pytest.mark.parametrize("quote", ["EUR", "eur"])
async def test_pairs_of_one_quote(house: House, quote: str) -> None:
    whole = (await house.get("/api/exchange-info")).json["symbols"]

    rows = (await house.get(f"/api/exchange-info?quote={quote}")).json["symbols"]

    assert rows == [row for row in whole if row["quote"] == "EUR"]
    assert rows


async def test_a_quote_that_the_venue_lacks_gives_no_pairs(house: House) -> None:
    answer = await house.get("/api/exchange-info?quote=NOSUCH")

    assert (answer.status, answer.json["symbols"]) == (200, [])


async def test_pairs_that_trade_and_pairs_that_do_not(house: House) -> None:
    whole = (await house.get("/api/exchange-info")).json["symbols"]

    trading = (await house.get("/api/exchange-info?active=true")).json["symbols"]
    halted = (await house.get("/api/exchange-info?active=false")).json["symbols"]

    assert {row["active"] for row in trading} <= {True}
    assert {row["active"] for row in halted} <= {False}
    assert len(trading) + len(halted) == len(whole)


async def test_the_next_venue_says_that_it_is_another(house: House) -> None:
    house.sandbox.state.faults.set("binance", "451")

    body = (await house.get("/api/exchange-info")).json

    assert body["exchange"] == body["meta"]["source"] == "okx"
