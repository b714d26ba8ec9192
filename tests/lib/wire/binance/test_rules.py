"""Binance's rules of pairs, read."""

from lib.wire.binance_rules import FEE, parse_exchange
from tests.conftest import Corpus
from tests.lib.wire.binance.answers import INFO, as_bytes


def test_every_recorded_rule_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    exchange = parse_exchange(corpus.body("binance/exchangeInfo_full"), 1)

    theirs = corpus.oracle("binance_markets").values()
    assert [(r.symbol, r.base, r.quote, r.active) for r in exchange.rules] == [
        (row["symbol"], row["base"], row["quote"], row["active"]) for row in theirs
    ]
    assert [(r.min_amount, r.max_amount, r.maker_fee, r.taker_fee) for r in exchange.rules] == [
        (*row["limits"]["amount"].values(), row["maker"], row["taker"]) for row in theirs
    ]
    assert [(r.min_price, r.max_price) for r in exchange.rules] == [
        tuple(row["limits"]["price"].values()) for row in theirs
    ]
    assert (exchange.name, exchange.time_ms) == ("binance", 1633998511098)


def test_the_exchange_information_of_2019_reads_whole(corpus: Corpus) -> None:
    wire = corpus.recording("binance/exchangeInfo_2019")["body"]

    exchange = parse_exchange(corpus.body("binance/exchangeInfo_2019"), 1)

    active = sum(row["status"] == "TRADING" for row in wire["symbols"])
    assert len(exchange.rules) == len(wire["symbols"]) == 595
    assert sum(rule.active for rule in exchange.rules) == active == 546


def test_a_limit_of_zero_is_no_limit() -> None:
    filters = [{"filterType": "PRICE_FILTER", "minPrice": "0.00000000", "maxPrice": "10"}]
    row = {**INFO["symbols"][0], "status": "BREAK", "filters": filters}

    rule = parse_exchange(as_bytes({"symbols": [row]}), 7).rules[0]

    assert (rule.min_price, rule.max_price, rule.min_amount) == (None, 10.0, None)
    assert (rule.active, rule.maker_fee) == (False, FEE)


def test_a_pair_without_filters_is_listed_without_limits() -> None:
    listed = {**INFO["symbols"][0], "filters": None}

    (rule,) = parse_exchange(as_bytes({"symbols": [listed]}), 1).rules

    assert (rule.min_amount, rule.max_amount, rule.min_price, rule.max_price) == (None,) * 4
