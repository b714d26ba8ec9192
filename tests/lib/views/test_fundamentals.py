"""What an asset is beside its price."""

import pytest

from lib.views.fundamentals import read_fundamental
from tests.chain_house import ChainHouse

pytestmark = pytest.mark.anyio

NETFLOW = "part.on_chain_metrics.exchange_netflow"
VENUES = ("binance", "coinbase", "kraken", "okx", "kucoin", "coingecko")


async def test_what_flows_to_exchanges_is_told_in_a_word_and_in_dollars() -> None:
    async with ChainHouse() as house:
        ctx = house.runtime.context()
        told = (await read_fundamental(ctx, "ETH", "part")).on_chain_metrics

    assert told.exchange_netflow_usd is not None
    assert told.exchange_netflow == ("positive" if told.exchange_netflow_usd > 0 else "negative")
    assert NETFLOW not in ctx.missing


async def test_transfers_that_nobody_can_value_are_not_told_as_none() -> None:
    async with ChainHouse(faults=dict.fromkeys(VENUES, "500")) as house:
        ctx = house.runtime.context()
        told = (await read_fundamental(ctx, "ETH", "part")).on_chain_metrics

    assert told.exchange_netflow is None
    assert ctx.missing[NETFLOW] == "nobody says what ETH is worth"


async def test_an_asset_whose_chain_is_not_watched_says_so() -> None:
    async with ChainHouse() as house:
        ctx = house.runtime.context()
        told = (await read_fundamental(ctx, "DOGE", "part")).on_chain_metrics

    assert told.exchange_netflow is None
    assert ctx.missing[NETFLOW] == "large transfers of DOGE are not watched"
