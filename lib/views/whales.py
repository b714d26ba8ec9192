"""Large transfers as alerts: valued with our own prices, their sides named. Nothing is asked."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final, Literal

from msgspec import Struct

from lib.chain import Transfer
from lib.onchain.wallets import Wallets
from lib.units import Money, UnixMs

UNKNOWN: Final = "Unknown Wallet"
NAMED: Final = {"0x" + "0" * 40: "Null Address"}

Kind = Literal["exchange_inflow", "exchange_outflow", "exchange_transfer", "unknown"]


class Alert(Struct, frozen=True):
    """A large transfer: how much, what it is worth, from whom to whom."""

    id: str
    time_ms: UnixMs
    hash: str
    sender: str | None
    recipient: str | None
    sender_owner: str | None
    recipient_owner: str | None
    amount: float
    token: str
    usd: Money
    chain: str
    kind: Kind


def build_alerts(
    transfers: Iterable[Transfer], prices: Mapping[str, float], wallets: Wallets, min_usd: float
) -> list[Alert]:
    """What is worth at least so much, newest first. Without a price there is no alert.

    What may be a sender's change counts only where it went to a known exchange that is not the
    sender: nobody's change lands there.
    """
    alerts = [
        alert
        for transfer in transfers
        if (alert := _alert(transfer, prices, wallets)) and alert.usd >= min_usd
    ]
    return sorted(alerts, key=lambda alert: (-alert.time_ms, -alert.usd, alert.id))


def label(address: str | None, owner: str | None) -> str:
    """A side of a transfer: `0x… (Binance)`, `0x… (Unknown Wallet)`."""
    named = owner or NAMED.get(address or "", UNKNOWN)
    return f"{address} ({named})" if address else named


def kind_of(sender: str | None, recipient: str | None) -> Kind:
    """By the exchanges that hold the two wallets."""
    if sender and recipient:
        return "exchange_transfer"
    if recipient:
        return "exchange_inflow"
    return "exchange_outflow" if sender else "unknown"


def _alert(transfer: Transfer, prices: Mapping[str, float], wallets: Wallets) -> Alert | None:
    price = prices.get(transfer.priced_as)
    usd = transfer.amount * price if price else transfer.usd
    sender = transfer.sender_owner or wallets.owner(transfer.chain, transfer.sender)
    recipient = transfer.recipient_owner or wallets.owner(transfer.chain, transfer.recipient)
    if usd is None or (transfer.may_be_change and recipient in (None, sender)):
        return None
    return Alert(
        id=_identity(transfer),
        time_ms=transfer.time_ms,
        hash=transfer.hash,
        sender=transfer.sender,
        recipient=transfer.recipient,
        sender_owner=sender,
        recipient_owner=recipient,
        amount=transfer.amount,
        token=transfer.token,
        usd=usd,
        chain=transfer.chain,
        kind=kind_of(sender, recipient),
    )


def _identity(transfer: Transfer) -> str:
    """The same for the same transfer, whenever and wherever it is asked for."""
    words = f"{transfer.chain}:{transfer.hash}:{transfer.index}"
    return "whale_" + blake2b(words.encode(), digest_size=8).hexdigest()
