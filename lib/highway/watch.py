"""Watches over tickers: what others contradict stays out of answers, who stands still has failed.

It compares what lies on the shelf anyway. Where only one source is ever asked there is nothing to
compare with; a fallback, a hedge or `/api/price/{symbol}/consensus` brings the others.
"""

import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from itertools import islice
from operator import is_
from typing import Any, Final

from msgspec.structs import replace

from lib.clock import Clock
from lib.errors import SourceImplausible, SourceStuck
from lib.feeds import LISTINGS, TICKERS, VENUES, Feed
from lib.highway.plausible import (
    ENOUGH,
    OFF,
    OTHER_COIN,
    Doubt,
    Outliers,
    Standstill,
    off,
)
from lib.highway.shelf import Shelf
from lib.market import DOLLARS, Ticker
from lib.providers.base import Served
from lib.queries import Everything, ListQuery, PairQuery, Query
from lib.sourced import Attempt, Sourced

EVIDENCE_S: Final = 60.0
"""An older price says nothing about how high a present one should be."""

MEMORY_S: Final = 300.0
"""An older price says nothing about whether the market moves."""

MOST_JUDGED: Final = 50
"""At most so many pairs of whole boards are judged one by one: each takes some 20 µs."""

SAMPLE: Final = 20
"""So many pairs of a whole board are looked at to see whether others move."""

_EVERYTHING: Final = ""  # what a whole board is about

_log = logging.getLogger("dreammaker.sources")

Answers = Sequence[Sourced[Any]]
Ask = Callable[[str], Coroutine[Any, Any, Sourced[Any]]]


