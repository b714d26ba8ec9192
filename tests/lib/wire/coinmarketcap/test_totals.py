"""CoinMarketCap's totals of the whole market, read."""

from typing import Any

import pytest
from hypothesis import given, settings

from lib.errors import SourceMalformed
from lib.wire.coinmarketcap import parse_globals
from tests.lib.providers.aggregator import NOW_MS, damaged, raises_only_source_errors
from tests.lib.wire.coinmarketcap.answers import TOTALS, totals


@pytest.mark.parametrize(
    "wrong",
    [{"total_market_cap": 0}, {"total_volume_24h": None}, {"total_market_cap": "NaN"}],
)
def test_totals_without_a_sum_are_no_totals(wrong: dict[str, Any]) -> None:
    with pytest.raises(SourceMalformed):
        parse_globals(totals(quote={"USD": TOTALS["quote"]["USD"] | wrong}), NOW_MS)


def test_a_share_that_is_no_share_is_left_out() -> None:
    stats = parse_globals(totals(btc_dominance="nan", eth_dominance=11.5), NOW_MS)

    assert stats.dominance == {"ETH": 11.5}


@settings(max_examples=300, deadline=None)
@given(damaged(totals()))
def test_damaged_totals_are_refused_or_read_but_never_break(text: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_globals(text, NOW_MS))
