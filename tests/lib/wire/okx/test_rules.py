"""OKX's rules of pairs, read."""

import pytest

from lib.wire.okx_rules import parse_exchange
from tests.conftest import Corpus
from tests.lib.wire.okx.answers import RULE, as_bytes


def test_every_recorded_rule_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    exchange = parse_exchange(corpus.body("okx/instruments_spot"), 7)

    ours = {rule.symbol: rule for rule in exchange.rules}
    differing = []
    for wire, theirs in corpus.oracle("okx_markets").items():
        rule = ours.get(theirs["symbol"])
        limits = theirs["limits"]
        if not rule or (
            *(rule.base, rule.quote, rule.active, rule.min_amount, rule.max_amount),
            *(rule.min_price, rule.max_price),
        ) != (
            *(theirs["base"], theirs["quote"], theirs["active"]),
            *(limits["amount"]["min"], limits["amount"]["max"]),
            *(limits["price"]["min"], limits["price"]["max"]),
        ):
            differing.append(wire)

    # the oracle has a name of its own for it; OKX says AE
    assert differing == ["AE-USDT"]
    assert (len(ours), ours["AE/USDT"].active, exchange.time_ms) == (513, True, 7)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (True, 0.0008, 0.001)),
        ({"state": "suspend"}, (False, 0.0008, 0.001)),
        ({"quoteCcy": "EUR"}, (True, None, None)),
        ({"quoteCcy": "USDC"}, (True, None, None)),
    ],
)
def test_a_fee_is_told_only_for_the_quotes_of_the_published_table(
    change: dict[str, str], expected: tuple[object, ...]
) -> None:
    rule = parse_exchange(as_bytes([{**RULE, **change}]), 7).rules[0]

    assert (rule.active, rule.maker_fee, rule.taker_fee) == expected
