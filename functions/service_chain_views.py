"""GET /api/service/whales and /api/service/onchain: chain data under the names of old clients."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct, field
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.chain import COINS, EVM_CHAINS, Amount, Transaction
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import BITCOIN_TRANSACTIONS, TICKERS, TRANSACTIONS, WHALE_ALERTS
from lib.symbols import parse_symbol
from lib.units import Money, UnixMs
from lib.views.chain_names import AnyChain
from lib.views.chain_pages import fetch_page, say_left_out
from lib.views.whale_watch import FEEDS, fetch_alerts, price_of
from lib.views.whales import Alert, Kind

Direction = Literal["inbound", "outbound"]

DIRECTIONS: dict[Kind, Direction] = {"exchange_inflow": "inbound", "exchange_outflow": "outbound"}


class WhalesRequest(Request):
    """How large, on which chain, of which coin, how many."""

    chain: AnyChain = None
    min_amount_usd: Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)] = 1_000_000
    symbol: Annotated[str | None, Field(description="a coin or token such as ETH or USDT")] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50

    aliases: ClassVar[dict[str, str]] = {"min_value": "min_amount_usd"}


class OnchainRequest(Request):
    """Which address, on which chain, how many."""

    address: Annotated[str, Field(description="an address of the chain")]
    chain: AnyChain = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class MoveRow(Struct, kw_only=True):
    """A transfer. `ts` is in Unix milliseconds."""

    sender: str | None = field(name="from")
    recipient: str | None = field(name="to")
    amount: Amount
    amount_usd: Money | None
    token: str
    symbol: str
    chain: str
    ts: UnixMs
    hash: str
    direction: Direction | None


class MovesReply(Reply, kw_only=True):
    """Transfers, newest first."""

    data: list[MoveRow]
    count: int


async def service_whales(request: WhalesRequest, ctx: Context) -> MovesReply:
    """Large transfers; inbound is to an exchange, outbound from one."""
    alerts = await fetch_alerts(ctx, request.chain, request.min_amount_usd, "data")
    if request.symbol:
        wanted = parse_symbol(request.symbol).pair.base
        alerts = [alert for alert in alerts if alert.token == wanted]
    rows = [_whale(alert) for alert in alerts[: request.limit]]
    if any(row.direction is None for row in rows):
        ctx.lacks("data[].direction", "neither side, or both, are known exchanges")
    _say_sides(ctx, rows)
    return MovesReply(data=rows, count=len(rows))


async def service_onchain(request: OnchainRequest, ctx: Context) -> MovesReply:
    """Transfers of one address: inbound to it, outbound from it. `amount_usd` is at the present
    price, of the coin and of large tokens only."""
    page = await fetch_page(ctx, request.address, request.chain, request.limit, 0)
    say_left_out(ctx, page, "data")
    prices = await _prices(ctx, page.chain, page.rows)
    rows = [_onchain(row, page.chain, page.address, prices) for row in page.rows]
    if any(row.amount_usd is None for row in rows):
        ctx.lacks("data[].amount_usd", "no price is known for every token")
    _say_sides(ctx, rows)
    return MovesReply(data=rows, count=len(rows))


def _say_sides(ctx: Context, rows: list[MoveRow]) -> None:
    if any(row.sender is None for row in rows):
        ctx.lacks("data[].from", "newly made, or from several addresses")
    if any(row.recipient is None for row in rows):
        ctx.lacks("data[].to", "it makes a contract, or goes to several addresses")


def _whale(alert: Alert) -> MoveRow:
    return MoveRow(
        sender=alert.sender,
        recipient=alert.recipient,
        amount=alert.amount,
        amount_usd=alert.usd,
        token=alert.token,
        symbol=alert.token,
        chain=alert.chain,
        ts=alert.time_ms,
        hash=alert.hash,
        direction=DIRECTIONS.get(alert.kind),
    )


def _onchain(row: Transaction, chain: str, address: str, prices: dict[str, float]) -> MoveRow:
    price = prices.get(_priced_as(row, chain) or "")
    return MoveRow(
        sender=row.sender,
        recipient=row.recipient,
        amount=row.amount,
        amount_usd=row.amount * price if price else None,
        token=row.token,
        symbol=row.token,
        chain=chain,
        ts=row.time_ms,
        hash=row.hash,
        direction="outbound" if row.sender == address else "inbound",
    )


def _priced_as(row: Transaction, chain: str) -> str | None:
    """The asset whose price holds: by contract, since any token may call itself USDT."""
    if row.kind != "token":
        return COINS[chain]
    token = EVM_CHAINS[chain].tokens.get(row.contract or "")
    return token.priced_as if token else None


async def _prices(ctx: Context, chain: str, rows: tuple[Transaction, ...]) -> dict[str, float]:
    symbols = sorted({symbol for row in rows if (symbol := _priced_as(row, chain))})
    found = await gather(*(price_of(ctx, symbol) for symbol in symbols))
    return {symbol: price for symbol, price in zip(symbols, found, strict=True) if price}


endpoints = (
    Endpoint(
        method="GET",
        path="/api/service/whales",
        request=WhalesRequest,
        reply=MovesReply,
        call=service_whales,
        feeds=(TICKERS, WHALE_ALERTS, *FEEDS.values()),
        tag="Blockchain",
    ),
    Endpoint(
        method="GET",
        path="/api/service/onchain",
        request=OnchainRequest,
        reply=MovesReply,
        call=service_onchain,
        feeds=(TICKERS, BITCOIN_TRANSACTIONS, TRANSACTIONS),
        tag="Blockchain",
    ),
)
handler = lambda_handler(*endpoints)
