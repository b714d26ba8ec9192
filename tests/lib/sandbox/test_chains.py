"""The sandbox's chains: blocks that stand on each other, histories that do not change."""

from itertools import pairwise
from typing import Any

import pytest

from lib.chain import EVM_CHAINS
from lib.onchain.address import bitcoin_fault, evm_fault
from lib.sandbox import SandboxClock, create_sandbox
from lib.sandbox.chains import PERIOD_S, Chains, segwit_address
from tests.lib.sandbox.conftest import NOW_MS, Ask


@pytest.fixture(scope="module")
def chains() -> Chains:
    return Chains(create_sandbox(1, SandboxClock(fixed_ms=NOW_MS)).state.world)


@pytest.mark.parametrize("chain", PERIOD_S)
def test_a_block_is_over_when_it_is_known(chain: str, chains: Chains) -> None:
    newest = chains.height(chain)

    assert chains.time_s(chain, newest) <= NOW_MS // 1000 < chains.time_s(chain, newest + 1)


@pytest.mark.parametrize("chain", PERIOD_S)
def test_parties_are_addresses_that_can_exist(chain: str, chains: Chains) -> None:
    fault = bitcoin_fault if chain == "bitcoin" else evm_fault
    for number in range(chains.height(chain) - 20, chains.height(chain)):
        for pay in chains.payments(chain, number):
            assert fault(pay.sender) is None
            assert fault(pay.recipient) is None
            assert pay.units > 0


@pytest.mark.parametrize("chain", EVM_CHAINS)
def test_every_watched_token_is_moved(chain: str, chains: Chains) -> None:
    newest = chains.height(chain)
    seen = {pay.token for n in range(newest - 30, newest) for pay in chains.payments(chain, n)}

    assert seen == {None, *EVM_CHAINS[chain].tokens}


def test_a_known_program_has_the_address_that_bip_173_gives_it() -> None:
    program = bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")

    assert segwit_address(program) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def test_blocks_of_bitcoin_stand_on_each_other(ask: Ask) -> None:
    blocks: list[dict[str, Any]] = ask("/mempool/api/v1/blocks")

    assert len(blocks) == 15
    for upper, lower in pairwise(blocks):
        assert upper["previousblockhash"] == lower["id"]


def test_an_unknown_method_is_an_error_with_status_200(sandbox: Any) -> None:
    answer = sandbox.post("/ethereum_rpc", json={"id": 7, "method": "eth_mine", "params": []})

    assert answer.status_code == 200
    assert answer.json() == {
        "jsonrpc": "2.0", "id": 7, "error": {"code": -32601, "message": "method not found"},
    }  # fmt: skip


def test_refusals_of_an_explorer_come_with_status_200(ask: Ask) -> None:
    told = ask("/etherscan/v2/api", chainid=1, module="account", action="txlist", address="0x12")

    assert told == {"status": "0", "message": "NOTOK", "result": "Missing/Invalid API Key"}
