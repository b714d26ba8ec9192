"""Etherscan, Routescan and Blockscout: how each is asked, and what their refusals mean."""

from typing import Any

import httpx
import pytest

from lib.errors import (
    NoKey,
    SourceError,
    SourceGeoBlocked,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.providers.base import Provider
from lib.providers.blockscout import Blockscout
from lib.providers.etherscan import Etherscan
from lib.providers.routescan import Routescan
from lib.queries import AddressQuery
from lib.wire.explorers import ACTIONS
from tests.conftest import Corpus
from tests.lib.providers.chains import asking, params

pytestmark = pytest.mark.anyio

ME = "0xddbd2b932c763ba5b1b7ae3b362eac3e8d40121a"
QUERY = AddressQuery("polygon", ME, 200)
NONE = {"status": "0", "message": "No transactions found", "result": []}
EXPLORERS: list[tuple[Any, str | None]] = [
    (Etherscan, "s3cret"),
    (Routescan, None),
    (Blockscout, "s3cret"),
]

COMMON = {"module": "account", "address": ME, "page": "1", "offset": "200", "sort": "desc"}


async def transactions(explorer: Any, query: AddressQuery = QUERY) -> Any:
    return await explorer.transactions(query)


async def test_etherscan_is_asked_for_three_lists_of_the_chain() -> None:
    explorer, asked = asking(Etherscan, {"/v2/api": NONE}, key="s3cret")

    await transactions(explorer)

    assert sorted(params(one)["action"] for one in asked) == sorted(ACTIONS)
    for one in asked:
        told = params(one)
        assert told.pop("action") in ACTIONS
        assert told == COMMON | {"chainid": "137", "apikey": "s3cret"}


async def test_routescan_is_asked_for_two_lists_by_path_without_a_key() -> None:
    path = "/v2/network/mainnet/evm/137/etherscan/api"
    explorer, asked = asking(Routescan, {path: NONE})

    found = await transactions(explorer)

    assert [params(one) for one in asked] == [
        COMMON | {"action": "txlist"},
        COMMON | {"action": "tokentx"},
    ]
    assert found.without == ("internal",)


async def test_blockscout_is_asked_with_its_name_of_the_chain() -> None:
    explorer, asked = asking(Blockscout, {"/v2/api": NONE}, key="s3cret")

    await transactions(explorer)

    assert {params(one)["chain_id"] for one in asked} == {"137"}
    assert {params(one)["apikey"] for one in asked} == {"s3cret"}


@pytest.mark.parametrize(("kind", "key"), EXPLORERS)
async def test_an_address_without_transactions_has_an_empty_list(kind: Any, key: str) -> None:
    explorer, _ = asking(kind, lambda _: NONE, key=key)

    found = await transactions(explorer)

    assert (found.rows, found.complete, found.address) == ((), True, ME)


@pytest.mark.parametrize(("kind", "key"), EXPLORERS)
async def test_recorded_lists_are_merged(kind: Any, key: str, corpus: Corpus) -> None:
    recorded = {
        "txlist": corpus.body("etherscan/txlist_page"),
        "tokentx": corpus.body("etherscan/tokentx_page"),
        "txlistinternal": corpus.body("etherscan/txlistinternal_page"),
    }
    explorer, _ = asking(kind, lambda one: recorded[params(one)["action"]], key=key)

    found = await transactions(explorer)

    times = [row.time_ms for row in found.rows]
    assert times == sorted(times, reverse=True)
    assert len(found.rows) == 45 + (0 if found.without else 10)


@pytest.mark.parametrize(("kind", "key"), EXPLORERS)
async def test_one_refused_list_refuses_the_whole_answer(kind: Any, key: str) -> None:
    limited = {"status": "0", "message": "NOTOK", "result": "Max rate limit reached"}
    explorer, _ = asking(
        kind, lambda one: limited if params(one)["action"] == "tokentx" else NONE, key=key
    )

    with pytest.raises(SourceThrottled):
        await transactions(explorer)


@pytest.mark.parametrize(("kind", "key"), EXPLORERS)
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, SourceThrottled),
        (403, SourceGeoBlocked),
        (404, SourceUnsupported),
        (500, SourceUnavailable),
        (503, SourceUnavailable),
    ],
)
async def test_statuses_mean_what_they_mean_everywhere(
    kind: Any, key: str, status: int, error: type[SourceError]
) -> None:
    explorer, _ = asking(kind, lambda _: status, key=key)

    with pytest.raises(error):
        await transactions(explorer)


@pytest.mark.parametrize(("status", "error"), [(401, NoKey), (402, SourceThrottled)])
async def test_blockscouts_statuses_about_keys_and_credits(
    status: int, error: type[SourceError]
) -> None:
    explorer, _ = asking(Blockscout, lambda _: status, key="x")

    with pytest.raises(error):
        await transactions(explorer)


async def test_a_chain_outside_the_plan_is_unsupported() -> None:
    said = "Free API access is not supported for this chain. Please upgrade your api plan"
    refused = {"status": "0", "message": "NOTOK", "result": said}
    explorer, _ = asking(Etherscan, lambda _: refused, key="x")

    with pytest.raises(SourceUnsupported):
        await transactions(explorer, AddressQuery("bsc", ME, 100))


@pytest.mark.parametrize(("kind", "key"), EXPLORERS)
async def test_a_network_failure_does_not_repeat_the_address_with_its_key(
    kind: Any, key: str
) -> None:
    def fail(_: httpx.Request) -> Any:
        raise httpx.ConnectError("refused")

    explorer, _ = asking(kind, fail, key=key)

    with pytest.raises(SourceUnavailable) as failed:
        await transactions(explorer)
    assert "s3cret" not in str(failed.value)


@pytest.mark.parametrize(
    ("kind", "needs"), [(Etherscan, True), (Routescan, False), (Blockscout, True)]
)
def test_who_needs_a_key_says_so(kind: type[Provider], needs: bool) -> None:
    assert kind.needs_key is needs
    assert bool(kind.key_variable) is needs
