"""Blocks, events, receipts and fees of a node, and the large transfers in them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from lib.chain import EVM_CHAINS
from lib.errors import SourceError, SourceMalformed, SourceUnavailable
from lib.onchain.keccak import keccak256
from lib.wire.evm import (
    TRANSFER,
    Block,
    check_chain,
    native_candidates,
    native_transfer,
    parse_block,
    parse_fees,
    parse_logs,
    parse_success,
    token_transfers,
)
from tests.lib.providers.aggregator import damaged, raises_only_source_errors

ME, YOU, POOL = "0x" + "a1" * 20, "0x" + "b2" * 20, "0x" + "c3" * 20
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
ETHER = 10**18


def hash_of(n: int) -> str:
    return f"0x{n:064x}"


def tx(n: int, value: int, to: str | None = YOU, sender: str = ME) -> dict[str, Any]:
    return {"hash": hash_of(n), "from": sender, "to": to, "value": hex(value), "gas": "0x5208"}


def block(number: int, *txs: dict[str, Any], parent: int | None = None) -> dict[str, Any]:
    return {
        "hash": hash_of(number),
        "number": hex(number),
        "parentHash": hash_of(number - 1 if parent is None else parent),
        "timestamp": hex(1_764_000_000 + 12 * number),
        "transactions": list(txs),
        "uncles": [],
    }


def log(
    units: int,
    sender: str = ME,
    to: str = YOU,
    *,
    token: str = USDT,
    in_block: int = 100,
    in_tx: int = 1,
    index: int = 0,
    **more: Any,
) -> dict[str, Any]:
    topics = [TRANSFER, "0x" + "0" * 24 + sender[2:], "0x" + "0" * 24 + to[2:]]
    return {
        "address": token,
        "topics": topics,
        "data": f"0x{units:064x}",
        "blockHash": hash_of(in_block),
        "transactionHash": hash_of(in_tx),
        "logIndex": hex(index),
        "removed": False,
        **more,
    }


def read(number: int, *txs: dict[str, Any], parent: int | None = None) -> Block:
    return parse_block(json.dumps(block(number, *txs, parent=parent)).encode(), number)


def moved(*logs: dict[str, Any]) -> list[tuple[str | None, str | None, float]]:
    rows = token_transfers("ethereum", parse_logs(json.dumps(logs).encode()), [read(100)])
    return [(row.sender, row.recipient, row.amount) for row in rows]


def test_the_topic_is_the_hash_of_the_events_signature() -> None:
    assert keccak256(b"Transfer(address,address,uint256)").hex() == TRANSFER[2:]


def test_a_token_transfer_is_read_with_its_decimals() -> None:
    logs = parse_logs(json.dumps([log(1_500_000_000_000, index=7)]).encode())

    (row,) = token_transfers("ethereum", logs, [read(100)])

    assert (row.sender, row.recipient, row.amount, row.token) == (ME, YOU, 1_500_000.0, "USDT")
    assert (row.hash, row.index, row.time_ms) == (hash_of(1), "7", 1_764_001_200_000)


def test_what_goes_there_and_back_counts_by_the_difference() -> None:
    lent, repaid = log(50_000_000, POOL, ME, index=1), log(50_045_000, ME, POOL, index=2)

    assert moved(lent, repaid) == [(ME, POOL, 0.045)]
    assert moved(repaid, lent) == [(ME, POOL, 0.045)]


def test_what_comes_back_whole_is_no_transfer() -> None:
    assert moved(log(5, ME, YOU), log(5, YOU, ME)) == []


def test_the_same_way_twice_in_a_transaction_is_one_sum() -> None:
    assert moved(log(1_000_000, index=1), log(2_000_000, index=2)) == [(ME, YOU, 3.0)]


def test_transactions_are_not_added_up() -> None:
    assert len(moved(log(1_000_000, in_tx=1), log(1_000_000, in_tx=2))) == 2


@pytest.mark.parametrize(
    "odd",
    [
        log(1, token="0x" + "d4" * 20),
        log(1, topics=[TRANSFER]),
        log(1, topics=["0x" + "0" * 64, "0x" + "0" * 64, "0x" + "0" * 64]),
        log(0),
        log(5, ME, ME),
    ],
    ids=["token", "fewer topics", "another event", "nothing", "to itself"],
)
def test_other_events_are_passed_over(odd: dict[str, Any]) -> None:
    assert moved(odd, log(1_000_000, in_tx=9)) == [(ME, YOU, 1.0)]


@pytest.mark.parametrize(
    ("odd", "error"),
    [
        (log(1, in_block=99), SourceUnavailable),
        (log(1, removed=True), SourceUnavailable),
        (log(1, data="0x"), SourceMalformed),
        (log(1, topics=[TRANSFER, "0x" + "1" * 64, "0x" + "0" * 64]), SourceMalformed),
    ],
    ids=["another block", "removed", "no amount", "no address"],
)
def test_an_event_that_cannot_be_refuses_the_whole_answer(
    odd: dict[str, Any], error: type[SourceError]
) -> None:
    with pytest.raises(error):
        moved(log(1_000_000), odd)


def test_blocks_must_stand_on_each_other() -> None:
    check_chain([read(1), read(2), read(3)])

    with pytest.raises(SourceUnavailable):
        check_chain([read(1), read(2), read(3, parent=77)])


def test_another_block_than_asked_for_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        parse_block(json.dumps(block(7)).encode(), 8)


def test_the_largest_transfers_of_the_coin_are_looked_at() -> None:
    many = read(1, *(tx(n, n * ETHER) for n in range(30)))

    chosen = native_candidates("ethereum", [many])

    assert [int(one.value, 16) // ETHER for one, _ in chosen] == list(range(29, 19, -1))


@pytest.mark.parametrize(
    "aside",
    [tx(1, 5 * ETHER, None), tx(1, 5 * ETHER, WETH), tx(1, 5 * ETHER, ME), tx(1, 0)],
    ids=["makes a contract", "only wrapped", "to itself", "of nothing"],
)
def test_what_is_no_transfer_of_the_coin_is_passed_over(aside: dict[str, Any]) -> None:
    assert native_candidates("ethereum", [read(1, aside)]) == []


def test_a_transfer_of_the_coin_is_a_row() -> None:
    one = read(5, tx(1, 2 * ETHER))

    row = native_transfer("polygon", one.transactions[0], one)

    assert (row.sender, row.recipient, row.amount, row.token) == (ME, YOU, 2.0, "POL")
    assert (row.index, row.time_ms) == ("coin", 1_764_000_060_000)


def receipt(**more: Any) -> bytes:
    told = {"transactionHash": hash_of(1), "blockHash": hash_of(5), "status": "0x1", "logs": []}
    return json.dumps(told | more).encode()


def test_a_failed_transaction_moved_nothing() -> None:
    one = read(5, tx(1, ETHER))

    assert parse_success(receipt(), one.transactions[0], one)
    assert not parse_success(receipt(status="0x0"), one.transactions[0], one)


@pytest.mark.parametrize("more", [{"blockHash": hash_of(6)}, {"transactionHash": hash_of(2)}])
def test_a_receipt_of_another_block_refuses_the_answer(more: dict[str, str]) -> None:
    one = read(5, tx(1, ETHER))

    with pytest.raises(SourceUnavailable):
        parse_success(receipt(**more), one.transactions[0], one)


def history(base: list[int], reward: Any) -> bytes:
    told = {"oldestBlock": "0x64", "baseFeePerGas": [hex(b) for b in base], "reward": reward}
    return json.dumps(told | {"gasUsedRatio": [0.5] * (len(base) - 1)}).encode()


def test_fees_are_the_next_base_fee_and_the_middle_tips_in_gwei() -> None:
    gwei = 10**9
    tips = [[hex(t * gwei) for t in row] for row in ([1, 2, 3], [2, 3, 9], [1, 4, 5])]

    fees = parse_fees(history([9 * gwei, 8 * gwei, 9 * gwei, 10 * gwei], tips), 5)

    assert (fees.slow, fees.standard, fees.fast) == (11.0, 13.0, 15.0)
    assert (fees.base, fees.block, fees.unit, fees.time_ms) == (10.0, 102, "gwei", 5)


def test_a_chain_without_a_base_fee_has_its_tips() -> None:
    fees = parse_fees(history([0, 0], [["0x2faf080", "0x3b9aca00", "0x77359400"]]), 5)

    assert (fees.slow, fees.standard, fees.fast) == (0.05, 1.0, 2.0)


@pytest.mark.parametrize(
    "reward", [None, [], [["0x1"]], [["0x0", "0x0", "0x0"]], [["x", "y", "z"]]]
)
def test_fees_that_nobody_states_or_pays_are_refused(reward: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_fees(history([0, 0], reward), 5)


@pytest.mark.parametrize("chain", EVM_CHAINS)
def test_amounts_of_every_watched_token_use_its_decimals(chain: str) -> None:
    for contract, token in EVM_CHAINS[chain].tokens.items():
        logs = parse_logs(json.dumps([log(10**token.decimals, token=contract)]).encode())
        (row,) = token_transfers(chain, logs, [read(100)])
        assert (row.amount, row.token, row.priced_as) == (1.0, token.symbol, token.priced_as)


BLOCK = json.dumps(block(100, tx(1, ETHER), tx(2, 3 * ETHER, None))).encode()
LOGS = json.dumps([log(10**6), log(3 * 10**6, YOU, ME, in_tx=2)]).encode()


@settings(max_examples=150, deadline=None)
@given(damaged(BLOCK))
def test_no_damage_to_a_block_raises_anything_else(body: bytes) -> None:
    def rows() -> object:
        one = parse_block(body, 100)
        return [
            native_transfer("ethereum", *found) for found in native_candidates("ethereum", [one])
        ]

    assert raises_only_source_errors(rows)


@settings(max_examples=150, deadline=None)
@given(damaged(LOGS))
def test_no_damage_to_events_raises_anything_else(body: bytes) -> None:
    assert raises_only_source_errors(
        lambda: token_transfers("ethereum", parse_logs(body), [read(100)])
    )


@settings(max_examples=150, deadline=None)
@given(damaged(history([10**9] * 3, [["0x1", "0x2", "0x3"]] * 2), receipt()))
def test_no_damage_to_fees_or_receipts_raises_anything_else(body: bytes) -> None:
    one = read(5, tx(1, ETHER))

    assert raises_only_source_errors(lambda: parse_fees(body, 5))
    assert raises_only_source_errors(lambda: parse_success(body, one.transactions[0], one))
