"""GET /api/service/whales and /api/service/onchain: the rows that old clients read."""

from collections.abc import AsyncIterator

import pytest

from tests.chain_house import ChainHouse

pytestmark = pytest.mark.anyio

READ = {"from", "to", "amount", "amount_usd", "chain", "ts", "hash", "direction"}
VITALIK = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"


@pytest.fixture
async def house() -> AsyncIterator[ChainHouse]:
    async with ChainHouse() as made:
        yield made


async def test_whales_are_the_alerts_under_other_names(house: ChainHouse) -> None:
    rows = (await house.get("/api/service/whales?limit=100")).json["data"]
    alerts = (await house.get("/api/blockchain/whale-alerts?limit=100")).json["alerts"]

    assert all(row.keys() >= READ for row in rows)
    assert [(row["hash"], row["amount_usd"], row["ts"]) for row in rows] == [
        (row["hash"], row["usd_value"], row["timestamp"]) for row in alerts
    ]


async def test_inbound_is_to_an_exchange_and_outbound_from_one(house: ChainHouse) -> None:
    rows = (await house.get("/api/service/whales?limit=100")).json["data"]
    alerts = (await house.get("/api/blockchain/whale-alerts?limit=100")).json["alerts"]

    words = {"exchange_inflow": "inbound", "exchange_outflow": "outbound"}
    assert [row["direction"] for row in rows] == [words.get(row["type"]) for row in alerts]


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("symbol=USDT", "symbol", "USDT"),
        ("symbol=btc", "symbol", "BTC"),
        ("chain=bsc", "chain", "bsc"),
    ],
)
async def test_whales_can_be_chosen(query: str, field: str, value: str, house: ChainHouse) -> None:
    rows = (await house.get(f"/api/service/whales?limit=100&{query}")).json["data"]

    assert {row[field] for row in rows} == {value}


async def test_whales_can_be_chosen_by_size(house: ChainHouse) -> None:
    rows = (await house.get("/api/service/whales?min_amount_usd=8000000&limit=100")).json["data"]

    assert rows
    assert min(row["amount_usd"] for row in rows) >= 8_000_000


async def test_transfers_of_an_address_have_their_direction(house: ChainHouse) -> None:
    rows = (await house.get(f"/api/service/onchain?address={VITALIK}&limit=40")).json["data"]

    assert len(rows) == 40
    assert {row["direction"] for row in rows} == {"inbound", "outbound"}
    for row in rows:
        side = row["from"] if row["direction"] == "outbound" else row["to"]
        assert side == VITALIK.lower()


@pytest.mark.parametrize(
    "target", [f"onchain?address={VITALIK}&limit=100", "whales?min_amount_usd=5&limit=100"]
)
async def test_what_is_missing_is_named_as_the_reply_names_it(
    target: str, house: ChainHouse
) -> None:
    told = (await house.get(f"/api/service/{target}")).json

    assert told["meta"]["missing"]
    assert {path.partition("[")[0] for path in told["meta"]["missing"]} == {"data"}


async def test_the_address_is_required_and_checked(house: ChainHouse) -> None:
    for query in ("", "?address=0x12", "?address=vitalik.eth"):
        answer = await house.get(f"/api/service/onchain{query}")
        assert (answer.status, answer.error["details"]["fields"][0]["field"]) == (400, "address")
