"""Pages of the market table, and the tickers in them."""

from lib.market import Listing, Listings, Pair, Ticker
from lib.wire.listings import merge_pages, tickers_of

BITCOIN = Listing(id="bitcoin", symbol="BTC", name="Bitcoin", rank=1, price=100.0, updated_ms=5)
ETHER = Listing(id="ethereum", symbol="ETH", name="Ethereum", rank=2, price=10.0)
UNRANKED = Listing(id="copy", symbol="BTC", name="Copy", price=1.0)


def test_pages_become_one_table_best_rank_first_and_the_unranked_last() -> None:
    table = merge_pages([Listings((ETHER, UNRANKED), 7), Listings((BITCOIN,), 9)])

    assert table == Listings((BITCOIN, ETHER, UNRANKED), 9)


def test_a_coin_on_two_pages_stands_once_as_on_the_first() -> None:
    later = Listing(id="bitcoin", symbol="BTC", name="Bitcoin", rank=3, price=99.0)

    assert merge_pages([Listings((BITCOIN,), 7), Listings((later,), 7)]).rows == (BITCOIN,)


def test_a_ticker_is_of_the_best_ranked_coin_and_dated_by_its_row_or_the_table() -> None:
    assert tickers_of(Listings((BITCOIN, ETHER, UNRANKED), 9)) == {
        "BTC/USD": Ticker(Pair("BTC", "USD"), 100.0, 5, scope="global"),
        "ETH/USD": Ticker(Pair("ETH", "USD"), 10.0, 9, scope="global"),
    }


def test_a_row_without_a_price_or_a_plain_symbol_makes_no_ticker() -> None:
    priceless = Listing(id="a", symbol="AAA", name="A")
    odd = Listing(id="b", symbol="FIGR_HELOC", name="B", price=1.0)

    assert tickers_of(Listings((priceless, odd), 9)) == {}
