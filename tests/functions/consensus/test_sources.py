"""GET /api/price/{symbol}/consensus: venues that are down or few, and what it costs them."""

from lib.sandbox.app import PROVIDERS
from tests.functions.consensus.venues import BTC, VENUES, dropped, quotes
from tests.functions.published import unexplained
from tests.house import House


async def test_one_venue_alone_is_no_consensus(house: House) -> None:
    for name in VENUES[1:]:
        house.sandbox.state.faults.set(name, "500")

    body = (await house.get(BTC)).json

    assert (body["median"], body["n"]) == (None, 0)
    assert "fewer than two venues" in body["meta"]["missing"]["median"]
    assert dropped(body) == {"binance": "disputed"} | dict.fromkeys(VENUES[1:], "failed")
    assert body["meta"]["degraded"] is True
    assert unexplained(body) == set()


async def test_a_pair_that_few_list_is_told_of_those_alone(house: House) -> None:
    body = (await house.get("/api/price/USDT/consensus")).json

    assert set(quotes(body)) == {"coinbase", "kraken"}
    assert (body["dropped"], body["n"], body["currency"]) == ([], 2, "USD")


async def test_when_all_are_down_and_nothing_is_kept_it_is_an_error(house: House) -> None:
    for name in PROVIDERS:
        house.sandbox.state.faults.set(name, "500")

    answer = await house.get(BTC)

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")
    assert answer.error["details"]["sources"] == dict.fromkeys(VENUES, "unavailable")


async def test_a_kept_quote_stands_in_until_it_is_too_old(house: House) -> None:
    await house.get(BTC)
    house.sandbox.state.faults.set("binance", "500")

    house.clock.advance(30)
    young = (await house.get(BTC)).json
    house.clock.advance(40)
    old = (await house.get(BTC)).json

    assert (quotes(young)["binance"]["age_s"], quotes(young)["binance"]["used"]) == (30, True)
    assert young["meta"]["degraded"] is True
    assert (quotes(old)["binance"]["age_s"], dropped(old)["binance"]) == (70, "too_old")
    assert old["n"] == 3


async def test_it_costs_one_bulk_call_a_venue_and_shares_what_is_fresh(house: House) -> None:
    calls = house.sandbox.state.calls
    await house.get("/api/price/BTC")
    before = house.calls
    await house.get(BTC)
    asked = house.calls - before

    for target in (BTC, "/api/price/ETH", "/api/price/btcusdt/consensus", "/api/market?limit=5"):
        await house.get(target)

    assert asked == 5  # Binance's were at hand; Coinbase has no bulk: price and day of one pair
    assert [calls[name] for name in VENUES] == [1, 2, 1, 1, 1]


async def test_it_is_fresh_as_long_as_a_price(house: House) -> None:
    answer = await house.get(BTC)
    before = house.calls
    house.clock.advance(4.9)
    await house.get(BTC)
    held = house.calls
    house.clock.advance(0.2)
    await house.get(BTC)

    assert answer.max_age == 5
    assert (held - before, house.calls - held) == (0, 6)


async def test_made_up_symbols_do_not_spend_a_venue_s_quota(house: House) -> None:
    for number in range(50):
        await house.get(f"/api/price/MADEUP{number}/consensus")

    assert house.sandbox.state.calls["coinbase"] <= 2 * 5
    assert house.sandbox.state.calls["binance"] == 1
