"""A page of an address's transactions, cut from one kept list: pages of it agree."""

from bisect import bisect_left
from typing import Final, NamedTuple

from lib.chain import EVM_CHAINS, Chain, Transaction, Transactions
from lib.context import Context
from lib.errors import InvalidParameter
from lib.feeds import BITCOIN_TRANSACTIONS, TRANSACTIONS
from lib.onchain.address import chain_of, read_address
from lib.queries import AddressQuery

DEPTHS: Final = (100, 200, 500, 1000)
"""How many rows are asked for: in few sizes, so that several pages share one call. Explorers give
a thousand."""

BITCOIN_DEPTHS: Final = (50, 100, 200)
"""There a call gives 25."""


class Page(NamedTuple):
    """Some transactions of a list."""

    chain: Chain
    address: str
    rows: tuple[Transaction, ...]
    has_more: bool
    source: Transactions


async def fetch_page(
    ctx: Context, address: str, chain: Chain | None, limit: int, offset: int
) -> Page:
    """Rows `offset` to `offset + limit` of an address, newest first. Without a chain the form of
    the address decides.

    Raises:
        InvalidParameter: the address cannot be one, or the page lies too deep.
    """
    chain = chain or chain_of(address)
    asked = read_address(address, chain)
    depth = _depth(chain, limit, offset)
    feed = TRANSACTIONS if chain in EVM_CHAINS else BITCOIN_TRANSACTIONS
    found = await ctx.fetch(feed, AddressQuery(chain, asked, depth))
    rows = found.rows[offset : offset + limit]
    has_more = not found.complete or len(found.rows) > offset + limit
    _say_missing(ctx, found, rows)
    return Page(chain, asked, rows, has_more, found)


def _depth(chain: str, limit: int, offset: int) -> int:
    depths = DEPTHS if chain in EVM_CHAINS else BITCOIN_DEPTHS
    at = bisect_left(depths, offset + limit)
    if at == len(depths):
        most = depths[-1] - limit
        raise InvalidParameter.of(
            "offset", offset, f"an integer from 0 to {most} for {limit} rows of {chain}"
        )
    return depths[at]


def _say_missing(ctx: Context, found: Transactions, rows: tuple[Transaction, ...]) -> None:
    bitcoin = found.chain == "bitcoin"
    reasons = {
        "to": "several recipients" if bitcoin else "makes a contract: see contract_address",
        "from": "several senders, or new coins",
        "status": "the source does not state it for old rows",
        "gas_used": "bitcoin has no gas" if bitcoin else "paid by the call that led to it",
    }
    values = {"to": "recipient", "from": "sender", "status": "status", "gas_used": "gas_used"}
    for field, reason in reasons.items():
        if any(getattr(row, values[field]) is None for row in rows):
            ctx.lacks(f"transactions[].{field}", reason)
    if "transactions[].gas_used" in ctx.missing:
        ctx.lacks("transactions[].gas_price", reasons["gas_used"])
    for kind in found.without:
        ctx.lacks(f"transactions[{kind}]", "the source was not asked for them")
    if found.left_out:
        ctx.lacks("transactions[]", f"{found.left_out} rows that make no sense were left out")
