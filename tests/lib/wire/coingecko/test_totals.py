"""CoinGecko's totals of the whole market, read."""

import pytest

from lib.errors import SourceMalformed
from lib.wire.coingecko import parse_defi_dominance, parse_globals
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NOW_MS
from tests.lib.wire.coingecko.answers import TOTALS, body


@pytest.mark.parametrize("name", ["global", "doc_global"])
def test_recorded_totals_are_read_in_dollars(corpus: Corpus, name: str) -> None:
    raw = corpus.recording(f"coingecko/{name}")["body"]["data"]

    stats = parse_globals(corpus.body(f"coingecko/{name}"), NOW_MS)

    assert stats.total_market_cap == raw["total_market_cap"]["usd"]
    assert stats.total_volume_24h == raw["total_volume"]["usd"]
    assert stats.dominance == {k.upper(): v for k, v in raw["market_cap_percentage"].items()}
    assert stats.market_cap_change_24h == raw["market_cap_change_percentage_24h_usd"]
    assert stats.volume_change_24h == raw.get("volume_change_percentage_24h_usd")
    assert stats.active_cryptocurrencies == raw["active_cryptocurrencies"]
    assert stats.active_exchanges == raw["markets"]
    assert (stats.active_markets, stats.defi_dominance) == (None, None)
    assert stats.time_ms == raw["updated_at"] * 1000


def test_the_recorded_share_of_defi_is_a_number_in_a_string(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/global_defi")["body"]["data"]["defi_dominance"]

    share = parse_defi_dominance(corpus.body("coingecko/global_defi"))

    assert isinstance(raw, str)
    assert share == float(raw)


def test_totals_without_dollars_are_no_totals() -> None:
    document = {"data": TOTALS["data"] | {"total_market_cap": {"btc": 34570737.2}}}

    with pytest.raises(SourceMalformed):
        parse_globals(body(document), NOW_MS)


def test_a_fact_that_is_an_empty_string_is_unknown() -> None:
    blank = {"active_cryptocurrencies": "", "markets": "", "updated_at": ""}
    shares = {"market_cap_percentage": {"btc": 57.5, "eth": ""}}

    stats = parse_globals(body({"data": TOTALS["data"] | blank | shares}), NOW_MS)

    assert (stats.active_cryptocurrencies, stats.active_exchanges) == (None, None)
    assert (stats.dominance, stats.time_ms) == ({"BTC": 57.5}, NOW_MS)
