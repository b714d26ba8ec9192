"""mempool.space: addresses, blocks, fees, and a chain that is reorganised meanwhile."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from lib.errors import SourceError, SourceMalformed, SourceUnavailable, SourceUnsupported
from lib.providers.mempool import (
    Mempool,
    parse_blocks,
    parse_fees,
    parse_largest,
    parse_spend,
    parse_spends,
)
from lib.queries import AddressQuery, Everything
from tests.lib.providers.aggregator import NONSENSE, damaged, raises_only_source_errors
from tests.lib.providers.chains import asking

pytestmark = pytest.mark.anyio

ME = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
BTC = 10**8


def hash_of(n: int) -> str:
    return f"{n:064x}"


def coin(address: str | None, sats: int) -> dict[str, Any]:
    told: dict[str, Any] = {"value": sats, "scriptpubkey_type": "v0_p2wpkh"}
    return told | ({"scriptpubkey_address": address} if address else {})


def tx(
    n: int, inputs: list[Any], outputs: list[Any], *, in_block: int = 900, **status: Any
) -> dict[str, Any]:
    at = {"confirmed": True, "block_height": in_block, "block_hash": hash_of(in_block)}
    return {
        "txid": hash_of(n),
        "fee": 1000,
        "vin": [{"is_coinbase": False, "prevout": one} for one in inputs],
        "vout": outputs,
        "status": at | {"block_time": 1_764_000_000} | status,
    }


def mined(n: int) -> dict[str, Any]:
    told = tx(n, [], [coin("miner", 3 * BTC), coin(None, 0)])
    return told | {"vin": [{"is_coinbase": True, "prevout": None}]}


def head(number: int, previous: int | None = None) -> dict[str, Any]:
    return {
        "id": hash_of(number),
        "height": number,
        "timestamp": 1_764_000_000 + 600 * (number - 900),
        "previousblockhash": hash_of(number - 1 if previous is None else previous),
        "tx_count": 3,
    }


WHALE = tx(1, [coin("alice", 900 * BTC)], [coin("bob", 100 * BTC), coin("alice", 800 * BTC)])
SMALL = tx(2, [coin("carol", 3 * BTC)], [coin("dave", BTC), coin("fresh", 2 * BTC)], in_block=899)
BRIEF = [
    {"txid": hash_of(0), "fee": 0, "vsize": 100, "value": 3 * BTC},
    {"txid": hash_of(1), "fee": 1000, "vsize": 140, "value": 900 * BTC},
]
CHAIN: dict[str, Any] = {
    "/api/v1/blocks": [head(900), head(899), head(898)],
    f"/api/v1/block/{hash_of(900)}/summary": BRIEF,
    f"/api/v1/block/{hash_of(899)}/summary": [BRIEF[0], BRIEF[1] | {"txid": hash_of(2)}],
    f"/api/tx/{hash_of(1)}": WHALE,
    f"/api/tx/{hash_of(2)}": SMALL,
}
FEES = {"fastestFee": 12, "halfHourFee": 8.5, "hourFee": 6, "economyFee": 3, "minimumFee": 1}


async def test_the_largest_transactions_of_the_newest_blocks_become_transfers() -> None:
    explorer, _ = asking(Mempool, CHAIN)

    found = await explorer.transfers(Everything())

    assert [(row.recipient, row.amount, row.may_be_change) for row in found.rows] == [
        ("bob", 100.0, False),
        ("dave", 1.0, False),
        ("fresh", 2.0, True),
    ]
    assert (found.since_ms, found.time_ms) == (1_763_999_400_000, 1_764_000_000_000)


async def test_a_block_is_read_once() -> None:
    explorer, asked = asking(Mempool, CHAIN)
    first = await explorer.transfers(Everything())
    asked.clear()

    again = await explorer.transfers(Everything())

    assert [one.url.path for one in asked] == ["/api/v1/blocks"]
    assert again == first


async def test_a_replaced_block_is_forgotten() -> None:
    answers = dict(CHAIN)
    explorer, _ = asking(Mempool, answers)
    await explorer.transfers(Everything())
    answers["/api/v1/blocks"] = [head(901, 899), head(899), head(898)]
    answers[f"/api/v1/block/{hash_of(901)}/summary"] = [BRIEF[0]]

    found = await explorer.transfers(Everything())

    assert "bob" not in {row.recipient for row in found.rows}


@pytest.mark.parametrize(
    "change",
    [
        {"/api/v1/blocks": [head(900, 777), head(899)]},
        {f"/api/tx/{hash_of(1)}": WHALE | {"status": WHALE["status"] | {"block_hash": hash_of(5)}}},
        {f"/api/tx/{hash_of(1)}": WHALE | {"status": {"confirmed": False}}},
        {f"/api/tx/{hash_of(1)}": WHALE | {"txid": hash_of(9)}},
    ],
    ids=["no chain", "moved", "unconfirmed", "another"],
)
async def test_a_reorganised_chain_gives_no_partial_answer(change: dict[str, Any]) -> None:
    explorer, _ = asking(Mempool, CHAIN | change)

    with pytest.raises(SourceUnavailable):
        await explorer.transfers(Everything())


async def test_a_transaction_that_is_gone_gives_no_partial_answer() -> None:
    explorer, _ = asking(Mempool, {k: v for k, v in CHAIN.items() if "/tx/" not in k})

    with pytest.raises(SourceError):
        await explorer.transfers(Everything())


async def test_only_the_largest_transactions_are_looked_at() -> None:
    many = [BRIEF[0], *({"txid": hash_of(n), "value": n} for n in range(1, 100))]

    assert parse_largest(json.dumps(many).encode(), 3) == [hash_of(99), hash_of(98), hash_of(97)]


def test_new_coins_are_not_among_the_largest() -> None:
    assert parse_largest(json.dumps(BRIEF[:1]).encode(), 3) == []


async def test_an_address_is_read_page_by_page_until_the_depth() -> None:
    pages = [
        [tx(100 + n, [coin("bob", 2 * BTC)], [coin(ME, BTC)]) for n in range(25 * p, 25 * p + 25)]
        for p in range(3)
    ]
    base = f"/api/address/{ME}/txs/chain"
    answers = {
        base: pages[0],
        f"{base}/{pages[0][-1]['txid']}": pages[1],
        f"{base}/{pages[1][-1]['txid']}": pages[2],
    }
    explorer, asked = asking(Mempool, answers)

    found = await explorer.transactions(AddressQuery("bitcoin", ME, 50))

    assert (len(found.rows), len(asked), found.complete) == (50, 2, False)
    assert found.rows[0].hash == hash_of(100)


async def test_a_short_page_is_the_last() -> None:
    row = tx(1, [coin("bob", 2 * BTC)], [coin(ME, BTC)])
    explorer, asked = asking(Mempool, {f"/api/address/{ME}/txs/chain": [row]})

    found = await explorer.transactions(AddressQuery("bitcoin", ME, 100))

    assert (len(found.rows), len(asked), found.complete) == (1, 1, True)


async def test_an_unused_address_has_no_rows() -> None:
    explorer, _ = asking(Mempool, {f"/api/address/{ME}/txs/chain": []})

    found = await explorer.transactions(AddressQuery("bitcoin", ME, 100))

    assert (found.rows, found.complete) == ((), True)


async def test_other_chains_are_not_asked_about() -> None:
    explorer, asked = asking(Mempool, {})

    with pytest.raises(SourceUnsupported):
        await explorer.transactions(AddressQuery("ethereum", "0x" + "a" * 40, 100))
    assert asked == []


async def test_fees_are_hour_half_hour_and_next_block() -> None:
    explorer, _ = asking(Mempool, {"/api/v1/fees/recommended": FEES})

    fees = await explorer.fees(Everything())

    assert (fees.slow, fees.standard, fees.fast, fees.unit) == (6.0, 8.5, 12.0, "sat/vB")


def test_an_input_without_a_value_is_refused() -> None:
    broken = tx(1, [None], [coin(ME, 5)])

    with pytest.raises(SourceMalformed):
        parse_spends(json.dumps([broken]).encode())


def test_a_transaction_that_makes_coins_has_no_inputs() -> None:
    (spend,) = parse_spends(json.dumps([mined(3)]).encode())

    assert spend.inputs == ()


def test_unconfirmed_transactions_have_no_time_and_are_left_out() -> None:
    waiting = tx(1, [coin("a", 1)], [coin("b", 1)], confirmed=False)

    assert parse_spends(json.dumps([waiting]).encode()) == []


async def test_a_network_failure_is_unavailability() -> None:
    def fail(_: httpx.Request) -> Any:
        raise httpx.ConnectError("refused")

    explorer, _ = asking(Mempool, fail)

    with pytest.raises(SourceUnavailable):
        await explorer.fees(Everything())


PARSERS: dict[str, Any] = {
    "blocks": (lambda b: parse_blocks(b), json.dumps(CHAIN["/api/v1/blocks"]).encode()),
    "summary": (lambda b: parse_largest(b, 5), json.dumps(BRIEF).encode()),
    "spends": (lambda b: parse_spends(b), json.dumps([WHALE, mined(3)]).encode()),
    "spend": (lambda b: parse_spend(b, hash_of(1), hash_of(900)), json.dumps(WHALE).encode()),
    "fees": (lambda b: parse_fees(b, 1), json.dumps(FEES).encode()),
}


@pytest.mark.parametrize("name", PARSERS)
def test_no_damage_raises_anything_else_or_lets_an_absurd_number_through(name: str) -> None:
    parse, sound = PARSERS[name]

    @settings(max_examples=100, deadline=None)
    @given(damaged(sound))
    def check(body: bytes) -> None:
        assert raises_only_source_errors(lambda: parse(body))

    check()


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("body", [body for body in NONSENSE if body != b"[]"])
def test_nonsense_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(SourceError):
        PARSERS[name][0](body)


@pytest.mark.parametrize("address", ["bob\n", "\x00", "a b", "b" * 101])
def test_what_is_no_address_is_malformed(address: str) -> None:
    with pytest.raises(SourceMalformed):
        parse_spends(json.dumps([tx(4, [coin("alice", BTC)], [coin(address, BTC)])]).encode())
