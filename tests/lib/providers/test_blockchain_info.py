"""Blockchain.com's whole blocks."""

import json

import pytest
from hypothesis import given, settings

from lib.errors import SourceError, SourceMalformed
from lib.providers.blockchain_info import BlockchainInfo, parse_block, parse_latest
from lib.queries import Everything
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NONSENSE, damaged, raises_only_source_errors
from tests.lib.providers.chains import asking

pytestmark = pytest.mark.anyio

NEWEST = "0000000000000000000efcea1cc1a169955e9cf6f039ddeabfdd1da1ac6d9899"
BLOCK = {
    "hash": NEWEST,
    "time": 1_573_858_343,
    "height": 603_966,
    "tx": [
        {"hash": "1" * 64, "inputs": [{"prev_out": None}], "out": [{"value": 5, "addr": "m"}]},
        {
            "hash": "2" * 64,
            "fee": 10,
            "inputs": [{"prev_out": {"addr": "alice", "value": 500}}],
            "out": [{"addr": "bob", "value": 100}, {"addr": "alice", "value": 390}, {"value": 0}],
        },
    ],
}


async def test_the_newest_block_is_read() -> None:
    explorer, _ = asking(
        BlockchainInfo, {"/latestblock": {"hash": NEWEST}, f"/rawblock/{NEWEST}": BLOCK}
    )

    found = await explorer.transfers(Everything())

    assert [(row.sender, row.recipient, row.amount) for row in found.rows] == [
        ("alice", "bob", 0.000001)
    ]
    assert found.time_ms == 1_573_858_343_000


def test_the_recorded_block_is_read_with_change_told_apart(corpus: Corpus) -> None:
    found = parse_block(corpus.body("blockchain_info/rawblock_603966_trimmed"), NEWEST)

    amounts = {row.recipient: (row.amount, row.may_be_change) for row in found.rows}
    # 2,273 coins come in and all but 0.4 go back to the same address
    assert amounts["13n1qvj1TL9kHWK9XuoKGDnrzMbpgxiqPR"] == (0.00778415, False)
    assert amounts["3Hrzz6z4ukbRhrheDrUyEHCBHZdYk2pixT"] == (0.3995, False)
    assert "17A16QmavnUfCW11DAApiJxp7ARnxN5pGX" not in amounts
    # of two outputs to strangers the larger may be change
    assert amounts["19HNJAb9qQGFYhutw3gdxjKxZ2pHJaYW74"] == (0.98941598, True)
    assert amounts["15yTQNjgCNmyZ1SJaoYofm7Xsn8M7fNhsy"] == (0.02345506, False)
    # the miner's new coins are no transfer
    assert "1MUz4VMYui5qY1mxUiG8BQ1Luv6tqkvaiL" not in amounts


def test_another_block_than_asked_for_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        parse_block(json.dumps(BLOCK).encode(), "f" * 64)


def test_an_input_without_a_value_is_refused() -> None:
    row = BLOCK["tx"][1] | {"inputs": [{"prev_out": None}, {"prev_out": None}]}  # type: ignore[index]

    with pytest.raises(SourceMalformed):
        parse_block(json.dumps(BLOCK | {"tx": [row]}).encode(), NEWEST)


@settings(max_examples=150, deadline=None)
@given(damaged(json.dumps(BLOCK).encode()))
def test_no_damage_raises_anything_else(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_block(body, NEWEST))
    assert raises_only_source_errors(lambda: parse_latest(body))


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        parse_block(body, NEWEST)


@pytest.mark.parametrize("address", ["bob\n", "\x00", "a b", "b" * 101])
def test_what_is_no_address_is_malformed(address: str) -> None:
    paid = {"hash": "2" * 64, "inputs": [], "out": [{"value": 5, "addr": address}]}

    with pytest.raises(SourceMalformed):
        parse_block(json.dumps(BLOCK | {"tx": [paid]}).encode(), NEWEST)


def test_a_hash_with_a_line_break_behind_it_is_malformed() -> None:
    with pytest.raises(SourceMalformed):
        parse_latest(json.dumps({"hash": NEWEST + "\n"}).encode())
