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


def say_left_out(ctx: Context, page: Page, rows: str) -> None:
    """Say which transfers are not among a page's; `rows` is what the reply calls them."""
    for kind in page.source.without:
        ctx.lacks(f"{rows}[{kind}]", "the source was not asked for them")
    if page.source.left_out:
        ctx.lacks(f"{rows}[]", f"{page.source.left_out} rows that make no sense were left out")
