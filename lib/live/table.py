"""Streamed tickers as the rest of the service sees them: rows, and a venue's whole board."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from msgspec.structs import replace

from lib.clock import Clock
from lib.feeds import TICKERS
from lib.highway.road import Highway
from lib.market import Ticker
from lib.queries import Everything
from lib.sourced import NoSource, arrived
from lib.units import UnixMs

REFRESH_S: Final = 1.0
TRUST_S: Final = 3.0  # a stream that told nothing for so long vouches for nothing

Share = Callable[[str, Mapping[str, Ticker], UnixMs], None]


class LiveTable:
    """Rows that streams tell are put where the endpoints look, so that they answer the same.

    A venue tells a ticker only when it changes; while its stream runs, what it last told is so.

    Args:
        share: gives a venue's rows to other processes.
    """

    def __init__(self, highway: Highway, clock: Clock, share: Share | None = None) -> None:
        self._highway = highway
        self._clock = clock
        self._share = share
        self._rows: dict[str, dict[str, Ticker]] = {}
        self._live_since_ms = 0  # of Binance's stream
        self._heard_at: dict[str, float] = {}
        self._refreshed_at = 0.0
        self._board: dict[str, Ticker] = {}
        self._fetching = False

    def heard(self, venue: str) -> None:
        """A frame came."""
        if venue == "binance" and not self._live_since_ms:
            self._live_since_ms = self._clock.now_ms()
        self._heard_at[venue] = self._clock.monotonic()

    def row(self, venue: str, ticker: Ticker) -> Ticker:
        """Keep a streamed ticker, dated now where the venue states no time."""
        if not ticker.time_ms:
            ticker = replace(ticker, time_ms=self._clock.now_ms())
        key = str(ticker.pair)
        self._rows.setdefault(venue, {})[key] = ticker
        self._highway.put_rows(TICKERS, venue, {key: ticker})
        if venue == "binance" and self._board:
            self._board[key] = ticker
        return ticker

    def overlay(self, venue: str, rows: Mapping[str, Ticker]) -> None:
        """Every ticker of a venue that changed; it says nothing of bids and asks."""
        if venue == "binance" and self._board:
            told = self._rows.get(venue, {})
            self._board.update({key: row for key, row in rows.items() if key not in told})

    def retain(self, venue: str, keys: Collection[str]) -> None:
        """Only these are streamed now: of others nobody knows whether they changed."""
        rows = self._rows.get(venue)
        if rows and rows.keys() - keys:
            self._rows[venue] = {key: row for key, row in rows.items() if key in keys}

    def drop(self, venue: str) -> None:
        """The stream ended: what it told is as old as it is."""
        self._rows.pop(venue, None)
        if venue == "binance":
            self._board = {}
            self._live_since_ms = 0

    def refresh(self, live: Collection[str]) -> None:
        """What live streams told last is as good as if it were told now."""
        now = self._clock.monotonic()
        if now - self._refreshed_at < REFRESH_S:
            return
        self._refreshed_at = now
        for venue in self._rows:
            if venue in live and now - self._heard_at.get(venue, 0) < TRUST_S:
                self._highway.put_rows(TICKERS, venue, self._rows[venue])
                if self._share:
                    self._share(venue, self._rows[venue], self._clock.now_ms())
        if self._board and "binance" in live and now - self._heard_at.get("binance", 0) < TRUST_S:
            board = arrived(dict(self._board), "binance", self._clock.now_ms())
            self._highway.shelf.put(TICKERS, Everything(), board)

    async def keep(self) -> None:
        """Fetch the whole board once, for the stream to lay over what changes."""
        if self._board or self._fetching:
            return
        # a clock that was set back must not make the stream begin in the future
        self._live_since_ms = min(self._live_since_ms, self._clock.now_ms())
        self._fetching = True
        try:
            found = await self._highway.board(TICKERS, REFRESH_S)
        except NoSource:
            return
        finally:
            self._fetching = False
        # what was fetched before the stream began may have changed unseen since
        if found.source == "binance" and 0 < self._live_since_ms <= found.fetched_ms:
            self._board = {**found.value, **self._rows.get("binance", {})}
