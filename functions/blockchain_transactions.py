"""GET /api/blockchain/transactions/{address}: what went to and from an address of a chain."""

from typing import Annotated

from msgspec import Struct, field
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.chain import Address, Amount, Chain, Gwei, Kind, Status, Transaction
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import BITCOIN_TRANSACTIONS, TRANSACTIONS
from lib.units import UnixMs
from lib.views.chain_names import AnyChain
from lib.views.chain_pages import Page, fetch_page, say_left_out


class TransactionsRequest(Request):
    """Which address, on which chain, which page."""

    address: Annotated[str, Field(description="an address of the chain")]
    chain: AnyChain = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    offset: Annotated[int, Field(ge=0, le=1000)] = 0


class TransactionRow(Struct, kw_only=True):
    """One transfer; amounts in units of the token, `fee` in the chain's coin."""

    hash: str
    timestamp: UnixMs
    sender: Address | None = field(name="from")
    recipient: Address | None = field(name="to")
    value: Amount
    token: str
    status: Status | None
    gas_used: int | None
    gas_price: Gwei | None
    kind: Kind
    contract_address: Address | None
    fee: Amount | None
    block: int | None


class TransactionsReply(Reply, kw_only=True):
    """A page of transfers, newest first."""

    address: str
    chain: Chain
    transactions: list[TransactionRow]
    count: int
    limit: int
    offset: int
    has_more: bool


async def blockchain_transactions(request: TransactionsRequest, ctx: Context) -> TransactionsReply:
    """Transfers of a chain's coin and of tokens, one list, newest first; failed ones are marked.

    Without `chain` the form of the address decides (ethereum, or bitcoin). Addresses in mixed
    case must match their checksum. Pages reach back 1000 rows, on bitcoin 200.
    """
    page = await fetch_page(ctx, request.address, request.chain, request.limit, request.offset)
    rows = [_row(one) for one in page.rows]
    _say_missing(ctx, page, rows)
    return TransactionsReply(
        address=request.address,
        chain=page.chain,
        transactions=rows,
        count=len(rows),
        limit=request.limit,
        offset=request.offset,
        has_more=page.has_more,
    )


def _row(one: Transaction) -> TransactionRow:
    return TransactionRow(
        hash=one.hash,
        timestamp=one.time_ms,
        sender=one.sender,
        recipient=one.recipient,
        value=one.amount,
        token=one.token,
        status=one.status,
        gas_used=one.gas_used,
        gas_price=one.gas_price,
        kind=one.kind,
        contract_address=one.contract,
        fee=one.fee,
        block=one.block,
    )


def _say_missing(ctx: Context, page: Page, rows: list[TransactionRow]) -> None:
    say_left_out(ctx, page, "transactions")
    bitcoin = page.chain == "bitcoin"
    gas = "bitcoin has no gas" if bitcoin else "paid by the call that led to it"
    reasons = {
        "to": "several recipients" if bitcoin else "makes a contract: see contract_address",
        "from": "several senders, or new coins",
        "gas_used": gas,
        "gas_price": gas,
        "contract_address": "it moves the chain's own coin",
    }
    for name, called in zip(
        TransactionRow.__struct_fields__, TransactionRow.__struct_encode_fields__, strict=True
    ):
        if any(getattr(row, name) is None for row in rows):
            reason = reasons.get(called, "the source does not state it for every row")
            ctx.lacks(f"transactions[].{called}", reason)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/blockchain/transactions/{address}",
        request=TransactionsRequest,
        reply=TransactionsReply,
        call=blockchain_transactions,
        feeds=(BITCOIN_TRANSACTIONS, TRANSACTIONS),
        tag="Blockchain",
    ),
)
handler = lambda_handler(*endpoints)