class Watch:
    """Stands beside the shelf: `sift` sees whatever is taken from it, `vet` whatever arrives, and
    `believed` what is passed on before it has lain there."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self.outliers = Outliers(clock)
        self._standstill = Standstill()
        self._shelf = shelf
        self._sifted: tuple[Answers, Sequence[Doubt], Answers] = ((), (), ())
        shelf.sift = self.sift

    def doubts_about(self, source: str) -> list[Doubt]:
        """Which of its prices are doubted at present."""
        return [doubt for doubt in self.outliers.doubts if doubt.source == source]

    @property
    def stuck(self) -> frozenset[str]:
        """Sources that, when last asked, said the same as ever while others move."""
        return self._standstill.stuck

    def stuck_about(self, query: Query) -> frozenset[str]:
        """Those that did so about this, or about everything."""
        return self._standstill.stuck_about(query.key, _EVERYTHING)

    def sift(self, feed: Feed[Any, Any], query: Query, answers: Answers) -> Answers:
        """These answers to one question without those that the others contradict."""
        if feed.name != TICKERS.name or (len(answers) < 3 and not self.outliers):
            return answers
        if isinstance(query, Everything):
            return self._sift_boards(answers)
        rows = [(one.source, one.value) for one in self._recent(answers)]
        for pair in dict.fromkeys(str(row.pair) for _, row in rows):
            self._judge(pair, rows)
        stands = self.outliers.stands
        odd = {one.source for one in answers if stands(one.source, str(one.value.pair))}
        return [_instead_of(odd, one) for one in answers if one.source not in odd]

    def vouching(self, feed: Feed[Any, Any], query: Query, ask: Ask) -> Ask:
        """The same way of asking a source, with `vouch` after it."""

        async def vouched(source: str) -> Sourced[Any]:
            return self.vouch(feed, query, await ask(source))

        return vouched

    def vouch(self, feed: Feed[Any, Any], query: Query, answer: Sourced[Any]) -> Sourced[Any]:
        """What a source has just said, if it may be passed on; of a board the rows that may.

        Raises:
            SourceImplausible: the others agree on something else.
        """
        believed = self.believed(feed, query, answer)
        if believed is None:
            raise SourceImplausible(f"{answer.source}: {query.key} contradicts the others")
        return believed

    def believed(
        self, feed: Feed[Any, Any], query: Query, answer: Sourced[Any] | None
    ) -> Sourced[Any] | None:
        """An answer that is not on the shelf yet, unless the others there contradict it."""
        if answer is None or feed.name != TICKERS.name:
            return answer
        others = [one for one in self._shelf.answers(feed, query) if one.source != answer.source]
        kept = self.sift(feed, query, [*others, answer])
        return next((one for one in kept if one.source == answer.source), None)

    def vet(self, served: Served, query: Query | None, answer: Sourced[Any]) -> None:
        """Look whether a source says anything new.

        Raises:
            SourceImplausible: it says the same as ever about one pair, while others move. Nobody
                may be trading it there, which says nothing about the source's other pairs.
            SourceStuck: it says the same as ever about all of them.
        """
        source = answer.source
        if served.feed.name != TICKERS.name or source not in VENUES:
            return  # an aggregator's answers stay the same for a minute, and by design
        rows: Mapping[str, Ticker] = answer.value if query is None else {query.key: answer.value}
        said = hash(tuple((row.last, row.bid, row.ask, row.volume) for row in rows.values()))
        others = {
            (one.source, key): one.value.last
            for key, row in islice(rows.items(), SAMPLE)
            for one in self._shelf.answers(TICKERS, PairQuery(row.pair))
            if one.source != source and self._shelf.age_s(one) < MEMORY_S
        }
        about, error = (query.key, SourceImplausible) if query else (_EVERYTHING, SourceStuck)
        if self._standstill.is_stuck(source, about, said, others):
            raise error(f"{source}: says the same as ever, while others move")

    def known(self, pair: str) -> float | None:
        """The aggregator's price, in dollars, of the coin that a ticker means; `None` if its table
        is not at hand or the pair is priced in something else."""
        base, _, quote = pair.partition("/")
        if quote not in DOLLARS:
            return None
        table = self._shelf.near(LISTINGS, ListQuery(2), LISTINGS.fresh_s)
        rows = table.value.rows if table and self._shelf.age_s(table) < LISTINGS.stale_s else ()
        return next((row.price for row in rows if row.symbol == base), None)

    def _sift_boards(self, boards: Answers) -> Answers:
        """Boards without the rows that are contradicted; the last result is remembered.

        A board with many doubtful rows is left out altogether.
        """
        seen, doubts, sifted = self._sifted
        if (
            len(seen) == len(boards)
            and all(map(is_, seen, boards))
            and (doubts == self.outliers.doubts)
        ):
            return sifted
        recent = {one.source: one.value for one in self._recent(boards)}
        doubtful = self._doubtful(list(recent.values()))
        for pair in doubtful[:MOST_JUDGED]:
            rows = [(source, board[pair]) for source, board in recent.items() if pair in board]
            self._judge(pair, rows)
        odd: dict[str, set[str]] = {one.source: set() for one in boards}
        for doubt in self.outliers.doubts:
            odd.setdefault(doubt.source, set()).add(doubt.pair)
        kept = [one for one in boards if 2 * len(odd[one.source]) < MOST_JUDGED]
        sifted = [_without(one, odd[one.source]) for one in kept]
        self._sifted = (boards, self.outliers.doubts, sifted)
        return sifted

    def _doubtful(self, boards: Sequence[Mapping[str, Ticker]]) -> list[str]:
        """Pairs that are doubted, or whose prices lie apart: a quick look at thousands."""
        found = {doubt.pair: None for doubt in self.outliers.doubts}
        counts = Counter(pair for board in boards for pair in board)
        for pair, count in counts.items():
            if count > ENOUGH:
                prices = [board[pair].last for board in boards if pair in board]
                if max(prices) > (1 + OFF) * min(prices):
                    found[pair] = None
        return list(found)

    def _judge(self, pair: str, rows: Iterable[tuple[str, Ticker]]) -> None:
        prices = {source: row.last for source, row in rows if str(row.pair) == pair}
        if not prices:
            return
        apart = off(max(prices.values()), min(prices.values()))
        known = self.known(pair) if apart > OTHER_COIN else None
        judged = self.outliers.judge(pair, prices, known)
        for doubt in judged.begun:
            _log.warning("source.outlier", extra=_facts(doubt))
        for doubt in judged.ended:
            _log.info("source.agrees_again", extra=_facts(doubt))

    def _recent(self, answers: Answers) -> Answers:
        return [one for one in answers if self._shelf.age_s(one) < EVIDENCE_S]


def _without(board: Sourced[Any], pairs: set[str]) -> Sourced[Any]:
    if not pairs:
        return board
    return replace(board, value={key: row for key, row in board.value.items() if key not in pairs})


def _instead_of(odd: set[str], kept: Sourced[Any]) -> Sourced[Any]:
    """A kept answer that says whose was dropped."""
    told = {attempt.source for attempt in kept.tried}
    dropped = [Attempt(source, SourceImplausible.outcome, 0) for source in sorted(odd - told)]
    return replace(kept, tried=(*dropped, *kept.tried)) if dropped else kept


def _facts(doubt: Doubt) -> dict[str, object]:
    return {
        "source": doubt.source,
        "pair": doubt.pair,
        "price": doubt.price,
        "others": doubt.median,
    }
