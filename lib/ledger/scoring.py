"""What came of what was said, by the candles that followed. A background task asks for them."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from lib.ledger.ledger import Ledger
from lib.ledger.records import ForecastRecord, Outcome, Record, SignalRecord
from lib.market import Candle, Candles
from lib.queries import CandleQuery
from lib.sourced import NoSource
from lib.symbols import parse_symbol
from lib.timeframes import TIMEFRAME_MS

FetchBars = Callable[[CandleQuery], Awaitable[Candles]]

EVERY_S: Final = 60.0
RETRY_S: Final = 5.0
MOST_BARS: Final = 1000
AT_ONCE: Final = 4
"""Coins whose candles are asked for side by side: their sources have others to serve."""

SETTLING_MS: Final = 5000
"""A bar is read so long after its close at the earliest: venues are not all on time."""

_log = logging.getLogger("dreammaker.ledger")


async def keep_score(ledger: Ledger, fetch: FetchBars) -> None:
    """Score what is due once a minute, and write what waits for the database, until cancelled.

    The first write comes at once, if only of nothing: who asks for the service's health shall know
    whether it records.
    """
    waited = EVERY_S
    while True:
        await ledger.flush()
        if waited >= EVERY_S and ledger.reason is None:
            waited = 0.0
            try:
                await score_due(ledger, fetch)
            except Exception:  # the outermost boundary of this task
                _log.exception("ledger.not_scored")
        await asyncio.sleep(RETRY_S)
        waited += RETRY_S


async def score_due(ledger: Ledger, fetch: FetchBars) -> int:
    """Score what is due and can be; how many records that were.

    The one way of doing it: the server's background task and a scheduled function both call it.
    What cannot be scored yet stays due. At most 2000 of each kind a call.

    Raises:
        Exception: whatever the ledger's book says when it cannot be read or written.
    """
    now_ms = ledger.clock.now_ms() - SETTLING_MS
    forecasts, signals = await ledger.due(now_ms)
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    due: list[Record] = [*forecasts, *signals]
    for record in due:
        groups[record.symbol, record.timeframe].append(record)
    room = asyncio.Semaphore(AT_ONCE)

    async def score(symbol: str, timeframe: str, records: Sequence[Record]) -> int:
        async with room:
            try:
                bars = await _bars(fetch, symbol, timeframe, records)
            except NoSource:
                _log.info("ledger.no_bars", extra={"symbol": symbol})
                return 0
            except Exception:  # a fault of ours about one coin: the others are scored all the same
                _log.exception("ledger.coin_not_scored", extra={"symbol": symbol})
                return 0
            told = outcomes(records, bars)
            await ledger.score(told)  # at once: a function may be ended before the last coin
            return len(told)

    async with asyncio.TaskGroup() as tasks:
        under_way = [tasks.create_task(score(*key, rows)) for key, rows in groups.items()]
    return sum(task.result() for task in under_way)


def outcomes(records: Iterable[Record], bars: Mapping[int, Candle]) -> list[Record]:
    """The records whose outcome these closed bars tell, each with it."""
    told: list[Record] = []
    for record in records:
        step = TIMEFRAME_MS[record.timeframe]
        if isinstance(record, ForecastRecord):
            bar = bars.get(record.due_ms - step)
            if bar:
                told.append(replace(record, outcome=bar.close))
            continue
        path = [bars.get(at) for at in range(record.origin_ms, record.due_ms, step)]
        if all(path):
            outcome, gain = end_of(record, [bar for bar in path if bar])
            told.append(replace(record, outcome=outcome, realized_r=gain))
    return told


def end_of(signal: SignalRecord, path: Sequence[Candle]) -> tuple[Outcome, float]:
    """How a trade ended and its gain in units of the risk. A bar that holds both is a stop."""
    sign = 1 if signal.side == "buy" else -1
    risk = abs(signal.entry - signal.stop)
    for bar in path:
        worst, best = (bar.low, bar.high) if sign > 0 else (bar.high, bar.low)
        if sign * (worst - signal.stop) <= 0:
            return "stop", -1.0
        if sign * (best - signal.target) >= 0:
            return "target", abs(signal.target - signal.entry) / risk
    return "timeout", sign * (path[-1].close - signal.entry) / risk


async def _bars(
    fetch: FetchBars,
    symbol: str,
    timeframe: str,
    records: Sequence[Record],
) -> dict[int, Candle]:
    """Closed bars by open time, from the first that is needed on."""
    step = TIMEFRAME_MS[timeframe]
    last = max(record.due_ms for record in records) - step
    first = min(
        record.due_ms - step if isinstance(record, ForecastRecord) else record.origin_ms
        for record in records
    )
    pair = parse_symbol(symbol).pair
    bars: dict[int, Candle] = {}
    for since in range(first, last + 1, MOST_BARS * step):
        until = min(since + (MOST_BARS - 1) * step, last)
        count = (until - since) // step + 1
        found = await fetch(CandleQuery(pair, timeframe, count, since, until))
        bars |= {bar.open_ms: bar for bar in found.bars if bar.closed}
    return bars
