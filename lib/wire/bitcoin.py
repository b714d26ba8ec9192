"""Bitcoin transactions read: what one did to an address, and what it surely paid to others.

A transaction spends whole coins, so most give some of it back to their sender, usually to a fresh
address. Which output is that change is not written anywhere. We say only what is certain:

- an output to an address that is also among the inputs is change;
- a new coin (coinbase) is no transfer;
- a lone output was paid as a whole;
- where several outputs go to others and none is known change, one of them may be: whichever it
  is, what remains when the largest is left out was paid. The largest is marked `may_be_change`.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Final, NamedTuple

from msgspec import Meta

from lib.chain import Transaction, Transfer, whole_units
from lib.units import UnixMs

DECIMALS: Final = 8  # satoshi in a bitcoin

Address = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{0,100}\Z")]
"""An address in an explorer's answer: base58 or bech32, not checked any further."""


class Coin(NamedTuple):
    """An input or an output; `address` is `None` for scripts that have none."""

    address: str | None
    sats: int


class Spend(NamedTuple):
    """A confirmed transaction. Without inputs it makes new coins."""

    txid: str
    inputs: tuple[Coin, ...]
    outputs: tuple[Coin, ...]
    time_ms: UnixMs
    block: int
    fee_sats: int | None = None


def effect_on(spend: Spend, address: str) -> Transaction:
    """What a transaction did to one address, as one row.

    Sent alone: all that went elsewhere. Else what the address gained or lost. The other side is
    `None` unless it is one single address.
    """
    spent, got = _sum(spend.inputs, address), _sum(spend.outputs, address)
    senders = {coin.address for coin in spend.inputs}
    others = [coin for coin in spend.outputs if coin.address != address]
    elsewhere = sum(coin.sats for coin in others)
    if senders == {address}:
        sent, sats = True, elsewhere or got
    else:
        sent, sats = spent > got, abs(got - spent)
    paid_to = {coin.address for coin in others if coin.sats} or {address}
    return Transaction(
        hash=spend.txid,
        time_ms=spend.time_ms,
        kind="native",
        sender=address if sent else _only(senders - {address}),
        recipient=_only(paid_to) if sent else address,
        amount=_bitcoins(sats),
        token="BTC",  # noqa: S106 - a coin, no password
        status="success",
        fee=None if spend.fee_sats is None else _bitcoins(spend.fee_sats),
        block=spend.block,
    )


def transfers_of(spend: Spend) -> list[Transfer]:
    """What a transaction paid to others, a row a recipient; its sender is the largest input."""
    paid_in = _by_address(spend.inputs)
    if not paid_in:
        return []
    outputs = _by_address(spend.outputs)
    paid_out = {a: sats for a, sats in outputs.items() if a not in paid_in and sats > 0}
    if not paid_out:
        return []
    change_is_known = any(address in paid_in for address in outputs)
    largest = max(paid_out, key=paid_out.__getitem__)
    sender = max(paid_in, key=paid_in.__getitem__)
    return [
        Transfer(
            chain="bitcoin",
            hash=spend.txid,
            index=str(place),
            time_ms=spend.time_ms,
            sender=sender,
            recipient=address,
            amount=_bitcoins(sats),
            token="BTC",  # noqa: S106 - a coin, no password
            priced_as="BTC",
            may_be_change=not change_is_known and len(paid_out) > 1 and address == largest,
        )
        for place, (address, sats) in enumerate(outputs.items())
        if address in paid_out
    ]


def _by_address(coins: Iterable[Coin]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for coin in coins:
        if coin.address:
            sums[coin.address] += coin.sats
    return dict(sums)


def _sum(coins: Iterable[Coin], address: str) -> int:
    return sum(coin.sats for coin in coins if coin.address == address)


def _only(addresses: set[str | None]) -> str | None:
    return next(iter(addresses)) if len(addresses) == 1 else None


def _bitcoins(sats: int) -> float:
    return whole_units(sats, DECIMALS) or 0.0
