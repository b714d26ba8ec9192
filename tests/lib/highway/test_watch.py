"""The watch beside the shelf: rows and boards that the others contradict."""

from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from lib.errors import SourceError, SourceImplausible, SourceStuck
from lib.feeds import BOOKS, LISTINGS, TICKERS
from lib.highway.shelf import Shelf
from lib.highway.watch import Watch
from lib.market import Listing, Listings, Pair, Ticker
from lib.providers.base import Served
from lib.queries import Everything, ListQuery, PairQuery
from lib.sourced import Attempt, Sourced, arrived
from tests.conftest import StillClock

X0 = PairQuery(Pair("X0", "USDT"))
FRESH_S = TICKERS.fresh_s

Keep = Callable[[str, float, Mapping[str, float]], Sourced[Mapping[str, Ticker]]]


@pytest.fixture
def shelf(clock: StillClock) -> Shelf:
    return Shelf(clock)


@pytest.fixture
def watch(shelf: Shelf, clock: StillClock) -> Watch:
    return Watch(shelf, clock)


@pytest.fixture
def keep(shelf: Shelf, clock: StillClock) -> Keep:
    """Keep a source's board of 200 pairs at one price, some of them at another."""

    def put(
        source: str, price: float, others: Mapping[str, float]
    ) -> Sourced[Mapping[str, Ticker]]:
        prices = {f"X{number}/USDT": price for number in range(200)} | dict(others)
        rows = {
            name: Ticker(Pair(*name.split("/")), last, clock.now_ms())
            for name, last in prices.items()
        }
        board = arrived(rows, source, clock.now_ms())
        shelf.put_board(TICKERS.name, source, board)
        return board

    return put


def test_one_odd_row_leaves_a_board_and_the_others_stay(
    shelf: Shelf, watch: Watch, keep: Keep
) -> None:
    for source in ("binance", "kraken", "okx"):
        keep(source, 100.0, {"X7/USDT": 110.0} if source == "binance" else {})

    near = shelf.near(TICKERS, Everything(), FRESH_S)

    assert near is not None
    assert (near.source, len(near.value), "X7/USDT" in near.value) == ("binance", 199, False)


def test_a_board_that_is_wrong_all_over_is_left_out_whole(
    shelf: Shelf, watch: Watch, keep: Keep
) -> None:
    for source, price in (("binance", 110.0), ("kraken", 100.0), ("okx", 100.0)):
        keep(source, price, {})

    near = shelf.near(TICKERS, Everything(), FRESH_S)

    assert near is not None
    assert (near.source, len(near.value)) == ("kraken", 200)
    assert len(watch.doubts_about("binance")) == 50


def test_an_answer_says_whose_price_was_dropped(shelf: Shelf, watch: Watch, keep: Keep) -> None:
    for source, price in (("binance", 110.0), ("kraken", 100.0), ("okx", 100.0)):
        keep(source, price, {})

    near = shelf.near(TICKERS, X0, FRESH_S)

    assert near is not None
    assert (near.source, near.degraded) == ("kraken", True)
    assert [(one.source, one.outcome) for one in near.tried] == [("binance", "malformed")]


def test_what_has_just_been_said_is_not_passed_on_against_the_others(
    watch: Watch, keep: Keep, clock: StillClock
) -> None:
    keep("kraken", 100.0, {})
    keep("okx", 100.0, {})
    row = Ticker(X0.pair, 110.0, clock.now_ms())

    with pytest.raises(SourceImplausible, match="binance: X0/USDT contradicts the others"):
        watch.vouch(TICKERS, X0, arrived(row, "binance", clock.now_ms()))


def test_a_doubted_price_is_not_served_for_having_grown_old(
    shelf: Shelf, watch: Watch, keep: Keep, clock: StillClock
) -> None:
    for source, price in (("binance", 110.0), ("kraken", 100.0), ("okx", 100.0)):
        keep(source, price, {})
    shelf.near(TICKERS, X0, FRESH_S)
    clock.advance(100)

    near = shelf.near(TICKERS, X0, FRESH_S)

    assert near is not None
    assert near.source != "binance"


