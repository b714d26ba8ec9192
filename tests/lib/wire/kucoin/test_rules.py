"""KuCoin's rules of pairs, read."""

import pytest

from lib.wire.kucoin_rules import parse_exchange
from tests.conftest import Corpus
from tests.lib.wire.kucoin.answers import SYMBOL, as_bytes


def test_every_recorded_rule_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    exchange = parse_exchange(corpus.body("kucoin/symbols_full"), 7)

    ours = {rule.symbol: rule for rule in exchange.rules}
    differing = {}
    for wire, theirs in corpus.oracle("kucoin_markets").items():
        rule = ours.get(theirs["symbol"])
        limits = theirs["limits"]
        if not rule or (
            *(rule.base, rule.quote, rule.active, rule.min_amount, rule.max_amount),
            *(rule.min_price, rule.max_price, rule.maker_fee, rule.taker_fee),
        ) != (
            *(theirs["base"], theirs["quote"], theirs["active"]),
            *(limits["amount"]["min"], limits["amount"]["max"]),
            *(limits["price"]["min"], limits["price"]["max"], theirs["maker"], theirs["taker"]),
        ):
            differing[wire] = theirs["symbol"]

    # KuCoin names these three itself: REV and OXEN, whose symbols are older than their names, and
    # VAI, for which the oracle has a name of its own
    assert differing == {
        "R-BTC": "R/BTC",
        "R-USDT": "R/USDT",
        "VAI-USDT": "VAIOT/USDT",
        **{f"LOKI-{quote}": f"LOKI/{quote}" for quote in ("BTC", "ETH", "USDT")},
    }
    assert {"REV/BTC", "REV/USDT", "OXEN/BTC", "OXEN/ETH", "OXEN/USDT", "VAI/USDT"} < set(ours)
    assert (len(ours), exchange.time_ms) == (634, 7)


@pytest.mark.parametrize("name", ["GALA-USDT", None, ""])
def test_a_rule_goes_by_the_name_that_kucoin_shows(name: str | None) -> None:
    documented = {"symbol": "GALAX-USDT", "name": name, "baseCurrency": "GALAX"}

    (rule,) = parse_exchange(as_bytes([SYMBOL | documented]), 7).rules

    assert (rule.symbol, rule.base, rule.quote) == ("GALA/USDT", "GALA", "USDT")


@pytest.mark.parametrize(
    ("change", "fees"),
    [
        ({}, (0.0008, 0.001)),
        ({"feeCategory": 3}, (0.0024, 0.003)),
        ({"feeCategory": 9}, (None, None)),
        ({"feeCategory": None}, (None, None)),
        ({"feeCategory": ""}, (None, None)),
        ({"makerFeeCoefficient": None}, (None, 0.001)),
    ],
)
def test_a_fee_is_told_only_when_class_and_coefficient_are(
    change: dict[str, object], fees: tuple[float | None, float | None]
) -> None:
    rule = parse_exchange(as_bytes([{**SYMBOL, **change}]), 7).rules[0]

    assert (rule.maker_fee, rule.taker_fee) == fees
