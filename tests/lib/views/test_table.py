"""The market table: slow facts under fast prices, row by row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market import Listing, Pair, Ticker
from lib.views.table import ORDERS, MarketRow, build_rows, sort_rows

AT_MS = 1_764_000_000_000


def listing(symbol: str, **facts: Any) -> Listing:
    """A coin of an aggregator's table."""
    return Listing(**{"id": symbol.lower(), "symbol": symbol, "name": symbol, "rank": 1} | facts)


def ticker(base: str, last: float, quote: str = "USDT", **facts: Any) -> Ticker:
    """A venue's ticker."""
    return Ticker(pair=Pair(base, quote), last=last, time_ms=AT_MS, **facts)


def row(
    one: Listing, *tickers: Ticker, rate: float = 1.0, others: tuple[Listing, ...] = ()
) -> MarketRow:
    """The row of one coin."""
    board = {str(t.pair): t for t in tickers}
    return build_rows([*others, one], board, rate, AT_MS)[-1]


def test_price_and_day_are_the_venues() -> None:
    made = row(
        listing("BTC", price=100.0, change_24h=1.0, high_24h=120.0, low_24h=90.0, volume_24h=7e9),
        ticker("BTC", 101.0, change_percent=2.5, high=111.0, low=95.0, volume=1e6),
    )

    assert (made.price, made.change_24h, made.high_24h, made.low_24h) == (101.0, 2.5, 111.0, 95.0)
    assert made.volume_24h == 7e9


def test_what_the_venue_lacks_is_the_aggregators() -> None:
    made = row(listing("BTC", price=100.0, change_24h=1.0, high_24h=120.0), ticker("BTC", 101.0))

    assert (made.price, made.change_24h, made.high_24h, made.low_24h) == (101.0, 1.0, 120.0, None)


def test_a_change_of_zero_is_a_change() -> None:
    made = row(
        listing("BTC", price=100.0, change_24h=1.0), ticker("BTC", 101.0, change_percent=0.0)
    )

    assert made.change_24h == 0.0


def test_the_market_cap_follows_the_price() -> None:
    facts = {"price": 100.0, "market_cap": 1999.0, "circulating_supply": 20.0}

    assert row(listing("BTC", **facts), ticker("BTC", 101.0)).market_cap == 2020.0
    assert row(listing("BTC", **facts)).market_cap == 1999.0
    assert row(listing("BTC", price=100.0, market_cap=1999.0), ticker("BTC", 101.0)).market_cap == (
        1999.0
    )


@pytest.mark.parametrize(("quotes", "price"), [(("USD", "USDT"), 2.0), (("USDC", "USD"), 2.0)])
def test_tether_counts_before_dollars_and_those_before_their_coin(
    quotes: tuple[str, str], price: float
) -> None:
    order = ["USDT", "USD", "USDC"]
    first, other = sorted(quotes, key=order.index)

    made = row(listing("BTC", price=2.0), ticker("BTC", 2.1, other), ticker("BTC", 2.0, first))

    assert made.price == price


def test_a_quote_that_is_no_dollar_is_no_price() -> None:
    assert row(listing("BTC", price=100.0), ticker("BTC", 90.0, "EUR")).price == 100.0


@pytest.mark.parametrize(
    ("venue", "price"), [(125.0, 125.0), (75.0, 75.0), (126.0, 100.0), (74.0, 100.0)]
)
def test_a_price_a_quarter_off_is_that_of_another_coin(venue: float, price: float) -> None:
    assert row(listing("ABC", price=100.0), ticker("ABC", venue)).price == price


def test_a_coin_without_a_price_of_its_own_takes_the_venues() -> None:
    assert row(listing("ABC"), ticker("ABC", 5.0)).price == 5.0


def test_only_the_first_coin_of_a_ticker_gets_the_venues_price() -> None:
    made = row(listing("ABC", price=5.0), ticker("ABC", 5.5), others=(listing("ABC", price=5.4),))

    assert made.price == 5.0


def test_a_dollar_coin_keeps_the_aggregators_price() -> None:
    assert row(listing("USDC", price=0.9998), ticker("USDC", 1.0005)).price == 0.9998


def test_a_row_says_when_its_price_was_seen() -> None:
    slow = listing("BTC", price=100.0, updated_ms=AT_MS - 600_000)

    assert row(slow, ticker("BTC", 101.0)).last_updated == "2025-11-24T16:00:00Z"
    assert row(slow).last_updated == "2025-11-24T15:50:00Z"
    assert row(listing("BTC", price=100.0)).last_updated == "2025-11-24T16:00:00Z"


def test_money_is_converted_and_nothing_else() -> None:
    facts: dict[str, Any] = {
        "price": 100.0, "ath": 200.0, "atl": 10.0, "volume_24h": 50.0, "market_cap": 1000.0,
        "high_24h": 110.0, "low_24h": 90.0, "change_7d": 7.0, "total_supply": 21.0,
    }  # fmt: skip

    made = row(listing("BTC", **facts), rate=0.5)

    assert (made.price, made.ath, made.atl, made.volume_24h) == (50.0, 100.0, 5.0, 25.0)
    assert (made.market_cap, made.high_24h, made.low_24h) == (500.0, 55.0, 45.0)
    assert (made.change_7d, made.total_supply) == (7.0, 21.0)


def test_what_is_converted_has_no_dust_of_binary_fractions() -> None:
    made = row(listing("BTC", price=86431.07), rate=0.86)

    assert made.price == 74330.7202  # and not 74330.72020000001


def test_without_tickers_the_aggregator_must_do() -> None:
    [made] = build_rows([listing("BTC", price=100.0)], None, 1.0, AT_MS)

    assert made.price == 100.0


# order


def rows(**values: list[Any]) -> list[MarketRow]:
    """Rows with these values in one column."""
    [(name, column)] = values.items()
    return [row(listing(f"C{n}", **{"rank": None, name: value})) for n, value in enumerate(column)]


def symbols(made: list[MarketRow]) -> list[str]:
    """Who stands where."""
    return [one.symbol for one in made]


def test_the_largest_come_first_unless_asked_otherwise() -> None:
    made = rows(price=[2.0, 3.0, 1.0])

    assert symbols(sort_rows(made, "price")) == ["C1", "C0", "C2"]
    assert symbols(sort_rows(made, "price", ascending=True)) == ["C2", "C0", "C1"]


def test_ranks_begin_with_the_best_in_either_direction() -> None:
    made = rows(rank=[2, None, 1, 3])

    assert symbols(sort_rows(made, "rank")) == ["C2", "C0", "C3", "C1"]
    assert symbols(sort_rows(made, "rank", ascending=True)) == ["C2", "C0", "C3", "C1"]


def test_equal_values_keep_their_order() -> None:
    made = rows(price=[1.0, 1.0, 1.0])

    assert symbols(sort_rows(made, "price")) == ["C0", "C1", "C2"]


@given(
    st.sampled_from(sorted(set(ORDERS) - {"rank"})),
    st.lists(st.none() | st.floats(-1e9, 1e9), max_size=20),
    st.booleans(),
)
def test_known_values_are_in_order_and_unknown_ones_last(
    by: str, values: list[float | None], ascending: bool
) -> None:
    columns = {"volume": "volume_24h", "price_change": "change_24h"}
    column = columns.get(by, by)

    made = sort_rows(rows(**{column: list(values)}), by, ascending=ascending)

    told = [getattr(one, column) for one in made]
    known = [value for value in told if value is not None]
    assert known == sorted(known, reverse=not ascending)
    assert told == known + [None] * (len(values) - len(known))
