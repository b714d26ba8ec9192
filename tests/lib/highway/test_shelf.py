"""Behaviour of the shelf: the values at hand in one process."""

import pytest

from lib.feeds import CANDLES, RATES
from lib.highway.shelf import Shelf
from lib.market import Candle, Candles, Pair, Rates, Ticker
from lib.queries import CandleQuery, Everything, PairQuery
from lib.sourced import Attempt, Sourced
from tests.conftest import StillClock
from tests.lib.fakes import BTC, ETH, SPOTS

FRESH_S = 5.0


class Kept:
    """A shelf and a short way of making what goes on it, of any age."""

    def __init__(self, clock: StillClock, **most: int) -> None:
        self.clock = clock
        self.shelf = Shelf(clock, **most)

    def value(self, source: str, price: float, age_s: float = 0.0) -> Sourced[Ticker]:
        at = self.clock.now_ms() - round(age_s * 1000)
        return Sourced(Ticker(BTC.pair, price, at), source, (), at, at)

    def put(self, source: str, price: float, age_s: float = 0.0) -> None:
        self.shelf.put(SPOTS, BTC, self.value(source, price, age_s))

    def put_board(self, source: str, age_s: float = 0.0, **prices: float) -> None:
        at = self.clock.now_ms() - round(age_s * 1000)
        rows = {}
        for name, price in prices.items():
            pair = Pair(*name.split("_"))
            rows[str(pair)] = Ticker(pair, price, at)
        self.shelf.put_board("spots", source, Sourced(rows, source, (), at, at))

    def stream(self, source: str, price: float, key: str = "BTC/USDT") -> None:
        self.shelf.put_rows("spots", source, {key: self.value(source, price)})

    def near(self, query: PairQuery = BTC) -> tuple[str, float] | None:
        found: Sourced[Ticker] | None = self.shelf.near(SPOTS, query, FRESH_S)
        return (found.source, found.value.last) if found else None


@pytest.fixture
def kept(clock: StillClock) -> Kept:
    return Kept(clock)


def test_an_empty_shelf_has_nothing(kept: Kept) -> None:
    assert (kept.near(), len(kept.shelf)) == (None, 0)


def test_a_value_is_kept_however_old(kept: Kept, clock: StillClock) -> None:
    kept.put("alpha", 1.0)
    clock.advance(10**6)

    assert kept.near() == ("alpha", 1.0)


def test_a_board_answers_for_each_of_its_rows(kept: Kept) -> None:
    kept.put_board("beta", BTC_USDT=1.0, ETH_USDT=2.0)

    assert (kept.near(BTC), kept.near(ETH)) == (("beta", 1.0), ("beta", 2.0))


def test_a_board_does_not_answer_for_what_it_does_not_list(kept: Kept) -> None:
    kept.put_board("beta", BTC_USDT=1.0)

    assert kept.near(ETH) is None


def test_where_dollars_are_asked_a_row_in_another_dollar_answers(kept: Kept) -> None:
    kept.put_board("beta", BTC_USDT=1.0)
    found = kept.shelf.near(SPOTS, PairQuery(Pair("BTC", "USD")), FRESH_S)

    assert found
    assert found.value.pair == Pair("BTC", "USDT")


def test_of_one_board_the_row_that_fits_best_answers(kept: Kept) -> None:
    kept.put_board("beta", BTC_USDT=1.0, BTC_USD=2.0)

    assert kept.near(PairQuery(Pair("BTC", "USD"))) == ("beta", 2.0)


def test_euros_are_not_answered_in_dollars(kept: Kept) -> None:
    kept.put_board("beta", BTC_USDT=1.0, BTC_USD=2.0)

    assert kept.near(PairQuery(Pair("BTC", "EUR"))) is None


def test_of_fresh_answers_that_of_the_foremost_source_counts_though_it_is_older(
    kept: Kept,
) -> None:
    # else a board fetched for one odd symbol would change everyone's source
    kept.put_board("alpha", 4, BTC_USDT=1.0)
    kept.put_board("beta", 1, BTC_USDT=2.0)

    assert kept.near() == ("alpha", 1.0)


def test_of_stale_answers_the_youngest_counts(kept: Kept) -> None:
    kept.put_board("alpha", 40, BTC_USDT=1.0)
    kept.put_board("beta", 20, BTC_USDT=2.0)
    kept.put("gamma", 3.0, 30)

    assert kept.near() == ("beta", 2.0)


def test_a_fresh_answer_counts_before_a_stale_one_of_a_better_source(kept: Kept) -> None:
    kept.put_board("alpha", 6, BTC_USDT=1.0)
    kept.put_board("beta", 1, BTC_USDT=2.0)

    assert kept.near() == ("beta", 2.0)


