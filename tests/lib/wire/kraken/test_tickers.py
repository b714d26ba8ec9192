"""Kraken's tickers, read, and the rates of money among them."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.wire.kraken import parse_rates, parse_tickers
from lib.wire.kraken_rules import parse_exchange
from tests.conftest import Corpus
from tests.lib.wire.kraken.answers import BCH_EUR, NOW_MS, answer, row


def test_a_recorded_ticker_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    oracle = corpus.oracle("kraken_ticker")["BCHEUR"]

    ticker = parse_tickers(corpus.body("kraken/ticker"), NOW_MS)["BCH/EUR"]

    assert (ticker.last, ticker.bid, ticker.ask) == (oracle["last"], oracle["bid"], oracle["ask"])
    assert (ticker.high, ticker.low) == (oracle["high"], oracle["low"])
    assert ticker.base_volume == oracle["baseVolume"]
    assert ticker.volume == pytest.approx(oracle["quoteVolume"], rel=1e-12)
    assert (ticker.pair, ticker.time_ms) == (BCH_EUR, NOW_MS)


def test_the_price_at_midnight_is_not_taken_for_that_of_a_day_ago(corpus: Corpus) -> None:
    assert corpus.oracle("kraken_ticker")["BCHEUR"]["percentage"] is not None
    assert parse_tickers(corpus.body("kraken/ticker"), NOW_MS)["BCH/EUR"].change_percent is None


def test_volume_is_quoted_in_money_and_in_coins() -> None:
    ticker = parse_tickers(answer({"XXBTZUSD": row()}), NOW_MS)["BTC/USD"]

    assert (ticker.base_volume, ticker.volume) == (20.0, 20.0 * 97.0)


def test_a_side_of_zero_is_unknown() -> None:
    body = answer({"XXBTZUSD": row(a=["0.0", "0", "0"], h=["0", "0"], p=[])})

    ticker = parse_tickers(body, NOW_MS)["BTC/USD"]

    assert (ticker.bid, ticker.ask, ticker.high, ticker.volume) == (99.0, None, None, None)


@pytest.mark.parametrize(
    "absurd",
    [
        row(last="0.00000"),
        row(last="NaN"),
        row(last="inf"),
        row(last="-1"),
        row(last=""),
        row(c=[]),
        row(c=None),
        {},
        "closed",
        row(a=["0", "0", "0"], b=["0", "0", "0"], v=["0", "0"], p=["0", "0"]),
    ],
)
def test_one_absurd_row_costs_only_itself(absurd: Any) -> None:
    board = parse_tickers(answer({"XXBTZUSD": absurd, "SOLUSD": row()}), NOW_MS)

    assert list(board) == ["SOL/USD"]


@pytest.mark.parametrize("parser", [parse_tickers, parse_rates, parse_exchange])
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[]", b"null", b"<html></html>"),
        *(b'{"error":[]}', b'{"error":[],"result":[]}', answer({}), answer({"?": {}})),
        answer({"XXBTZUSD": {"c": ["nan", "1"], "status": 3}}),
    ],
)
def test_a_board_without_a_sound_row_is_malformed(
    parser: Callable[[bytes, int], Any], body: bytes
) -> None:
    with pytest.raises(SourceMalformed):
        parser(body, NOW_MS)


def test_rates_say_what_a_dollar_is_worth() -> None:
    body = answer(
        {
            "ZEURZUSD": row("1.25"),
            "ZUSDZJPY": row("150.0"),
            "USDCHF": row("0.8"),
            "USDTZUSD": row("1.0"),
            "ZGBPZUSD": row("1.3", v=["0", "0"]),
            "XXBTZUSD": row("90000.0"),
            "EURCAD": row("1.5"),
        }
    )

    rates = parse_rates(body, NOW_MS)

    assert rates.per_usd == {"USD": 1.0, "EUR": 0.8, "JPY": 150.0, "CHF": 0.8, "USDT": 1.0}
    assert rates.time_ms == NOW_MS


def test_without_a_currency_among_the_pairs_there_are_no_rates() -> None:
    with pytest.raises(SourceMalformed):
        parse_rates(answer({"XXBTZUSD": row()}), NOW_MS)


@pytest.mark.parametrize(
    "name", ["XRP\x00/USD", "XRP/USD\n", "\u00c4B/USD", "XRP/", "/USD", "A/B/C"]
)
def test_a_pair_by_a_name_that_nobody_can_ask_for_is_left_out(name: str) -> None:
    pairs = {"XXBTZUSD": {"wsname": "XBT/USD"}, "ODD": {"wsname": name}}

    assert [rule.symbol for rule in parse_exchange(answer(pairs), NOW_MS).rules] == ["BTC/USD"]


@pytest.mark.parametrize("field", ["a", "b", "v", "p", "h", "l"])
@pytest.mark.parametrize("unknown", [None, [], [None, ""]])
def test_what_a_ticker_does_not_say_is_unknown(field: str, unknown: object) -> None:
    ticker = parse_tickers(answer({"XXBTZUSD": row() | {field: unknown}}), NOW_MS)["BTC/USD"]

    said = {"a": ticker.ask, "b": ticker.bid, "v": ticker.base_volume, "h": ticker.high}
    assert said.get(field, ticker.low if field == "l" else ticker.volume) is None
    assert ticker.last > 0
