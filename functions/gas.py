"""GET /api/blockchain/gas: what it costs to be included in a chain's next blocks."""

from typing import Final

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.chain import Chain
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import BITCOIN_FEES, BSC_FEES, ETHEREUM_FEES, POLYGON_FEES
from lib.queries import Everything
from lib.units import UnixMs
from lib.views.chain_names import ChainName

FEEDS: Final = {
    "bitcoin": BITCOIN_FEES,
    "bsc": BSC_FEES,
    "polygon": POLYGON_FEES,
    "ethereum": ETHEREUM_FEES,
}


class GasRequest(Request):
    """Which chain."""

    chain: ChainName = "ethereum"


class GasPrices(Struct):
    """By patience, in the reply's unit."""

    slow: float
    standard: float
    fast: float


class GasReply(Reply, kw_only=True):
    """Prices in gwei for a unit of gas; on bitcoin in satoshi for a virtual byte."""

    chain: Chain
    unit: str
    timestamp: UnixMs
    slow: float
    standard: float
    fast: float
    base_fee: float | None
    block: int | None
    gas_prices: GasPrices


async def blockchain_gas(request: GasRequest, ctx: Context) -> GasReply:
    """What gas costs: the base fee of the next block and the tips of the last twenty, of which
    slow, standard and fast are the 10th, 50th and 90th percentile."""
    fees = await ctx.fetch(FEEDS[request.chain], Everything())
    if fees.base is None:
        ctx.lacks("base_fee", "bitcoin has none")
        ctx.lacks("block", "the source does not state it")
    return GasReply(
        chain=request.chain,
        unit=fees.unit,
        timestamp=fees.time_ms,
        slow=fees.slow,
        standard=fees.standard,
        fast=fees.fast,
        base_fee=fees.base,
        block=fees.block,
        gas_prices=GasPrices(fees.slow, fees.standard, fees.fast),
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/blockchain/gas",
        request=GasRequest,
        reply=GasReply,
        call=blockchain_gas,
        feeds=tuple(FEEDS.values()),
        tag="Blockchain",
    ),
)
handler = lambda_handler(*endpoints)
