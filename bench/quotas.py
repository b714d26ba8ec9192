"""What clients would cost the sources in a month, beside what each source grants for nothing.

    python -m bench.quotas [--write]

Nothing is measured: it is arithmetic on what the project declares. A value is fetched again when
somebody asks for it and it is no longer fresh, so a key that is asked `r` times a second costs
1 / (fresh + 1/r) fetches a second, however many ask. A fetch costs its declared weight at the first
source that grants it; what a source's tightest limit refuses goes to the next one.

Takes a second. Ends with 0.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lib.command import command
from lib.feeds import (
    BOOKS,
    CANDLES,
    COINS,
    EXCHANGES,
    GLOBALS,
    LISTINGS,
    MOODS,
    NEWS,
    TICKERS,
    TRADES,
    Feed,
)
from lib.providers.base import Limit, Provider, Served
from lib.runtime import load_providers

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"
BEGIN, END = "<!-- quotas: begin -->", "<!-- quotas: end -->"
CLIENTS: Final = (1, 1_000, 1_000_000)
EVERY_S: Final = 10.0
"""A client asks once in so many seconds."""

SYMBOLS: Final = 400
"""Pairs that anybody asks for; the n-th is asked for 1/n as often as the first."""

DAY_S, MONTH_S = 86400.0, 30 * 86400.0
NAMES: Final = {60.0: "minute", DAY_S: "day", MONTH_S: "month", 1.0: "second"}


@dataclass(frozen=True, slots=True)
class Habit:
    """What clients ask for: a feed, how often, and over how many different keys of one pair."""

    feed: Feed[Any, Any]
    share: float
    keys: int = 1
    by_pair: bool = True


HABITS: Final = (
    Habit(TICKERS, 0.45),
    Habit(CANDLES, 0.20, keys=3),
    Habit(LISTINGS, 0.10, by_pair=False),
    Habit(GLOBALS, 0.10, by_pair=False),
    Habit(MOODS, 0.03, by_pair=False),
    Habit(EXCHANGES, 0.02, by_pair=False),
    Habit(COINS, 0.01, by_pair=False),
    *(Habit(feed, 0.05, by_pair=False) for feed in NEWS),  # a page of news asks every outlet
    Habit(BOOKS, 0.05),
    Habit(TRADES, 0.03),
)
"""In shares of all requests; the market page asks for two. What is dearest stands last, and gets
what the others leave."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one limit of a source is used for."""

    source: str
    limit: Limit
    share: float  # of what is granted; at most 1, for the source is asked no more


def main() -> None:
    """Print the table, or write it into the page."""
    parser = command(__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/scaling.md")
    if parser.parse_args().write:
        PAGE.write_text(with_table(PAGE.read_text()))
    else:
        print(table())


def with_table(page: str) -> str:
    """The page with the table of today's declarations."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def table(clients: Sequence[int] = CLIENTS) -> str:
    """Markdown: a row for each limit that is used at all."""
    uses = [used(number / EVERY_S) for number in clients]
    titles = [f"{number:,} client{'s' if number > 1 else ''}" for number in clients]
    head = f"| source | grants for nothing | {' | '.join(titles)} |"
    rows: dict[str, list[str]] = defaultdict(list)  # sources that are used alike share a row
    for at in range(len(uses[0].uses)):
        row = [one.uses[at] for one in uses]
        if row[-1].share > 0:
            grants = f"{row[0].limit.units:,} units a {_period(row[0].limit.per_s)}"
            cells = f"{grants} | {' | '.join(map(_percent, row))}"
            rows[cells].append(row[0].source)
    lines = [head, "|---|---|" + "---:|" * len(clients)]
    lines += [f"| {_several(sources)} | {cells} |" for cells, sources in rows.items()]
    for feed in sorted(uses[-1].refused):
        shares = [one.refused.get(feed, 0.0) for one in uses]
        cells = " | ".join(f"{100 * share:.0f} %" for share in shares)
        lines.append(f"| *{feed}: no source left* | *then stale values, then 503* | {cells} |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How much of each limit is used, and which share of a feed's fetches nobody grants."""

    uses: list[Use]
    refused: dict[str, float]


def used(per_s: float, habits: Sequence[Habit] = HABITS, symbols: int = SYMBOLS) -> Outcome:
    """What `per_s` requests a second, spread by `habits`, cost."""
    kinds = {name: kind for name, kind in load_providers().items() if not kind.needs_key}
    served = {name: kind.served() for name, kind in kinds.items()}
    room = {name: _most_per_s(kind) for name, kind in kinds.items()}
    spent: dict[str, float] = defaultdict(float)
    refused: dict[str, float] = {}
    for habit in habits:
        feed = habit.feed
        left = 1.0
        for source in feed.sources:
            one = served.get(source, {}).get(feed.name)
            if one is None or left <= 0:
                continue
            wanted = left * fetches_per_s(habit, one, per_s, symbols) * one.weight
            granted = min(wanted, room[source] - spent[source])
            spent[source] += granted
            left *= 1 - (granted / wanted if wanted else 1.0)
            left = 0.0 if left < 1e-9 else left
        if left and any(source in kinds for source in feed.sources):
            refused[feed.name] = left
    uses = [
        Use(name, limit, spent[name] / (limit.units / limit.per_s))
        for name, kind in sorted(kinds.items())
        for limit in kind.limits
    ]
    return Outcome(uses, refused)


def fetches_per_s(habit: Habit, served: Served, per_s: float, symbols: int) -> float:
    """How often a source is asked when all ask it; a board answers for every pair at once."""
    fresh_s = habit.feed.fresh_s
    rate = per_s * habit.share
    if not habit.by_pair or served.bulk:
        return 1 / (fresh_s + 1 / rate)
    return sum(1 / (fresh_s + 1 / (rate * part)) for part in _parts(symbols, habit.keys))


def _parts(symbols: int, keys: int) -> Iterator[float]:
    whole = sum(1 / n for n in range(1, symbols + 1))
    for n in range(1, symbols + 1):
        for _ in range(keys):
            yield 1 / n / whole / keys


def _most_per_s(kind: type[Provider]) -> float:
    return min((limit.units / limit.per_s for limit in kind.limits), default=float("inf"))


def _several(sources: Sequence[str]) -> str:
    return sources[0] if len(sources) == 1 else f"{len(sources)} news outlets, each"


def _period(per_s: float) -> str:
    return NAMES.get(per_s, f"{per_s:.0f} s")


def _percent(use: Use) -> str:
    share = 100 * use.share
    return f"{share:.0f} %" if share >= 1 else f"{share:.2f} %"


def busiest(per_s: float, habits: Sequence[Habit], symbols: int) -> Use:
    """The limit of which a load uses most."""
    return max(used(per_s, habits, symbols).uses, key=lambda use: use.share)


if __name__ == "__main__":
    main()
