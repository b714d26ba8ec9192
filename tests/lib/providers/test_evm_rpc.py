"""Chains over their public hosts: large transfers and fees, all of an answer from one host."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lib.chain import EVM_CHAINS
from lib.errors import SourceError, SourceUnavailable
from lib.providers.evm_rpc import BscRpc, EthereumRpc, EvmRpc, PolygonRpc
from lib.queries import Everything
from lib.wire.evm import TRANSFER
from tests.conftest import StillClock

pytestmark = pytest.mark.anyio

ME, YOU = "0x" + "a1" * 20, "0x" + "b2" * 20
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
HEAD = 1000
CHAINS: list[Any] = [EthereumRpc, BscRpc, PolygonRpc]


def hash_of(n: int) -> str:
    return f"0x{n:064x}"


class Node:
    """A small chain on one host; `spoil` changes what a method answers."""

    def __init__(self, chain: str = "ethereum") -> None:
        self.chain = chain
        self.spoil: dict[str, Callable[..., Any]] = {}
        self.asked: list[str] = []

    def answer(self, method: str, params: list[Any]) -> Any:
        self.asked.append(method)
        if method in self.spoil:
            return self.spoil[method](*params)
        return {"result": getattr(self, method)(*params)}

    def eth_chainId(self) -> str:  # noqa: N802 - as the method is named
        return hex(EVM_CHAINS[self.chain].chain_id)

    def eth_blockNumber(self) -> str:  # noqa: N802
        return hex(HEAD)

    def eth_getBlockByNumber(self, number: str, whole: bool) -> dict[str, Any]:  # noqa: N802
        n = int(number, 16)
        good = {"hash": hash_of(50_000 + n), "from": ME, "to": YOU, "value": hex(n * 10**18)}
        failed = good | {"hash": hash_of(90_000 + n)}
        return {
            "hash": hash_of(n), "number": number, "parentHash": hash_of(n - 1),
            "timestamp": hex(1_764_000_000 + n), "transactions": [good, failed] if whole else [],
        }  # fmt: skip

    def eth_getLogs(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: N802
        topics = [TRANSFER, "0x" + "0" * 24 + ME[2:], "0x" + "0" * 24 + YOU[2:]]
        return [
            {
                "address": wanted["address"][0], "topics": topics, "data": f"0x{10**12:064x}",
                "blockHash": hash_of(int(wanted["toBlock"], 16)), "logIndex": "0x3",
                "transactionHash": hash_of(7), "removed": False,
            }
        ]  # fmt: skip

    def eth_getTransactionReceipt(self, tx: str) -> dict[str, Any]:  # noqa: N802
        n = int(tx, 16)
        failed = n >= 90_000
        in_block = hash_of(n - (90_000 if failed else 50_000))
        return {"transactionHash": tx, "blockHash": in_block, "status": "0x0" if failed else "0x1"}

    def eth_feeHistory(self, count: str, _: str, percentiles: list[int]) -> Any:  # noqa: N802
        blocks = int(count, 16)
        return {
            "oldestBlock": "0x1", "baseFeePerGas": [hex(10**10)] * (blocks + 1),
            "reward": [[hex(p * 10**8) for p in percentiles]] * blocks,
        }  # fmt: skip


def over(*nodes: Node, kind: Any = EthereumRpc) -> EvmRpc:
    """A provider over these hosts."""

    def answer(request: httpx.Request) -> httpx.Response:
        question = json.loads(request.content)
        said = nodes[int(request.url.host)].answer(question["method"], question["params"])
        return httpx.Response(said) if isinstance(said, int) else httpx.Response(200, json=said)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    hosts = ", ".join(f"http://{n}" for n in range(len(nodes)))
    made: EvmRpc = kind(client, StillClock(), hosts)
    return made


async def transfers(chain: EvmRpc) -> Any:
    return await chain.transfers(Everything())  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", CHAINS)
async def test_coins_and_tokens_of_the_newest_settled_blocks_are_read(kind: Any) -> None:
    found = await transfers(over(Node(kind.chain), kind=kind))

    newest = HEAD - kind.behind
    coins = [row for row in found.rows if row.index == "coin"]
    tokens = [row for row in found.rows if row.index == "3"]
    assert [row.amount for row in coins] == [newest - n for n in range(min(5, kind.blocks))]
    assert {row.token for row in coins} == {EVM_CHAINS[kind.chain].coin}
    assert [(row.token, row.sender, row.recipient) for row in tokens] == [("USDT", ME, YOU)]
    assert found.time_ms == (1_764_000_000 + newest) * 1000
    assert found.since_ms == (1_764_000_000 + newest - kind.blocks + 1) * 1000


async def test_failed_transactions_moved_nothing() -> None:
    found = await transfers(over(Node()))

    assert all(int(row.hash, 16) < 90_000 for row in found.rows)


@pytest.mark.parametrize("kind", CHAINS)
async def test_fees_are_read(kind: Any) -> None:
    fees = await over(Node(kind.chain), kind=kind).fees(Everything())  # type: ignore[attr-defined]

    assert (fees.slow, fees.standard, fees.fast, fees.base) == (11.0, 15.0, 19.0, 10.0)


def _gone(*_: Any) -> Any:
    return {"result": None}


FAULTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "null receipt": ("eth_getTransactionReceipt", _gone),
    "null block": ("eth_getBlockByNumber", _gone),
    "null logs": ("eth_getLogs", _gone),
    "error text": ("eth_getLogs", lambda *_: {"error": "query returned more than 10000 results"}),
    "error object": ("eth_getLogs", lambda *_: {"error": {"code": -32000, "message": "x"}}),
    "status": ("eth_getLogs", lambda *_: 503),
    "limit": ("eth_blockNumber", lambda *_: {"error": {"code": -32005, "message": "limit"}}),
    "text": ("eth_blockNumber", lambda *_: {"result": "NOTOK"}),
}


def _reorganised(number: str, whole: bool) -> Any:
    one = Node().eth_getBlockByNumber(number, whole)
    return {"result": one | {"parentHash": hash_of(5)}}


def _moved(tx: str) -> Any:
    return {"result": Node().eth_getTransactionReceipt(tx) | {"blockHash": hash_of(5)}}


def _removed(wanted: dict[str, Any]) -> Any:
    return {"result": [row | {"removed": True} for row in Node().eth_getLogs(wanted)]}


FAULTS |= {
    "reorganised blocks": ("eth_getBlockByNumber", _reorganised),
    "moved transaction": ("eth_getTransactionReceipt", _moved),
    "removed event": ("eth_getLogs", _removed),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_spoilt_answer_leads_to_the_next_host_and_leaves_no_partial_row(fault: str) -> None:
    spoilt = Node()
    spoilt.spoil = dict([FAULTS[fault]])

    found = await transfers(over(spoilt, Node()))

    assert found == await transfers(over(Node()))


@pytest.mark.parametrize("fault", FAULTS)
async def test_with_no_host_left_the_source_failed(fault: str) -> None:
    spoilt = Node()
    spoilt.spoil = dict([FAULTS[fault]])

    with pytest.raises(SourceError):
        await transfers(over(spoilt))


async def test_a_host_of_another_chain_is_passed_over() -> None:
    other, right = Node("bsc"), Node()

    await transfers(over(other, right))

    assert other.asked == ["eth_chainId"]


async def test_only_a_bounded_range_is_asked_for() -> None:
    ranges = []
    node = Node()

    def logs(wanted: dict[str, Any]) -> Any:
        ranges.append((int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)))
        assert USDT in wanted["address"]
        assert wanted["topics"] == [TRANSFER]
        return {"result": []}

    node.spoil["eth_getLogs"] = logs
    await transfers(over(node))

    assert ranges == [(995, 999)]


@pytest.mark.parametrize("kind", CHAINS)
def test_the_built_in_hosts_are_several_and_encrypted(kind: Any) -> None:
    hosts = kind.base_url.split(",")

    assert len(hosts) >= 3
    assert all(host.startswith("https://") for host in hosts)


async def test_without_a_host_the_source_is_unavailable() -> None:
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))

    with pytest.raises(SourceUnavailable, match="no host"):
        await EthereumRpc(client, StillClock(), " , ").fees(Everything())
