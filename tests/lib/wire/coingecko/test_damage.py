"""Whatever comes in CoinGecko's name: another document, nonsense, a damaged answer."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import SourceError, SourceMalformed
from lib.wire.coingecko import parse_defi_dominance, parse_globals, parse_listings
from lib.wire.coingecko_charts import parse_caps, parse_ohlc
from lib.wire.coingecko_coins import parse_coins, parse_rates, parse_trends
from tests.conftest import Corpus
from tests.lib.providers.aggregator import (
    NONSENSE,
    NOW_MS,
    damaged,
    payload,
    raises_only_source_errors,
)
from tests.lib.wire.coingecko.answers import ALL_TIME, BITCOIN, CHART, DEFI, TOTALS, TRENDING, body

PARSERS: dict[str, Callable[[bytes], object]] = {
    "listings": lambda b: parse_listings(b, NOW_MS),
    "globals": lambda b: parse_globals(b, NOW_MS),
    "defi": parse_defi_dominance,
    "caps": lambda b: parse_caps(b, ALL_TIME, NOW_MS),
    "coins": lambda b: parse_coins(b, NOW_MS),
    "rates": lambda b: parse_rates(b, NOW_MS),
    "trends": lambda b: parse_trends(b, NOW_MS),
    "ohlc": lambda b: parse_ohlc(b, "4h"),
}
TAKEN_FOR = {
    "coins_list": {"coins"},
    "coins_markets_myr": {"listings", "coins"},
    "coins_markets_top100_sparkline_2026": {"listings", "coins"},
    "coins_markets_usd": {"listings", "coins"},
    "doc_coins_markets": {"listings", "coins"},
    "doc_global": {"globals", "defi"},
    "doc_market_chart_range": {"caps"},
    "global": {"globals", "defi"},
    "global_defi": {"defi"},
    "market_chart_daily": {"caps"},
    "market_chart_hourly": {"caps"},
    "ohlc_7d": {"ohlc"},
    "search_trending": {"trends"},
}
"""Which recorded answers a parser accepts; totals merely hold no share of DeFi."""


def test_no_recorded_answer_is_taken_for_one_of_another_kind(corpus: Corpus) -> None:
    names = [p.name.split(".")[0] for p in (corpus.root / "payloads" / "coingecko").iterdir()]

    taken: dict[str, set[str]] = {}
    for name in names:
        for kind, parse in PARSERS.items():
            try:
                parse(corpus.body(f"coingecko/{name}"))
            except SourceError:
                continue
            taken.setdefault(name, set()).add(kind)

    assert taken == TAKEN_FOR


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("kind", PARSERS)
def test_nonsense_is_malformed(kind: str, text: bytes) -> None:
    with pytest.raises(SourceMalformed):
        PARSERS[kind](text)


SOUND = {
    "listings": body([BITCOIN | {"ath_date": "2025-10-06T18:57:42.558Z", "image": "https://a/b"}]),
    "globals": body(TOTALS),
    "defi": body(DEFI),
    "caps": body(CHART),
    "coins": body([BITCOIN]),
    "rates": payload("coingecko/exchange_rates"),
    "trends": body(TRENDING),
    "ohlc": body([[14_400_000, 10, 12, 8, 9], [28_800_000, 9, 11.5, 9, 10]]),
}


@pytest.mark.parametrize("kind", SOUND)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_answer_is_refused_or_read_but_never_breaks(
    kind: str, data: st.DataObject
) -> None:
    text = data.draw(damaged(SOUND[kind]))

    assert raises_only_source_errors(lambda: PARSERS[kind](text))


def test_the_sound_answers_are_sound() -> None:
    assert all(PARSERS[kind](text) for kind, text in SOUND.items())
