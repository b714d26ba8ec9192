"""GET /api/blockchain/gas."""

import pytest

from tests.chain_house import ChainHouse

pytestmark = pytest.mark.anyio

PATH = "/api/blockchain/gas"


@pytest.mark.parametrize(
    ("chain", "unit", "source"),
    [
        ("ethereum", "gwei", "ethereum_rpc"), ("bsc", "gwei", "bsc_rpc"),
        ("polygon", "gwei", "polygon_rpc"), ("bitcoin", "sat/vB", "mempool"),
    ],
)  # fmt: skip
async def test_every_chain_has_its_fees(chain: str, unit: str, source: str) -> None:
    async with ChainHouse() as house:
        told = (await house.get(f"{PATH}?chain={chain}")).json

    assert (told["chain"], told["unit"], told["meta"]["source"]) == (chain, unit, source)
    assert 0 < told["slow"] <= told["standard"] <= told["fast"]
    assert told["gas_prices"] == {name: told[name] for name in ("slow", "standard", "fast")}


async def test_ethereum_is_meant_without_a_chain() -> None:
    async with ChainHouse() as house:
        told = (await house.get(PATH)).json

    assert told["chain"] == "ethereum"
    assert told["base_fee"] <= told["slow"]


async def test_bitcoin_says_why_it_has_no_base_fee() -> None:
    async with ChainHouse() as house:
        told = (await house.get(f"{PATH}?chain=bitcoin")).json

    assert told["base_fee"] is None
    assert told["meta"]["missing"]["base_fee"] == "bitcoin has none"


async def test_another_chain_is_refused_with_the_list() -> None:
    async with ChainHouse() as house:
        answer = await house.get(f"{PATH}?chain=solana")

    assert answer.status == 400
    assert "one of ethereum, bsc, polygon, bitcoin" in answer.error["message"]


@pytest.mark.parametrize("fault", ["503", "html", "shape", "empty", "refuse", "truncated"])
async def test_a_failing_source_is_503_and_never_a_number(fault: str) -> None:
    async with ChainHouse(faults={"ethereum_rpc": fault}) as house:
        answer = await house.get(PATH)

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")


async def test_the_second_host_of_a_list_answers_when_the_first_is_down() -> None:
    hosts = "http://sandbox/nowhere, http://sandbox/ethereum_rpc"
    async with ChainHouse(settings={"ETHEREUM_RPC_BASE_URL": hosts}) as house:
        answer = await house.get(PATH)

    assert answer.status == 200
    assert answer.json["meta"]["source"] == "ethereum_rpc"


async def test_a_host_of_another_chain_is_not_believed() -> None:
    hosts = "http://sandbox/bsc_rpc,http://sandbox/polygon_rpc"
    async with ChainHouse(settings={"ETHEREUM_RPC_BASE_URL": hosts}) as house:
        answer = await house.get(PATH)

    assert answer.status == 503
