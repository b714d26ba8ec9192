"""What must be true of what one live listener hears."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from drill.record import Log
from drill.truth import Truth

SILENCE_S: Final = 10.0
_MINUTE_S: Final = 60
_CALM: Final = "live"


class Witness:
    """Judges one listener's messages, across its reconnections."""

    def __init__(self, name: str, channel: str, symbols: Sequence[str], truth: Truth, log: Log):
        self.name = name
        self.channel = channel
        self.symbols = tuple(symbols)
        self.heard_at = time.monotonic()
        self._truth = truth
        self._log = log
        self._seq = 0
        self._since_ms = 0.0
        self._serials: dict[str, tuple[str, int]] = {}
        self._excused: set[str] = set()  # topics of which a gap or a status was told since
        self._troubled: set[str] = set()
        self._silent = False

    def connected(self, at_ms: float, *, anew: bool) -> None:
        """A connection begins; `anew` if it does not say what was missed."""
        self.heard_at = time.monotonic()
        self._silent = False
        self._seq = 0
        if anew:
            self._since_ms = at_ms
            self._serials.clear()
            self._troubled.clear()

    def hear(self, message: dict[str, Any]) -> None:
        """Judge a message."""
        record = self._log.now
        kind = message.get("type")
        if kind not in ("gap", "status") and "data" not in message:
            return  # a greeting, or an acknowledgement
        self.heard_at = time.monotonic()
        self._silent = False
        symbol = str(message.get("symbol", "")).partition("/")[0]
        if kind == "gap":
            record.gaps += 1
            self._excuse(symbol)
        elif kind == "status":
            record.statuses += 1
            self._excuse(symbol)
            calm = message["status"] == _CALM
            (self._troubled.discard if calm else self._troubled.add)(symbol)
        else:
            record.messages += 1
        for rule, example in self._broken(message):
            record.violate(rule, f"{self.name} {self.channel}: {example}")

    def watch(self) -> None:
        """Note a silence that nobody explained."""
        silent_s = time.monotonic() - self.heard_at
        if silent_s > SILENCE_S and not self._silent and not self._troubled:
            self._silent = True
            self._log.now.violate(
                "silence is explained", f"{self.name} {self.channel}: {silent_s:.0f} s"
            )

    def _excuse(self, symbol: str) -> None:
        self._excused.update([symbol] if symbol else self.symbols)

    def _broken(self, message: dict[str, Any]) -> Iterator[tuple[str, str]]:
        seq = message.get("seq")
        if isinstance(seq, int):
            if seq <= self._seq:
                yield "numbers ascend", f"{seq} after {self._seq}"
            self._seq = seq
        data = message.get("data")
        if data is None:
            return
        symbol = data["symbol"].partition("/")[0]
        if not self._real(symbol, data):
            yield "no invented number", f"{data} of {message.get('source')}"
        if self.channel == "trades":
            yield from self._missed(symbol, str(message.get("source")), data)

    def _missed(self, symbol: str, source: str, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if data["timestamp"] < self._since_ms:
            return  # told to those who had missed it; what came between was told before
        serial = int(data["id"])
        told_by, last = self._serials.get(symbol, ("", 0))
        if told_by != source:
            last = serial  # another venue counts its own trades
        elif serial > last + 1 and symbol not in self._excused:
            yield "gaps are told", f"{symbol} of {source}: {serial} after {last}"
        self._serials[symbol] = (source, max(serial, last))
        self._excused.discard(symbol)

    def _real(self, symbol: str, data: dict[str, Any]) -> bool:
        truth, at_ms = self._truth, data["timestamp"]
        match self.channel:
            case "ticker":
                return truth.price(symbol, data["price"], at_ms)
            case "trades":
                return truth.trade(symbol, data["price"], data["amount"], at_ms)
            case "orderbook":
                # where a venue states no time, it is that of our own clock, which may be moved
                now_ms = time.time_ns() // 1_000_000
                return any(
                    truth.book(symbol, data["bids"], data["asks"], ms)
                    for ms in (at_ms, *(now_ms - ago for ago in range(0, 8000, 3000)))
                )
        if data["closed"]:
            return truth.closed_bar(symbol, data, _MINUTE_S)
        return truth.running_bar(symbol, data, at_ms, _MINUTE_S)
