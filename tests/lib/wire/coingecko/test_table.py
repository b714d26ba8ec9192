"""CoinGecko's market table, read."""

from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.market import Listing
from lib.wire.coingecko import parse_listings
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NOW_MS
from tests.lib.wire.coingecko.answers import BITCOIN, body, ms_of


def whole_seconds(text: str | None) -> str | None:
    return text and text[:19] + "Z"


def number(value: float | None) -> float | None:
    """A number as written; zero and null both mean that there is none."""
    return value or None


@pytest.mark.parametrize(
    "name",
    [
        "coins_markets_top100_sparkline_2026",
        "coins_markets_usd",
        "coins_markets_myr",
        "doc_coins_markets",
    ],
)
def test_a_recorded_market_table_is_read_field_by_field(corpus: Corpus, name: str) -> None:
    raw = {row["id"]: row for row in corpus.recording(f"coingecko/{name}")["body"]}

    table = parse_listings(corpus.body(f"coingecko/{name}"), NOW_MS)

    assert [row.id for row in table.rows] == sorted(raw, key=lambda i: raw[i]["market_cap_rank"])
    assert table.rows == tuple(
        Listing(
            id=row.id,
            symbol=raw[row.id]["symbol"].upper(),
            name=raw[row.id]["name"].strip("\u200b"),  # "Stable" begins with two of these
            rank=raw[row.id]["market_cap_rank"],
            price=raw[row.id]["current_price"],
            change_1h=raw[row.id].get("price_change_percentage_1h_in_currency"),
            change_24h=raw[row.id]["price_change_percentage_24h"],
            change_7d=raw[row.id].get("price_change_percentage_7d_in_currency"),
            volume_24h=raw[row.id]["total_volume"],
            market_cap=number(raw[row.id]["market_cap"]),
            high_24h=number(raw[row.id]["high_24h"]),
            low_24h=number(raw[row.id]["low_24h"]),
            circulating_supply=number(raw[row.id]["circulating_supply"]),
            total_supply=number(raw[row.id]["total_supply"]),
            max_supply=number(raw[row.id]["max_supply"]),
            ath=raw[row.id]["ath"],
            ath_date=whole_seconds(raw[row.id]["ath_date"]),
            atl=raw[row.id]["atl"],
            atl_date=whole_seconds(raw[row.id]["atl_date"]),
            image=raw[row.id]["image"],
            updated_ms=ms_of(raw[row.id]["last_updated"]),
        )
        for row in table.rows
    )
    assert table.time_ms == max(ms_of(row["last_updated"]) for row in raw.values())


def test_trap_1_an_absent_supply_stays_unknown(corpus: Corpus) -> None:
    rows = parse_listings(corpus.body("coingecko/coins_markets_top100_sparkline_2026"), NOW_MS).rows

    assert sum(row.max_supply is None for row in rows) == 49
    assert not any(row.max_supply == 0 for row in rows)


def test_a_coin_that_was_renamed_away_has_no_price_and_no_row() -> None:
    gone = BITCOIN | {"id": "matic-network", "symbol": "matic", "current_price": None}

    table = parse_listings(body([gone, BITCOIN]), NOW_MS)

    assert [row.id for row in table.rows] == ["bitcoin"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"current_price": 0},
        {"current_price": -1},
        {"current_price": "NaN"},
        {"current_price": "inf"},
        {"current_price": {}},
        {"id": None},
        {"symbol": ""},
        {"symbol": "\u200b"},
    ],
)
def test_one_absurd_row_costs_only_itself(wrong: dict[str, Any]) -> None:
    table = parse_listings(body([BITCOIN | wrong, BITCOIN | {"id": "other"}]), NOW_MS)

    assert [row.id for row in table.rows] == ["other"]


def test_a_table_without_one_price_is_no_table() -> None:
    with pytest.raises(SourceMalformed):
        parse_listings(body([BITCOIN | {"current_price": 0}]), NOW_MS)


def test_absurd_facts_of_a_sound_row_are_unknown() -> None:
    odd = {
        "market_cap_rank": 0,
        "high_24h": "nan",
        "ath_date": "long ago",
        "market_cap": 0,
        "image": "missing_large.png",
        "last_updated": "",
        "price_change_percentage_24h": "inf",
        "total_volume": 0,
    }

    (row,) = parse_listings(body([BITCOIN | odd]), NOW_MS).rows

    assert (row.rank, row.high_24h, row.ath_date, row.market_cap) == (None, None, None, None)
    assert (row.image, row.updated_ms, row.change_24h) == (None, None, None)
    assert row.volume_24h == 0


def test_a_number_that_is_an_empty_string_is_unknown_and_costs_no_row() -> None:
    blank = dict.fromkeys(
        ("market_cap", "market_cap_rank", "total_volume", "max_supply", "ath", "high_24h"), ""
    )

    (row,) = parse_listings(body([BITCOIN | blank]), NOW_MS).rows

    assert (row.price, row.change_24h) == (77671, -0.95302)
    assert (row.market_cap, row.rank, row.volume_24h) == (None, None, None)
    assert (row.max_supply, row.ath, row.high_24h) == (None, None, None)


@pytest.mark.parametrize("price", ["1.2e-08", 1.2e-08, "0.000000012"])
def test_a_price_is_read_however_it_is_written(price: object) -> None:
    (row,) = parse_listings(body([BITCOIN | {"current_price": price}]), NOW_MS).rows

    assert row.price == 1.2e-08