def test_a_value_from_the_future_is_not_believed(kept: Kept) -> None:
    kept.put_board("alpha", -3600, BTC_USDT=1.0)
    kept.put("beta", 2.0, 100)

    assert kept.near() == ("beta", 2.0)


def test_a_value_from_the_future_is_not_even_the_last_resort(kept: Kept) -> None:
    kept.put("alpha", 1.0, -3600)

    assert kept.near() is None


def test_a_clock_that_is_a_second_behind_is_forgiven(kept: Kept) -> None:
    kept.put("alpha", 1.0, -1)

    assert kept.near() == ("alpha", 1.0)


def test_a_streamed_row_counts_before_the_older_board_of_its_source(kept: Kept) -> None:
    kept.put_board("alpha", 3, BTC_USDT=1.0)
    kept.stream("alpha", 2.0)

    assert kept.near() == ("alpha", 2.0)


def test_streaming_one_row_makes_no_other_row_younger(kept: Kept, clock: StillClock) -> None:
    kept.put_board("alpha", BTC_USDT=1.0, ETH_USDT=9.0)
    clock.advance(100)
    kept.stream("alpha", 2.0)
    found = kept.shelf.near(SPOTS, ETH, FRESH_S)

    assert found
    assert kept.shelf.age_s(found) == 100


def test_a_streamed_row_is_found_without_any_board(kept: Kept) -> None:
    kept.stream("beta", 2.0)

    assert kept.near(PairQuery(Pair("BTC", "USD"))) == ("beta", 2.0)


def test_a_streamed_row_from_the_future_does_not_hide_the_board(kept: Kept) -> None:
    kept.shelf.put_rows("spots", "alpha", {"BTC/USDT": kept.value("alpha", 2.0, -3600)})
    kept.put_board("alpha", BTC_USDT=1.0)

    assert kept.near() == ("alpha", 1.0)


@pytest.mark.parametrize("age_s", [3.0, -3600.0], ids=["older", "from the future"])
def test_a_row_of_another_process_replaces_no_younger_one(kept: Kept, age_s: float) -> None:
    kept.stream("alpha", 2.0)

    kept.shelf.put_rows("spots", "alpha", {"BTC/USDT": kept.value("alpha", 1.0, age_s)})

    assert kept.near() == ("alpha", 2.0)


def test_a_new_board_supersedes_what_was_streamed_before_it(kept: Kept, clock: StillClock) -> None:
    kept.stream("alpha", 2.0)
    clock.advance(1)
    kept.put_board("alpha", BTC_USDT=3.0)

    assert (kept.near(), len(kept.shelf)) == (("alpha", 3.0), 1)


def test_everything_is_answered_by_whole_boards(kept: Kept) -> None:
    kept.put_board("beta", BTC_USDT=1.0, ETH_USDT=2.0)
    found = kept.shelf.near(SPOTS, Everything(), FRESH_S)

    assert found
    assert (found.source, list(found.value)) == ("beta", ["BTC/USDT", "ETH/USDT"])


def test_a_late_answer_of_a_source_behind_does_not_replace_a_fresh_one(kept: Kept) -> None:
    kept.put("beta", 2.0, 1)
    kept.shelf.offer(SPOTS, BTC, kept.value("gamma", 3.0), FRESH_S)

    assert kept.near() == ("beta", 2.0)


def test_a_late_answer_of_a_source_ahead_does(kept: Kept) -> None:
    kept.put("beta", 2.0, 1)
    kept.shelf.offer(SPOTS, BTC, kept.value("alpha", 1.0), FRESH_S)

    assert kept.near() == ("alpha", 1.0)


def test_a_late_answer_replaces_a_stale_one(kept: Kept) -> None:
    kept.put("beta", 2.0, 6)
    kept.shelf.offer(SPOTS, BTC, kept.value("gamma", 3.0), FRESH_S)

    assert kept.near() == ("gamma", 3.0)


def test_who_failed_before_a_row_failed_before_its_whole_board(
    kept: Kept, clock: StillClock
) -> None:
    kept.put_board("gamma", BTC_USDT=1.0, ETH_USDT=2.0)
    lost, lacks, ok = (
        Attempt("alpha", "unavailable", 9),
        Attempt("beta", "unsupported", 1),
        Attempt("gamma", "ok", 5),
    )
    found = kept.value("gamma", 1.0)
    kept.shelf.credit("spots", Sourced(found.value, "gamma", (lost, lacks, ok), 0, clock.now_ms()))
    other = kept.shelf.near(SPOTS, ETH, FRESH_S)

    assert other
    assert other.tried == (lost, ok)


