"""GET /api/blockchain/whale-alerts: large transfers on chains, just now."""

from typing import Annotated

from msgspec import Struct, field
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.chain import Amount
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import TICKERS, WHALE_ALERTS
from lib.units import Money, UnixMs
from lib.views.chain_names import AnyChain
from lib.views.whale_watch import FEEDS, fetch_alerts
from lib.views.whales import Alert, Kind, label


class WhaleAlertsRequest(Request):
    """How large, on which chain, how many."""

    min_value: Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)] = 1_000_000
    chain: AnyChain = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class AlertRow(Struct, kw_only=True):
    """A transfer; `type` says which side is an exchange that we know."""

    id: str
    timestamp: UnixMs
    hash: str
    sender: str = field(name="from")
    recipient: str = field(name="to")
    amount: Amount
    token: str
    usd_value: Money
    chain: str
    kind: Kind = field(name="type")
    from_address: str | None
    to_address: str | None
    from_owner: str | None
    to_owner: str | None


class WhaleAlertsReply(Reply, kw_only=True):
    """Alerts, newest first."""

    alerts: list[AlertRow]
    count: int


async def blockchain_whale_alerts(request: WhaleAlertsRequest, ctx: Context) -> WhaleAlertsReply:
    """Large transfers in the newest blocks of Bitcoin, Ethereum, BNB Smart Chain and Polygon.

    Read from the chains themselves: coins, and USDT, USDC, DAI, WETH and WBTC. Valued at our own
    prices. On Bitcoin only what surely left the sender counts. Exchanges are known by a table of
    their wallets.
    """
    alerts = await fetch_alerts(ctx, request.chain, request.min_value)
    rows = [_row(alert) for alert in alerts[: request.limit]]
    if any(row.from_owner is None or row.to_owner is None for row in rows):
        ctx.lacks("alerts[].from_owner", "no wallet of a known exchange")
        ctx.lacks("alerts[].to_owner", "no wallet of a known exchange")
    return WhaleAlertsReply(alerts=rows, count=len(rows))


def _row(alert: Alert) -> AlertRow:
    return AlertRow(
        id=alert.id,
        timestamp=alert.time_ms,
        hash=alert.hash,
        sender=label(alert.sender, alert.sender_owner),
        recipient=label(alert.recipient, alert.recipient_owner),
        amount=alert.amount,
        token=alert.token,
        usd_value=alert.usd,
        chain=alert.chain,
        kind=alert.kind,
        from_address=alert.sender,
        to_address=alert.recipient,
        from_owner=alert.sender_owner,
        to_owner=alert.recipient_owner,
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/blockchain/whale-alerts",
        request=WhaleAlertsRequest,
        reply=WhaleAlertsReply,
        call=blockchain_whale_alerts,
        feeds=(TICKERS, WHALE_ALERTS, *FEEDS.values()),
        tag="Blockchain",
    ),
)
handler = lambda_handler(*endpoints)
