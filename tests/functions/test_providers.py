"""GET /api/providers."""

from typing import Any

from functions.providers import TYPES
from lib.feeds import load_feeds
from tests.house import House


async def rows(house: House) -> dict[str, Any]:
    """Providers by id."""
    body = (await house.get("/api/providers")).json
    assert body["total"] == len(body["providers"])
    assert body["online"] == sum(row["status"] == "online" for row in body["providers"])
    return {row["id"]: row for row in body["providers"]}


async def test_every_source_is_listed_with_what_it_serves(house: House) -> None:
    known = await rows(house)

    assert set(known) == set(house.runtime.highway.gates)
    assert known["binance"]["feeds"] == ["books", "candles", "exchanges", "tickers", "trades"]
    assert known["binance"]["status"] == "online"
    assert all(row["name"] and row["feeds"] for row in known.values())


async def test_the_kind_of_each_source_is_named(house: House) -> None:
    known = await rows(house)

    assert known["kraken"]["type"] == "exchange"
    assert known["coingecko"]["type"] == "aggregator"
    assert known["alternative_me"]["type"] == "mood"
    assert known["defillama"]["type"] == "defi"
    assert known["mempool"]["type"] == "chain"


def test_kinds_are_told_by_feeds_that_exist() -> None:
    feeds = {feed.name for feed in load_feeds()}

    assert set(TYPES) - {"forecasts"} <= feeds


async def test_no_source_is_asked_for_it(house: House) -> None:
    await rows(house)

    assert house.calls == 0


async def test_a_geo_block_is_told_as_one(house: House) -> None:
    house.sandbox.state.faults.set("binance", "451")
    await house.get("/api/price/BTC")

    binance = (await rows(house))["binance"]

    assert (binance["status"], binance["geo_blocked"]) == ("offline", True)
    assert binance["last_error"] == "binance: 451"
    assert binance["last_error_at"] == "2025-11-24T16:02:03Z"
    assert binance["last_ok_at"] is None


async def test_a_source_that_asks_for_a_pause_says_how_long(house: House) -> None:
    house.sandbox.state.faults.set("binance", "429:77")
    await house.get("/api/price/BTC")
    house.clock.advance(7)

    binance = (await rows(house))["binance"]

    assert (binance["status"], binance["paused_s"]) == ("degraded", 70)


async def test_a_source_that_answered_is_online_and_its_quota_shrinks(house: House) -> None:
    before = (await rows(house))["binance"]
    await house.get("/api/price/BTC")

    after = (await rows(house))["binance"]

    assert after["last_ok_at"] == "2025-11-24T16:02:03Z"
    assert after["quota_left"] == before["quota_left"] - 80


async def test_keys_are_shown_as_present_but_never_themselves() -> None:
    async with House(settings={"COINGECKO_API_KEY": "canary-canary"}) as house:
        answer = await house.get("/api/providers")

    coingecko = next(row for row in answer.json["providers"] if row["id"] == "coingecko")
    assert coingecko["key_variable"] == "COINGECKO_API_KEY"
    assert (coingecko["key_present"], coingecko["key_needed"]) == (True, False)
    assert b"canary" not in answer.body


async def test_a_source_without_the_key_it_needs_is_offline(house: House) -> None:
    known = await rows(house)

    keyed = [row for row in known.values() if row["key_needed"]]
    assert keyed
    assert {(row["status"], row["key_present"]) for row in keyed} == {("offline", False)}
