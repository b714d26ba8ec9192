"""The table of quotas: by the declarations of today, and never more than a source grants."""

import pytest

from bench.quotas import PAGE, Habit, fetches_per_s, table, used, with_table
from lib.feeds import BOOKS, TICKERS
from lib.runtime import load_providers


def test_the_page_has_the_table_of_todays_declarations() -> None:
    page = PAGE.read_text()

    assert page == with_table(page), "run: python -m bench.quotas --write"


@pytest.mark.parametrize("per_s", [0.1, 100.0, 100_000.0])
def test_no_source_is_asked_for_more_than_it_grants(per_s: float) -> None:
    assert all(use.share <= 1.0 + 1e-9 for use in used(per_s).uses)


def test_a_board_costs_the_same_for_any_number_of_clients_and_pairs() -> None:
    board = load_providers(["binance"])["binance"].served()["tickers"]

    rates = {
        round(fetches_per_s(Habit(TICKERS, 1.0), board, per_s, symbols), 3)
        for per_s in (1e5, 1e8)
        for symbols in (20, 2000)
    }

    assert rates == {round(1 / TICKERS.fresh_s, 3)}


def test_what_is_asked_by_pair_grows_with_pairs_until_each_is_fresh() -> None:
    book = load_providers(["binance"])["binance"].served()["books"]

    def rate(per_s: float, symbols: int) -> float:
        return fetches_per_s(Habit(BOOKS, 1.0), book, per_s, symbols)

    assert rate(1e9, 40) == pytest.approx(40 / BOOKS.fresh_s, rel=1e-3)
    assert rate(0.001, 40) == pytest.approx(0.001, rel=0.01)


def test_sources_without_a_key_are_all_that_count() -> None:
    named = {use.source for use in used(1.0).uses}

    assert not any(load_providers([name])[name].needs_key for name in named)
    assert "binance |" in table()
