"""The history of an address, merged from the lists in which explorers keep it."""

from collections.abc import Sequence
from typing import NamedTuple

from lib.chain import Kind, Transaction, Transactions
from lib.queries import AddressQuery


class Page(NamedTuple):
    """One list of an address, as far as it was asked for."""

    rows: list[Transaction]
    since_ms: int  # there may be others before it; 0: these are all
    left_out: int


def build_transactions(
    query: AddressQuery, pages: Sequence[Page], time_ms: int, without: tuple[Kind, ...] = ()
) -> Transactions:
    """Merge the lists of an address, newest first.

    A call that only moved tokens is told by its token rows. What is older than the end of a list
    that may go on is left to a deeper question: another list would be told there with gaps.
    """
    told = {row.hash for page in pages for row in page.rows if row.kind != "native"}
    rows = [
        row
        for page in pages
        for row in page.rows
        if not (row.kind == "native" and row.hash in told and _is_bare_call(row))
    ]
    since = max((page.since_ms for page in pages), default=0)
    newest_first = sorted(
        (row for row in rows if row.time_ms >= since), key=lambda row: (-row.time_ms, -_block(row))
    )
    return Transactions(
        chain=query.chain,
        address=query.address,
        rows=tuple(newest_first),
        complete=since == 0,
        time_ms=time_ms,
        without=without,
        left_out=sum(page.left_out for page in pages),
    )


def _is_bare_call(row: Transaction) -> bool:
    return row.amount == 0 and row.status == "success" and row.recipient is not None


def _block(row: Transaction) -> int:
    return row.block or 0
