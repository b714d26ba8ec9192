"""CoinMarketCap's market table, read."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings

from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import GlobalStats, Listing
from lib.wire.coinmarketcap import parse_globals, parse_listings
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NOW_MS, damaged, raises_only_source_errors
from tests.lib.wire.coinmarketcap.answers import BITCOIN, QUOTE, V3, table, totals


def ms_of(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("name", ["listings_latest_2019", "listings_latest_2021_100"])
def test_a_recorded_market_table_is_read_field_by_field(corpus: Corpus, name: str) -> None:
    raw = corpus.recording(f"coinmarketcap/{name}")["body"]["data"]

    found = parse_listings(corpus.body(f"coinmarketcap/{name}"), NOW_MS)

    assert found.rows == tuple(
        Listing(
            id=row["slug"],
            symbol=row["symbol"],
            name=row["name"],
            rank=row["cmc_rank"],
            price=row["quote"]["USD"]["price"],
            change_1h=row["quote"]["USD"]["percent_change_1h"],
            change_24h=row["quote"]["USD"]["percent_change_24h"],
            change_7d=row["quote"]["USD"]["percent_change_7d"],
            volume_24h=row["quote"]["USD"]["volume_24h"],
            market_cap=row["quote"]["USD"]["market_cap"] or None,
            circulating_supply=row["circulating_supply"] or None,
            total_supply=row["total_supply"] or None,
            max_supply=row["max_supply"] or None,
            updated_ms=ms_of(row["quote"]["USD"]["last_updated"]),
        )
        for row in sorted(raw, key=lambda row: row["cmc_rank"])
    )
    assert found.time_ms == max(ms_of(r["quote"]["USD"]["last_updated"]) for r in raw)


def test_nothing_is_said_of_all_time_prices_and_day_ranges(corpus: Corpus) -> None:
    rows = parse_listings(corpus.body("coinmarketcap/listings_latest_2021_100"), NOW_MS).rows

    assert {(r.ath, r.atl, r.ath_date, r.high_24h, r.low_24h, r.image) for r in rows} == {
        (None,) * 6
    }


@pytest.mark.parametrize(("tag", "count"), [("defi", 21), ("collectibles-nfts", 6), ("memes", 2)])
def test_a_category_is_the_coins_that_carry_its_tag(corpus: Corpus, tag: str, count: int) -> None:
    raw = corpus.recording("coinmarketcap/listings_latest_2021_100")["body"]["data"]

    rows = parse_listings(corpus.body("coinmarketcap/listings_latest_2021_100"), NOW_MS, tag).rows

    assert [row.id for row in rows] == [row["slug"] for row in raw if tag in row["tags"]]
    assert len(rows) == count


def test_trap_5_a_quote_under_its_currencys_id_is_read(corpus: Corpus) -> None:
    raw = corpus.recording("coinmarketcap/global_metrics_latest_2025")["body"]["data"]
    sums = raw["quote"]["2781"]

    stats = parse_globals(corpus.body("coinmarketcap/global_metrics_latest_2025"), NOW_MS)

    assert stats == GlobalStats(
        time_ms=ms_of(sums["last_updated"]),
        total_market_cap=sums["total_market_cap"],
        total_volume_24h=sums["total_volume_24h"],
        dominance={"BTC": raw["btc_dominance"], "ETH": raw["eth_dominance"]},
        market_cap_change_24h=sums["total_market_cap_yesterday_percentage_change"],
        volume_change_24h=sums["total_volume_24h_yesterday_percentage_change"],
        defi_dominance=pytest.approx(sums["defi_market_cap"] / sums["total_market_cap"] * 100),
        active_cryptocurrencies=raw["active_cryptocurrencies"],
        active_markets=raw["active_market_pairs"],
        active_exchanges=raw["active_exchanges"],
    )


def test_the_newer_table_has_its_quotes_in_a_list() -> None:
    bitcoin, aave = parse_listings(V3, NOW_MS).rows

    assert (bitcoin.id, bitcoin.rank, bitcoin.price) == ("bitcoin", 1, 77671.0)
    assert (aave.id, aave.rank, aave.price, aave.volume_24h) == ("aave", 46, 125.48, 210000000.25)
    assert (aave.change_1h, aave.change_24h, aave.change_7d) == (0.1, -2.5, 3.25)
    assert (aave.market_cap, aave.circulating_supply) == (1907296000.5, 15200000.5)
    assert aave.updated_ms == ms_of("2026-05-26T09:04:30.000Z")


def test_a_tag_may_be_an_object() -> None:
    assert [row.id for row in parse_listings(V3, NOW_MS, "defi").rows] == ["aave"]


@pytest.mark.parametrize(
    "quote",
    [
        {"USD": QUOTE},
        {"2781": QUOTE},
        [QUOTE | {"id": 2781}],
        [QUOTE | {"symbol": "USD"}],
        [QUOTE | {"name": "USD"}],
        [{"symbol": "EUR", "price": 1}, QUOTE | {"symbol": "USD"}],
    ],
)
def test_dollars_are_found_in_every_form_of_quote(quote: object) -> None:
    (row,) = parse_listings(table(BITCOIN | {"quote": quote}), NOW_MS).rows

    assert row.price == 77671.5


@pytest.mark.parametrize("quote", [{"EUR": QUOTE}, [QUOTE], [], None, [QUOTE | {"id": 2790}]])
def test_a_quote_that_does_not_say_dollars_is_not_taken_for_dollars(quote: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_listings(table(BITCOIN | {"quote": quote}), NOW_MS)
    with pytest.raises(SourceMalformed):
        parse_globals(totals(quote=quote), NOW_MS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": {"USD": QUOTE | {"price": 0}}},
        {"quote": {"USD": QUOTE | {"price": None}}},
        {"quote": {"USD": QUOTE | {"price": "NaN"}}},
        {"quote": {"USD": 5}},
        {"slug": None},
        {"symbol": ""},
    ],
)
def test_one_absurd_row_costs_only_itself(wrong: dict[str, Any]) -> None:
    found = parse_listings(table(BITCOIN | wrong, BITCOIN | {"slug": "other"}), NOW_MS)

    assert [row.id for row in found.rows] == ["other"]


def test_no_coin_of_a_category_is_no_fault_of_the_source() -> None:
    with pytest.raises(SourceUnsupported):
        parse_listings(table(BITCOIN), NOW_MS, "memes")


@settings(max_examples=300, deadline=None)
@given(damaged(V3, table(BITCOIN)))
def test_a_damaged_table_is_refused_or_read_but_never_breaks(text: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_listings(text, NOW_MS))


def test_a_number_that_is_an_empty_string_is_unknown_and_costs_no_row() -> None:
    quote = {"USD": QUOTE | {"market_cap": "", "volume_24h": "", "percent_change_1h": None}}
    blank = BITCOIN | {"cmc_rank": "", "max_supply": "", "quote": quote}

    (row,) = parse_listings(table(blank), 1).rows

    assert row.price == QUOTE["price"]
    assert (row.rank, row.max_supply, row.market_cap, row.volume_24h) == (None,) * 4
