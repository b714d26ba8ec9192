"""How each parser is called: with a pair, at a time, and through the judgement that follows it."""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

from fuzz.seeds import NOW_MS, PAIR
from lib.candles import Bar, build_candles
from lib.market import Candle, Candles
from lib.providers import blockchain_info, mempool
from lib.queries import AddressQuery, CandleQuery, ForecastQuery, RangeQuery
from lib.timeframes import HOUR_MS
from lib.wire import bitcoin, coinbase, evm, explorers, histories, kraken, rpc
from lib.wire.listings import tickers_of

AT: Final = NOW_MS
ADDRESS: Final = AddressQuery("ethereum", "0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae", 5)
CAPS: Final = RangeQuery("BTC", AT - 10**10, AT)
FIRST_MS: Final = 1_763_000_000_000 // HOUR_MS * HOUR_MS
FORECAST: Final = ForecastQuery(
    PAIR,
    "1h",
    3,
    0.8,
    tuple(
        Candle(FIRST_MS + hour * HOUR_MS, 100.0, 101.0, 99.0, 100.0, 5.0, True) for hour in range(5)
    ),
)


def at(parse: Callable[[bytes, int], object]) -> Callable[[bytes], object]:
    return lambda body: parse(body, AT)


def of_pair(parse: Callable[..., object]) -> Callable[[bytes], object]:
    return lambda body: parse(body, PAIR, AT)


def no_result(parse: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """For what is only a step on the way: its texts are cleaned by whoever reads them."""

    def read(body: bytes) -> None:
        parse(body)

    return read


def listings(parse: Callable[[bytes, int], Any]) -> Callable[[bytes], object]:
    """A market table, and the tickers in it."""

    def read(body: bytes) -> object:
        table = parse(body, AT)
        return (table, tickers_of(table))

    return read


def candles(parse: Callable[[bytes], list[Bar]]) -> Callable[[bytes], Candles]:
    """Bars as they are judged; recorded ones may be of other lengths than those of the sandbox."""

    def read(body: bytes) -> Candles:
        bars = parse(body)
        steps = {b.open_ms - a.open_ms for a, b in pairwise(bars)}
        timeframe = "1d" if steps and all(abs(s) == 86_400_000 for s in steps) else "1h"
        return build_candles(CandleQuery(PAIR, timeframe, 100), bars, AT)

    return read


def kraken_candles(body: bytes) -> object:
    return [
        kraken.parse_candles(body, CandleQuery(PAIR, timeframe, 100), AT)
        for timeframe in ("1h", "1w")
    ]


def coinbase_candles(body: bytes) -> object:
    return [
        coinbase.parse_candles([body], CandleQuery(PAIR, timeframe, 100), AT)
        for timeframe in ("1h", "4h", "1w")
    ]


def coinbase_ticker(body: bytes) -> object:
    """Both halves of a ticker may be damaged."""
    return coinbase.parse_ticker(body, PAIR, AT, coinbase.parse_stats(body))


def block(newest: str, body: bytes) -> object:
    block_hash = newest if newest.encode() in body else _member(body, "hash")
    return blockchain_info.parse_block(body, block_hash)


def _member(body: bytes, name: str) -> str:
    """A member of the outermost object; "" if there is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(found.get(name, "")) if isinstance(found, dict) else ""


def spends(body: bytes) -> object:
    return [
        (bitcoin.effect_on(spend, "bc1qgdjqv0"), bitcoin.transfers_of(spend))
        for spend in mempool.parse_spends(body)
    ]


def spend(body: bytes) -> object:
    try:
        status = json.loads(body)["status"]["block_hash"]
    except (ValueError, RecursionError, LookupError, TypeError):
        status = ""
    return bitcoin.transfers_of(mempool.parse_spend(body, _member(body, "txid"), status))


def history(action: str, body: bytes) -> object:
    page = explorers.parse_page(body, action, ADDRESS)
    return histories.build_transactions(ADDRESS, [page], AT)


def in_256_bits(number: int) -> None:
    if not 0 <= number < 1 << 256:
        raise AssertionError(f"{number} is no quantity")


def evm_block(body: bytes) -> object:
    result = rpc.parse_result(body)
    number = _member(result, "number")
    block = evm.parse_block(result, rpc.quantity(number))
    return [
        evm.native_transfer("ethereum", tx, at)
        for tx, at in evm.native_candidates("ethereum", [block])
    ]


def _evm_blocks(blocks: Sequence[bytes]) -> list[evm.Block]:
    results = [rpc.parse_result(body) for body in blocks]
    return [evm.parse_block(one, int(_member(one, "number"), 16)) for one in results]


def evm_logs(blocks: Sequence[bytes], body: bytes) -> object:
    return evm.token_transfers(
        "ethereum", evm.parse_logs(rpc.parse_result(body)), _evm_blocks(blocks)
    )


def evm_receipt(blocks: Sequence[bytes], body: bytes) -> object:
    """The receipt of whichever transaction it names."""
    result = rpc.parse_result(body)
    told = [(tx, block) for block in _evm_blocks(blocks) for tx in block.transactions]
    named = _member(result, "transactionHash")
    tx, block = next((one for one in told if one[0].hash == named), told[0])
    return evm.parse_success(result, tx, block)