def test_what_is_noted_on_a_kept_board_is_seen_again(
    shelf: Shelf, watch: Watch, keep: Keep
) -> None:
    for source in ("binance", "kraken", "okx"):
        keep(source, 100.0, {"X7/USDT": 110.0} if source == "binance" else {})
    near = shelf.near(TICKERS, Everything(), FRESH_S)
    assert near is not None

    shelf.put(TICKERS, Everything(), replace(near, refused=(Attempt("okx", "timeout", 1),)))

    again = shelf.near(TICKERS, Everything(), FRESH_S)
    assert again is not None
    assert [one.source for one in again.refused] == ["okx"]


def test_old_prices_contradict_nobody(
    shelf: Shelf, watch: Watch, keep: Keep, clock: StillClock
) -> None:
    keep("kraken", 100.0, {})
    keep("okx", 100.0, {})
    clock.advance(60)
    keep("binance", 110.0, {})

    near = shelf.near(TICKERS, X0, FRESH_S)

    assert near is not None
    assert near.source == "binance"


def test_only_prices_of_one_and_the_same_pair_are_compared(
    shelf: Shelf, watch: Watch, keep: Keep, clock: StillClock
) -> None:
    keep("binance", 110.0, {})
    for source in ("coinbase", "kraken"):
        row = Ticker(Pair("X0", "USD"), 100.0, clock.now_ms())
        shelf.put_rows(TICKERS.name, source, {X0.key: arrived(row, source, clock.now_ms())})

    near = shelf.near(TICKERS, X0, FRESH_S)

    assert near is not None
    assert near.source == "binance"


@pytest.mark.parametrize(("listed", "believed"), [(10.0, "binance"), (100.0, "kraken")])
def test_the_market_table_says_which_of_two_coins_is_meant(
    shelf: Shelf, watch: Watch, keep: Keep, clock: StillClock, listed: float, believed: str
) -> None:
    for source, price in (("binance", 10.0), ("kraken", 100.0), ("okx", 100.0)):
        keep(source, price, {})
    table = Listings((Listing("x", "X0", "X", price=listed),), clock.now_ms())
    shelf.put(LISTINGS, ListQuery(2), arrived(table, "coingecko", clock.now_ms()))

    near = shelf.near(TICKERS, X0, FRESH_S)

    assert near is not None
    assert near.source == believed


@pytest.mark.parametrize(
    ("source", "method", "query", "refusal"),
    [
        ("coinbase", "ticker", X0, SourceImplausible),
        ("kraken", "tickers", None, SourceStuck),
    ],
)
def test_who_stands_still_about_one_pair_has_not_failed_as_a_whole(
    shelf: Shelf,
    watch: Watch,
    clock: StillClock,
    source: str,
    method: str,
    query: PairQuery | None,
    refusal: type[SourceError],
) -> None:
    row = Ticker(X0.pair, 100.0, clock.now_ms())
    answer = arrived(row if query else {X0.key: row}, source, clock.now_ms())
    served = Served(TICKERS, method, 1, bulk=query is None)

    def told(others: float) -> type[SourceError] | None:
        moved = Ticker(X0.pair, others, clock.now_ms())
        shelf.put_rows(TICKERS.name, "okx", {X0.key: arrived(moved, "okx", clock.now_ms())})
        try:
            watch.vet(served, query, answer)
        except SourceError as error:
            return type(error)
        return None

    assert [told(100.0 + step) for step in range(4)] == [None, None, None, refusal]
    assert refusal.counts is (query is None)
    assert watch.stuck_about(X0) == {source}


def test_other_feeds_are_not_watched(watch: Watch, clock: StillClock) -> None:
    answer = arrived(Ticker(X0.pair, 1.0, clock.now_ms()), "binance", clock.now_ms())

    assert watch.vouch(BOOKS, X0, answer) is answer
