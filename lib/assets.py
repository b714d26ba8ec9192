"""Which asset a ticker means: the best market-cap rank wins, and the others are told."""

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from msgspec import Struct

from lib.market import Coin, Coins, Listings

COINGECKO: Final = "coingecko"

_SEED = Path(__file__).with_name("assets.csv")
_SCANNED = 1500  # symbols looked at for a suggestion: keeps it under two milliseconds


class Asset(Struct, frozen=True):
    """One asset as one source names it. `rank` is by market cap; `None`: not known."""

    id: str
    symbol: str
    name: str
    rank: int | None = None
    source: str = COINGECKO


def load_seed(read: Callable[[], str] | None = None) -> tuple[Asset, ...]:
    """Some 340 well-known assets under their CoinGecko ids, for when no list was fetched yet.

    In the order of market caps on 22 August 2026 down to rank 100, roughly so after it; without
    ranks, since those move. A ticker that an asset is also written with is a row of its own.
    """
    text = read() if read else _SEED.read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    return tuple(
        Asset(wire_id, ticker, name)
        for symbol, name, wire_id, also in rows
        for ticker in (symbol, also)
        if ticker
    )


class AssetTable:
    """Tickers and what they stand for, from a market table, the seed, and a full list of coins.

    A symbol's assets are ordered by rank; those without one follow as listed: market table
    first, then the seed, then the list of coins.
    """

    def __init__(
        self,
        listings: Listings | None = None,
        coins: Coins | None = None,
        *,
        seed: Iterable[Asset] = (),
        source: str = COINGECKO,
        coins_source: str = COINGECKO,
    ) -> None:
        rows = listings.rows if listings else ()
        ranked = (Asset(r.id, r.symbol.upper(), r.name, r.rank, source) for r in rows)
        self._known: dict[str, list[Asset]] = {}
        for asset in (*sorted(ranked, key=_rank), *seed):
            self._known.setdefault(asset.symbol, []).append(asset)
        self._by_name = {a.name.casefold(): a.symbol for a in reversed(list(self))}
        self._coins_source = coins_source
        self._coins: dict[str, list[Coin]] = {}
        for coin in coins.rows if coins else ():
            self._coins.setdefault(coin.symbol.upper(), []).append(coin)

    def __iter__(self) -> Iterator[Asset]:
        """What each well-known symbol stands for, best first; coins merely listed are left out."""
        return (assets[0] for assets in self._known.values())

    def of(self, symbol: str) -> Asset | None:
        """The asset that a ticker stands for, if any source knows it."""
        return next(self._all(symbol), None)

    def others(self, symbol: str, most: int = 10) -> tuple[Asset, ...]:
        """The further assets of the same ticker at the same source, best first."""
        chosen = self.of(symbol)
        if chosen is None:
            return ()
        first: dict[str, Asset] = {}
        for asset in self._all(symbol):
            if asset.source == chosen.source:
                first.setdefault(asset.id, asset)
        return tuple(first.values())[1 : most + 1]

    def id_of(self, symbol: str, source: str) -> str | None:
        """The id under which one source knows the asset; `None` also where it merely lists coins
        of that ticker and nothing tells which of them is meant."""
        chosen = self.of(symbol)
        for asset in self._known.get(symbol.upper(), ()):
            if asset.source == source:
                return asset.id
        listed = [a for a in self._all(symbol) if a.source == source]
        if chosen and chosen.source != source:
            listed = [a for a in listed if a.name.casefold() == chosen.name.casefold()]
        return listed[0].id if len(listed) == 1 else None

    def suggest(self, symbol: str, n: int = 5) -> list[str]:
        """The nearest tickers: of that name, one slip of the finger away, or beginning alike."""
        text = symbol.strip()[:40]
        wanted = text.upper()
        if not wanted:
            return []
        scanned = self.some(_SCANNED)
        alike = [known for known in scanned if known.startswith(wanted)]
        slips = [known for known in scanned if _one_slip_apart(wanted, known)]
        near = [*slips, *alike] if len(wanted) > 2 else [*alike, *slips]
        named = self._by_name.get(text.casefold())
        found = dict.fromkeys([named, *near] if named else near)
        found.pop(wanted, None)
        return list(found)[:n]

    def some(self, n: int) -> list[str]:
        """The first `n` tickers, best first."""
        return list(islice(self._known, n))

    def _all(self, symbol: str) -> Iterator[Asset]:
        upper = symbol.upper()
        yield from self._known.get(upper, ())
        for coin in self._coins.get(upper, ()):
            yield Asset(coin.id, upper, coin.name, None, self._coins_source)


def clean_text(text: str | None, most: int = 100) -> str:
    """An outside name made safe to show: printable, trimmed, bounded; "" if nothing is left."""
    if not text:
        return ""
    if not text.isprintable():
        text = "".join(ch for ch in text[: 2 * most] if ch.isprintable())
    return text.strip()[:most].rstrip()


def _rank(asset: Asset) -> float:
    return float("inf") if asset.rank is None else asset.rank


def _one_slip_apart(a: str, b: str) -> bool:
    """One letter more, less, other, or two neighbours swapped, with something left in common."""
    if abs(len(a) - len(b)) > 1 or a == b or len(a) < 2:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if at is None:
        return True  # one is the other and one letter more
    a, b = a[at:], b[at:]
    return a[1:] in (b, b[1:]) or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
