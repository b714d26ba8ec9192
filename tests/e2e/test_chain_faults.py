"""Chain data when its sources misbehave: kept, or 503, and never an absurd number."""

import pytest

from lib.sandbox import FAULTS
from tests.chain_house import ChainHouse

pytestmark = pytest.mark.anyio

SOURCES = (
    "etherscan", "routescan", "blockscout", "mempool", "blockchain_info", "whale_alert",
    "ethereum_rpc", "bsc_rpc", "polygon_rpc", "defillama", "defillama_yields",
)  # fmt: skip
KEYS = {"ETHERSCAN_KEY": "k", "BLOCKSCOUT_KEY": "k", "WHALE_ALERT_KEY": "k"}
ADDRESS = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
PATHS = [
    f"/api/blockchain/transactions/{ADDRESS}",
    "/api/blockchain/transactions/bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "/api/blockchain/whale-alerts",
    "/api/blockchain/whale-alerts?chain=bitcoin",
    "/api/blockchain/gas",
    "/api/blockchain/gas?chain=bitcoin",
    "/api/defi/protocols",
    "/api/defi/yields",
    "/api/service/whales",
    f"/api/service/onchain?address={ADDRESS}",
]
AT_ONCE = [
    fault for fault in (*FAULTS, "400", "403", "429", "451", "500", "503") if fault != "hang"
]


@pytest.mark.parametrize("keys", [{}, KEYS], ids=["keyless", "keyed"])
async def test_everything_answers_with_every_source_well(keys: dict[str, str]) -> None:
    async with ChainHouse(settings=keys) as house:
        for path in PATHS:
            answer = await house.get(path)
            assert answer.status == 200, (path, answer)
            assert answer.json["meta"].get("degraded") is False, path


@pytest.mark.parametrize("fault", AT_ONCE)
async def test_with_every_source_down_it_is_503_and_never_a_number(fault: str) -> None:
    async with ChainHouse(settings=KEYS, faults=dict.fromkeys(SOURCES, fault)) as house:
        for path in PATHS:
            answer = await house.get(path)
            assert answer.status in (200, 503), (path, answer)
            assert b"NaN" not in answer.plain
            if answer.status == 503:
                assert answer.error["code"] == "UPSTREAM_UNAVAILABLE"
            elif fault not in ("zero", "nan", "empty"):  # hex stays, no rows are an answer
                raise AssertionError((path, answer))


@pytest.mark.parametrize("fault", AT_ONCE)
async def test_what_was_fetched_is_kept_while_every_source_is_down(fault: str) -> None:
    async with ChainHouse() as house:
        before = {path: (await house.get(path)).json for path in PATHS}
        for source in SOURCES:
            house.sandbox.state.faults.set(source, fault)
        house.clock.advance(120)

        for path in PATHS:
            answer = await house.get(path)
            assert answer.status == 200, (path, answer)
            assert answer.json.keys() == before[path].keys()


async def test_a_key_is_missing_nowhere() -> None:
    """NOT_CONFIGURED is for what has no keyless source, and nothing here is that."""
    async with ChainHouse(faults=dict.fromkeys(SOURCES, "503")) as house:
        codes = {(await house.get(path)).error["code"] for path in PATHS}

    assert codes == {"UPSTREAM_UNAVAILABLE"}
