"""GET /api/providers: the true state of every source."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.units import IsoTime, PairName, Price, UnixMs

if TYPE_CHECKING:
    from lib.highway.gate import Gate
    from lib.highway.watch import Watch

TYPES = {
    "trades": "exchange",
    "listings": "aggregator",
    "moods": "mood",
    "sentiment": "model",
    "forecasts": "model",
    "protocols": "defi",
    "pools": "defi",
}
"""A kind of source by a feed that only such sources serve; all others read chains."""


MOST_DOUBTED = 10


class ProvidersRequest(Request):
    """Nothing to choose."""


class BudgetView(Struct):
    """Dollars of a calendar month: the cap of our own, and what was spent."""

    monthly_usd: float
    spent_usd: float


class DoubtView(Struct):
    """A price of a source that is left out, since the others agree on another one."""

    pair: PairName
    price: Price
    others: Price
    since: IsoTime


class ProviderState(Struct):
    """One source: what it serves, and how it is doing by our own calls of it. `stuck`: it says the
    same as ever while others move; `doubted` holds at most ten prices."""

    id: str
    name: str
    status: str
    type: str
    feeds: list[str]
    circuit: str
    geo_blocked: bool
    quota_left: int | None
    paused_s: int
    key_variable: str | None
    key_present: bool
    key_needed: bool
    last_ok_at: IsoTime | None
    last_error: str | None
    last_error_at: IsoTime | None
    attribution: str
    terms: str
    budget: BudgetView | None
    stuck: bool
    doubted: list[DoubtView]


class ProvidersReply(Reply, kw_only=True):
    """Every source that this process may ask."""

    timestamp: UnixMs
    total: int
    online: int
    providers: list[ProviderState]


async def providers(request: ProvidersRequest, ctx: Context) -> ProvidersReply:  # noqa: ARG001
    """Every source with its circuit, quota, key and last error, as this process has met them."""
    assert ctx.desk  # noqa: S101 - the app gives one to every endpoint of operations
    highway = ctx.desk.runtime.highway
    rows = [_state(gate, highway.watch) for gate in highway.gates.values()]
    return ProvidersReply(
        timestamp=ctx.clock.now_ms(),
        total=len(rows),
        online=sum(row.status == "online" for row in rows),
        providers=rows,
    )


def _state(gate: "Gate", watch: "Watch") -> ProviderState:
    provider, spent = gate.provider, gate.provider.budget
    return ProviderState(
        id=provider.name,
        name=provider.name,
        status=gate.status,
        type=_type_of(provider.served()),
        feeds=sorted(provider.served()),
        circuit=gate.breaker.state,
        geo_blocked=gate.geo_blocked,
        quota_left=gate.quota.left,
        paused_s=round(gate.quota.closed_s),
        key_variable=provider.key_variable,
        key_present=provider.has_key,
        key_needed=provider.needs_key,
        last_ok_at=iso_utc(gate.last_ok_ms) if gate.last_ok_ms else None,
        last_error=gate.last_error,
        last_error_at=iso_utc(gate.last_error_ms) if gate.last_error_ms else None,
        attribution=provider.attribution,
        terms=provider.terms,
        budget=BudgetView(spent.monthly_usd, round(spent.spent_usd, 4)) if spent else None,
        stuck=provider.name in watch.stuck,
        doubted=[
            DoubtView(doubt.pair, doubt.price, doubt.median, iso_utc(doubt.since_ms))
            for doubt in watch.doubts_about(provider.name)[:MOST_DOUBTED]
        ],
    )


def _type_of(feeds: Collection[str]) -> str:
    """What kind of source serves these feeds."""
    if any(feed.startswith("news_") for feed in feeds):
        return "news"
    return next((kind for feed, kind in TYPES.items() if feed in feeds), "chain")


endpoints = (
    Endpoint(
        method="GET",
        path="/api/providers",
        request=ProvidersRequest,
        reply=ProvidersReply,
        call=providers,
        tag="Operations",
        cached=False,
    ),
)
handler = lambda_handler(*endpoints)
