"""A reply of one word, where it came from, and the endpoint that gives it."""

from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import RATES, TICKERS
from lib.market import Pair, Ticker
from lib.sourced import Attempt, Sourced
from tests.house import NOW_MS, House

BTC = Ticker(pair=Pair("BTC", "USDT"), last=42150.25, time_ms=NOW_MS - 40)


class Nothing(Request):
    """Nothing to choose."""


class Said(Reply, kw_only=True):
    """A word."""

    word: str


async def unused(request: Nothing, ctx: Context) -> Said:
    """Never called here."""
    raise NotImplementedError


ENDPOINT = Endpoint(
    method="GET", path="/x", request=Nothing, reply=Said, call=unused, feeds=(RATES, TICKERS)
)


def sourced(
    source: str = "binance", fetched_ms: int = NOW_MS, as_of_ms: int = NOW_MS - 40
) -> Sourced[Ticker]:
    """A ticker that one source gave."""
    return Sourced(BTC, source, (Attempt(source, "ok", 12),), as_of_ms, fetched_ms)


def context(house: House) -> Context:
    """A context for one reply."""
    return house.runtime.context()
