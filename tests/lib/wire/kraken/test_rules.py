"""Kraken's rules of pairs, read."""

import pytest

from lib.wire.kraken_rules import parse_exchange
from tests.conftest import Corpus
from tests.lib.wire.kraken.answers import NOW_MS, answer


def test_recorded_pairs_come_with_smallest_order_and_fees(corpus: Corpus) -> None:
    pairs = corpus.recording("kraken/assetPairs")["body"]["result"]

    exchange = parse_exchange(corpus.body("kraken/assetPairs"), NOW_MS)

    rules = {rule.symbol: rule for rule in exchange.rules}
    assert exchange.name == "kraken"
    assert len(rules) == len(exchange.rules) == sum(not name.endswith(".d") for name in pairs)
    bitcoin = rules["BTC/EUR"]
    assert (bitcoin.base, bitcoin.quote, bitcoin.active) == ("BTC", "EUR", True)
    assert bitcoin.min_amount == 0.0002
    assert bitcoin.maker_fee == pytest.approx(0.0016)
    assert bitcoin.taker_fee == pytest.approx(0.0026)
    assert bitcoin.max_amount is bitcoin.min_price is bitcoin.max_price is None


def test_only_a_pair_that_is_online_is_active() -> None:
    pairs = {
        "SOLUSD": {"wsname": "SOL/USD", "status": "cancel_only", "ordermin": "0.02", "fees": []},
        "XXBTZUSD": {"wsname": "XBT/USD", "status": "online", "ordermin": ""},
        "ADAUSD": {"ordermin": "5", "fees_maker": [[0, 0]]},
        "BROKEN": {"fees": "none"},
    }

    rules = parse_exchange(answer(pairs), NOW_MS).rules

    assert [(r.symbol, r.active, r.min_amount) for r in rules] == [
        ("SOL/USD", False, 0.02),
        ("BTC/USD", True, None),
        ("ADA/USD", True, 5.0),
    ]
    assert [(r.maker_fee, r.taker_fee) for r in rules] == [(None, None), (None, None), (0.0, None)]


@pytest.mark.parametrize(("percent", "fee"), [(0.35, 0.0035), ("0.14", 0.0014), (0, 0.0)])
def test_a_fee_of_percents_is_told_as_the_share_that_it_is(percent: object, fee: float) -> None:
    pairs = {"XXBTZUSD": {"wsname": "XBT/USD", "fees": [[0, percent], [50_000, 0.1]]}}

    assert parse_exchange(answer(pairs), NOW_MS).rules[0].taker_fee == fee


def test_a_pair_without_fees_is_listed_without_them() -> None:
    pairs = {
        "XXBTZUSD": {"wsname": "XBT/USD", "fees": None, "fees_maker": [[]], "status": "online"}
    }

    (rule,) = parse_exchange(answer(pairs), NOW_MS).rules

    assert (rule.active, rule.maker_fee, rule.taker_fee) == (True, None, None)
