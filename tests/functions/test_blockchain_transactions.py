"""GET /api/blockchain/transactions/{address}, over the sandbox and over recorded answers."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.chain_house import ChainHouse
from tests.conftest import Corpus
from tests.functions.published import unexplained

pytestmark = pytest.mark.anyio

VITALIK = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
BITCOIN = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
PATH = "/api/blockchain/transactions"
FIELDS = {"hash", "timestamp", "from", "to", "value", "token", "status", "gas_used", "gas_price"}


@pytest.fixture
async def house() -> AsyncIterator[ChainHouse]:
    async with ChainHouse() as made:
        yield made


@pytest.mark.parametrize("chain", ["ethereum", "bsc", "polygon"])
async def test_without_a_key_routescan_answers(chain: str, house: ChainHouse) -> None:
    told = (await house.get(f"{PATH}/{VITALIK}?chain={chain}")).json

    assert (told["success"], told["address"], told["chain"]) == (True, VITALIK, chain)
    assert told["meta"]["source"] == "routescan"
    assert told["meta"]["sources_tried"][0] == {"source": "etherscan", "outcome": "no_key", "ms": 0}
    assert len(told["transactions"]) == told["limit"] == 50
    assert all(row.keys() >= FIELDS for row in told["transactions"])


async def test_rows_are_native_and_token_transfers_newest_first(house: ChainHouse) -> None:
    rows = (await house.get(f"{PATH}/{VITALIK}?limit=100")).json["transactions"]

    times = [row["timestamp"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert {row["kind"] for row in rows} == {"native", "token"}
    assert {row["status"] for row in rows} == {"success", "failed"}
    assert all(VITALIK.lower() in (row["from"], row["to"]) for row in rows if row["value"])


async def test_pages_follow_each_other_without_gap_or_repetition(house: ChainHouse) -> None:
    whole = (await house.get(f"{PATH}/{VITALIK}?limit=100")).json["transactions"]
    pages = [
        (await house.get(f"{PATH}/{VITALIK}?limit=20&offset={at}")).json for at in range(0, 100, 20)
    ]

    assert [row for page in pages for row in page["transactions"]] == whole
    assert all(page["has_more"] for page in pages)


async def test_pages_share_one_upstream_fetch(house: ChainHouse) -> None:
    for offset in (0, 25, 50):
        await house.get(f"{PATH}/{VITALIK}?limit=25&offset={offset}")

    assert house.sandbox.state.calls["routescan"] == 2  # one of each list


async def test_with_a_key_etherscan_is_asked_first_for_internal_transfers_too() -> None:
    async with ChainHouse(settings={"ETHERSCAN_KEY": "k"}) as house:
        told = (await house.get(f"{PATH}/{VITALIK}?limit=100")).json

    assert told["meta"]["source"] == "etherscan"
    assert "internal" in {row["kind"] for row in told["transactions"]}
    assert "transactions[internal]" not in told["meta"].get("missing", {})


async def test_blockscout_answers_when_routescan_is_down() -> None:
    async with ChainHouse(settings={"BLOCKSCOUT_KEY": "k"}, faults={"routescan": "503"}) as house:
        told = (await house.get(f"{PATH}/{VITALIK}")).json

    assert told["meta"]["source"] == "blockscout"
    assert told["meta"]["degraded"] is True


async def test_an_address_without_transactions_has_an_empty_list(house: ChainHouse) -> None:
    answer = await house.get(f"{PATH}/0x{'10' * 20}")

    assert answer.status == 200
    assert (answer.json["transactions"], answer.json["has_more"]) == ([], False)


async def test_bitcoin_is_told_by_the_address(house: ChainHouse) -> None:
    told = (await house.get(f"{PATH}/{BITCOIN}?limit=30")).json

    assert (told["chain"], told["meta"]["source"]) == ("bitcoin", "mempool")
    assert len(told["transactions"]) == 30
    assert {row["token"] for row in told["transactions"]} == {"BTC"}
    assert {row["gas_used"] for row in told["transactions"]} == {None}
    assert told["meta"]["missing"]["transactions[].gas_used"] == "bitcoin has no gas"


@pytest.mark.parametrize("address", [VITALIK, BITCOIN])
async def test_every_null_of_a_transfer_has_its_reason(address: str, house: ChainHouse) -> None:
    told = (await house.get(f"{PATH}/{address}?limit=100")).json

    assert {row["contract_address"] for row in told["transactions"]} >= {None}
    assert unexplained(told) == set()


@pytest.mark.parametrize(
    ("target", "field", "words"),
    [
        # the spec's own sample is a digit short
        ("0x742d35Cc6634C0532925a3b844Bc9e7595f0bEb", "address", "39 characters"),
        ("0xD8dA6BF26964aF9D7eEd9e03E53415D37aA96045", "address", "checksum"),
        (f"{BITCOIN}?chain=ethereum", "address", "does not begin with 0x"),
        (f"{VITALIK}?chain=bitcoin", "address", "begins with none of"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "address", "checksum"),
        (f"{VITALIK}?chain=solana", "chain", "one of ethereum, bsc, polygon, bitcoin"),
        (f"{VITALIK}?limit=101", "limit", "from 1 to 100"),
        (f"{VITALIK}?limit=0", "limit", "from 1 to 100"),
        (f"{VITALIK}?offset=-1", "offset", ""),
        (f"{VITALIK}?offset=951", "offset", "from 0 to 950"),
        (f"{BITCOIN}?offset=151", "offset", "from 0 to 150"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_reason(
    target: str, field: str, words: str, house: ChainHouse
) -> None:
    answer = await house.get(f"{PATH}/{target}")

    assert answer.status == 400
    assert answer.error["code"] == "INVALID_PARAMETER"
    assert words in answer.error["message"]
    assert answer.error["details"]["fields"][0]["field"] == field
    assert house.sandbox.state.calls == {}


@pytest.mark.parametrize("name", ["ETH", "Ethereum", "eth"])
async def test_other_spellings_of_a_chain_are_understood(name: str, house: ChainHouse) -> None:
    assert (await house.get(f"{PATH}/{VITALIK}?chain={name}")).json["chain"] == "ethereum"


async def test_ages_are_those_of_chain_data(house: ChainHouse) -> None:
    answer = await house.get(f"{PATH}/{VITALIK}")

    assert answer.headers["cache-control"] == (
        "public, max-age=60, stale-while-revalidate=540, stale-if-error=3540"
    )


async def test_what_was_fetched_is_kept_when_every_source_is_down(house: ChainHouse) -> None:
    first = (await house.get(f"{PATH}/{VITALIK}")).json["transactions"]
    house.sandbox.state.faults.set("routescan", "503")
    house.clock.advance(700)

    answer = await house.get(f"{PATH}/{VITALIK}")

    assert (answer.status, answer.json["transactions"]) == (200, first)
    assert answer.json["meta"]["degraded"] is True


@pytest.mark.parametrize(
    "fault", ["503", "429", "451", "html", "shape", "truncated", "empty", "nan"]
)
async def test_with_nothing_kept_a_failure_is_503_with_reasons(fault: str) -> None:
    async with ChainHouse(faults={"routescan": fault}) as house:
        answer = await house.get(f"{PATH}/{VITALIK}")

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")
    assert answer.error["details"]["sources"].keys() == {"etherscan", "routescan", "blockscout"}


async def test_recorded_answers_come_out_with_genesis_and_failed_rows(corpus: Corpus) -> None:
    me = "0xddbd2b932c763ba5b1b7ae3b362eac3e8d40121a"
    recorded = {
        "txlist": corpus.body("etherscan/txlist_page"),
        "tokentx": corpus.body("etherscan/doc_no_transactions"),
        "txlistinternal": corpus.body("etherscan/txlistinternal_page"),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        action = parse_qs(request.url.query.decode())["action"][0]
        return httpx.Response(200, content=recorded[action])

    upstream = httpx.MockTransport(answer)
    async with ChainHouse(settings={"ETHERSCAN_KEY": "k"}, upstream=upstream) as house:
        told = (await house.get(f"{PATH}/{me}?limit=100")).json

    rows = told["transactions"]
    oldest: dict[str, Any] = rows[-1]
    assert len(rows) == 20
    assert (oldest["from"], oldest["value"], oldest["status"]) == ("GENESIS", 10_000.0, "success")
    assert [row["status"] for row in rows].count("failed") == 4
    made = next(row for row in rows if row["to"] is None)
    assert made["contract_address"] == "0x2c1ba59d6f58433fb1eaee7d20b26ed83bda51a3"
    assert "contract_address" in told["meta"]["missing"]["transactions[].to"]


async def test_a_limit_that_comes_with_status_200_is_throttling(corpus: Corpus) -> None:
    body = corpus.body("etherscan/doc_rate_limited")
    upstream = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    async with ChainHouse(upstream=upstream) as house:
        answer = await house.get(f"{PATH}/{VITALIK}")

    assert answer.error["details"]["sources"]["routescan"] == "throttled"


async def test_amounts_are_numbers_and_never_nan(house: ChainHouse) -> None:
    body = (await house.get(f"{PATH}/{VITALIK}?limit=100")).plain

    assert b"NaN" not in body
    assert b"Infinity" not in body
    rows = json.loads(body)["transactions"]
    assert all(isinstance(row["value"], float | int) and row["value"] >= 0 for row in rows)
