"""GET /api/orderbook/{symbol}."""

from tests.house import NOW_MS, House, canned

DEPTH = "/binance/api/v3/depth"


async def test_levels_come_best_first_as_numbers() -> None:
    book = {"bids": [["99", "1"], ["100", "2.5"]], "asks": [["102", "4"], ["101", "0.5"]]}
    async with House(upstream=canned({DEPTH: book})) as house:
        body = (await house.get("/api/orderbook/btcusdt")).json

    del body["meta"]
    assert body == {
        "success": True,
        "symbol": "BTC/USDT",
        "timestamp": NOW_MS,
        "bids": [[100.0, 2.5], [99.0, 1.0]],
        "asks": [[101.0, 0.5], [102.0, 4.0]],
    }


async def test_a_crossed_book_sends_us_to_the_next_source(house: House) -> None:
    crossed = {"bids": [["100", "1"]], "asks": [["99", "1"]]}
    async with House(upstream=canned({DEPTH: crossed})) as alone:
        refused = await alone.get("/api/orderbook/BTC")
    house.sandbox.state.faults.set("binance", "truncated")

    answer = await house.get("/api/orderbook/BTC")

    assert refused.error["details"]["sources"]["binance"] == "malformed"
    assert answer.headers["x-source"] == "kraken"


async def test_every_depth_up_to_a_hundred_shares_one_call(house: House) -> None:
    for limit, levels in (("", 20), ("?limit=1", 1), ("?limit=100", 100)):
        body = (await house.get(f"/api/orderbook/BTC{limit}")).json

        assert (len(body["bids"]), len(body["asks"])) == (levels, levels)
    assert house.calls == 1


async def test_bids_fall_asks_rise_and_they_do_not_cross(house: House) -> None:
    body = (await house.get("/api/orderbook/ETH?limit=100")).json

    bids, asks = ([price for price, _ in body[side]] for side in ("bids", "asks"))
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]
    assert all(amount > 0 for side in ("bids", "asks") for _, amount in body[side])


async def test_a_book_of_another_dollar_is_named() -> None:
    book = {"bids": [["99", "1"]], "asks": [["101", "1"]]}
    async with House(upstream=canned({DEPTH: book})) as house:
        body = (await house.get("/api/orderbook/BTC-USD")).json

    assert (body["symbol"], body["meta"]["quoted_in"]) == ("BTC/USD", "USDT")