def test_a_board_fetched_since_is_not_credited_with_old_failures(
    kept: Kept, clock: StillClock
) -> None:
    found = kept.value("gamma", 1.0)
    clock.advance(1)
    kept.put_board("gamma", BTC_USDT=1.0)
    kept.shelf.credit(
        "spots", Sourced(found.value, "gamma", (Attempt("a", "timeout", 1),), 0, found.fetched_ms)
    )
    board = kept.shelf.board("spots", "gamma")

    assert board
    assert board.tried == ()


def test_when_full_the_values_put_longest_ago_go_first(clock: StillClock) -> None:
    kept = Kept(clock, most_entries=2)
    queries = [PairQuery(Pair(base, "USDT")) for base in ("A", "B", "C")]
    for query in (*queries[:2], queries[0], queries[2]):
        kept.shelf.put(SPOTS, query, kept.value("alpha", 1.0))

    assert [kept.near(query) is not None for query in queries] == [True, False, True]


@pytest.mark.parametrize("most", [{"most_entries": 3}, {"most_rows": 2500}])
def test_questions_in_endless_variety_push_out_no_other_feed_s_answers(
    clock: StillClock, most: dict[str, int]
) -> None:
    shelf = Shelf(clock, **most)
    rates = Sourced(Rates({"EUR": 0.9}, 0), "kraken", (), 0, clock.now_ms())
    shelf.put(RATES, Everything(), rates)
    bar = Candle(0, 1.0, 1.0, 1.0, 1.0, 1.0, closed=True)
    value = Sourced(Candles(BTC.pair, "1h", (bar,) * 1000, 0), "binance", (), 0, clock.now_ms())
    for since_ms in range(10):
        shelf.put(CANDLES, CandleQuery(BTC.pair, "1h", 1000, since_ms), value)

    assert shelf.near(RATES, Everything(), FRESH_S) == rates
    assert len(shelf) == 3


def test_streamed_rows_are_bounded_too(clock: StillClock) -> None:
    kept = Kept(clock, most_entries=10)
    for number in range(100):
        kept.stream("alpha", 1.0, f"T{number}/USDT")

    assert len(kept.shelf) == 10


def test_of_streamed_rows_those_silent_longest_go_first(clock: StillClock) -> None:
    kept = Kept(clock, most_entries=2)
    for key in ("BTC/USDT", "ETH/USDT", "BTC/USDT", "SOL/USDT"):
        kept.stream("alpha", 1.0, key)

    assert (kept.near(BTC), kept.near(ETH)) == (("alpha", 1.0), None)


def test_large_values_count_by_their_rows(clock: StillClock) -> None:
    # 4096 answers of a thousand candles each would not fit into a small function's memory
    shelf = Shelf(clock, most_rows=2500)
    bar = Candle(0, 1.0, 1.0, 1.0, 1.0, 1.0, closed=True)
    for since_ms in range(1, 51):
        query = CandleQuery(BTC.pair, "1h", 1000, since_ms)
        value = Candles(BTC.pair, "1h", (bar,) * 1000, 0)
        shelf.put(CANDLES, query, Sourced(value, "binance", (), 0, clock.now_ms()))

    assert len(shelf) == 2


def test_replacing_a_value_does_not_count_its_rows_twice(clock: StillClock) -> None:
    shelf = Shelf(clock, most_rows=2500)
    bar = Candle(0, 1.0, 1.0, 1.0, 1.0, 1.0, closed=True)
    value = Sourced(Candles(BTC.pair, "1h", (bar,) * 1000, 0), "binance", (), 0, clock.now_ms())
    shelf.put(CANDLES, CandleQuery(BTC.pair, "1h", 1), value)
    for _ in range(10):
        shelf.put(CANDLES, CandleQuery(BTC.pair, "1h", 2), value)

    assert len(shelf) == 2


@pytest.mark.parametrize(
    ("prefix", "went", "left"),
    [
        ("", 4, 0),
        ("v1:", 4, 0),
        ("v1:spots:", 3, 1),
        ("v1:spots:BTC/USDT", 2, 2),
        ("v1:spots:ETH/USDT", 2, 2),
        ("v1:spo", 3, 1),
        ("v1:other:", 0, 4),
    ],
)
def test_clearing_forgets_values_and_the_boards_that_hold_them(
    kept: Kept, clock: StillClock, prefix: str, went: int, left: int
) -> None:
    kept.put("alpha", 1.0)
    kept.shelf.put(SPOTS, ETH, kept.value("alpha", 1.0))
    kept.put_board("beta", BTC_USDT=1.0)
    candles = Sourced(Candles(BTC.pair, "1h", (), 0), "binance", (), 0, clock.now_ms())
    kept.shelf.put(CANDLES, CandleQuery(BTC.pair, "1h", 1), candles)

    assert (kept.shelf.clear(prefix), len(kept.shelf)) == (went, left)
