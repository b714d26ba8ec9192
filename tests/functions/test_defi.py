"""GET /api/defi/protocols and /api/defi/yields."""

import pytest

from tests.chain_house import ChainHouse

pytestmark = pytest.mark.anyio

LISTS = [("/api/defi/protocols", "protocols"), ("/api/defi/yields", "pools")]


@pytest.mark.parametrize(("path", "name"), LISTS)
async def test_the_largest_come_first_under_their_sources_name(path: str, name: str) -> None:
    async with ChainHouse() as house:
        told = (await house.get(f"{path}?limit=5")).json

    sizes = [row["tvl"] for row in told[name]]
    assert (told["source"], told["count"], len(sizes)) == ("defillama", 5, 5)
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("path", "name"), LISTS)
@pytest.mark.parametrize("limit", [0, 501])
async def test_a_limit_out_of_range_is_refused(path: str, name: str, limit: int) -> None:
    async with ChainHouse() as house:
        answer = await house.get(f"{path}?limit={limit}")

    assert (answer.status, answer.error["details"]["fields"][0]["field"]) == (400, "limit")


async def test_one_host_that_is_down_leaves_the_other() -> None:
    async with ChainHouse(faults={"defillama": "503"}) as house:
        protocols = await house.get("/api/defi/protocols")
        pools = await house.get("/api/defi/yields")

    assert (protocols.status, pools.status) == (503, 200)
    assert protocols.error["details"]["sources"] == {"defillama": "unavailable"}


@pytest.mark.parametrize("fault", ["html", "shape", "empty", "nan", "truncated"])
@pytest.mark.parametrize(("path", "name"), LISTS)
async def test_a_spoilt_list_is_503_and_never_a_row(path: str, name: str, fault: str) -> None:
    async with ChainHouse(faults={"defillama": fault, "defillama_yields": fault}) as house:
        answer = await house.get(path)

    assert answer.status == 503
