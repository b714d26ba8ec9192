"""GET /api/blockchain/whale-alerts and /api/service/whales: large transfers just now."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chain_house import ChainHouse

pytestmark = pytest.mark.anyio

PATH = "/api/blockchain/whale-alerts"
FIELDS = {
    "id", "timestamp", "hash", "from", "to", "amount", "token", "usd_value", "chain", "type",
}  # fmt: skip
KINDS = {"exchange_inflow", "exchange_outflow", "exchange_transfer", "unknown"}
CHAINS = ["ethereum", "bsc", "polygon", "bitcoin"]


@pytest.fixture
async def house() -> AsyncIterator[ChainHouse]:
    async with ChainHouse() as made:
        yield made


async def test_without_a_key_every_chain_is_read(house: ChainHouse) -> None:
    answer = await house.get(f"{PATH}?limit=100")

    assert answer.status == 200
    assert {row["chain"] for row in answer.json["alerts"]} == set(CHAINS)
    assert answer.json["meta"]["degraded"] is False


async def test_rows_have_the_fields_of_the_spec(house: ChainHouse) -> None:
    rows = (await house.get(f"{PATH}?limit=100")).json["alerts"]

    assert all(row.keys() >= FIELDS for row in rows)
    assert {row["type"] for row in rows} == KINDS
    assert len({row["id"] for row in rows}) == len(rows)


async def test_the_default_is_twenty_alerts_of_a_million(house: ChainHouse) -> None:
    rows = (await house.get(PATH)).json["alerts"]

    assert len(rows) == 20
    assert min(row["usd_value"] for row in rows) >= 1_000_000


async def test_the_newest_come_first(house: ChainHouse) -> None:
    times = [row["timestamp"] for row in (await house.get(f"{PATH}?limit=100")).json["alerts"]]

    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("chain", CHAINS)
async def test_one_chain_can_be_asked_for(chain: str, house: ChainHouse) -> None:
    rows = (await house.get(f"{PATH}?chain={chain}")).json["alerts"]

    assert {row["chain"] for row in rows} == {chain}


async def test_labels_and_types_agree(house: ChainHouse) -> None:
    for row in (await house.get(f"{PATH}?limit=100")).json["alerts"]:
        known = (row["from_owner"] is not None, row["to_owner"] is not None)
        assert (
            row["type"]
            == {
                (True, True): "exchange_transfer",
                (True, False): "exchange_outflow",
                (False, True): "exchange_inflow",
                (False, False): "unknown",
            }[known]
        )
        assert row["from"] == f"{row['from_address']} ({row['from_owner'] or 'Unknown Wallet'})"
        assert row["to"] == f"{row['to_address']} ({row['to_owner'] or 'Unknown Wallet'})"


async def test_values_are_amounts_at_our_own_price(house: ChainHouse) -> None:
    rows = (await house.get(f"{PATH}?chain=bitcoin")).json["alerts"]
    found = await house.get("/api/service/onchain?address=34xp4vRoCGJym3xR7yCVPFHoCNxv4Twseo")
    price = found.json["data"][0]["amount_usd"] / found.json["data"][0]["amount"]

    assert [row["usd_value"] for row in rows] == pytest.approx([r["amount"] * price for r in rows])


async def test_an_alert_keeps_its_id(house: ChainHouse) -> None:
    first = (await house.get(f"{PATH}?chain=bitcoin&limit=100")).json["alerts"]
    house.clock.advance(61)

    again = (await house.get(f"{PATH}?chain=bitcoin&limit=100")).json["alerts"]

    ids = {row["hash"] + row["to"]: row["id"] for row in first}
    shared = [row for row in again if row["hash"] + row["to"] in ids]
    assert shared
    assert all(ids[row["hash"] + row["to"]] == row["id"] for row in shared)


async def test_a_higher_least_value_leaves_fewer(house: ChainHouse) -> None:
    rows = (await house.get(f"{PATH}?min_value=5000000&limit=100")).json["alerts"]

    assert rows
    assert min(row["usd_value"] for row in rows) >= 5_000_000


async def test_what_is_not_looked_for_is_said(house: ChainHouse) -> None:
    told = (await house.get(f"{PATH}?min_value=1&limit=100")).json

    assert min(row["usd_value"] for row in told["alerts"]) >= 100_000
    assert "100000" in told["meta"]["missing"]["alerts[]"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("chain=dogecoin", "chain"), ("limit=101", "limit"), ("limit=0", "limit"),
     ("min_value=-1", "min_value"), ("min_value=nan", "min_value"), ("min_value=x", "min_value")],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused(query: str, field: str, house: ChainHouse) -> None:
    answer = await house.get(f"{PATH}?{query}")

    assert (answer.status, answer.error["code"]) == (400, "INVALID_PARAMETER")
    assert answer.error["details"]["fields"][0]["field"] == field


async def test_a_chain_that_is_down_is_missing_and_the_others_answer() -> None:
    async with ChainHouse(faults={"polygon_rpc": "503"}) as house:
        told = (await house.get(f"{PATH}?limit=100")).json

    assert {row["chain"] for row in told["alerts"]} == {"ethereum", "bsc", "bitcoin"}
    assert told["meta"]["missing"]["alerts[polygon]"] == "polygon_rpc unavailable"
    assert told["meta"]["degraded"] is True


async def test_whole_blocks_stand_in_for_mempool() -> None:
    async with ChainHouse() as well, ChainHouse(faults={"mempool": "429"}) as ill:
        usual = (await well.get(f"{PATH}?chain=bitcoin")).json["alerts"]
        told = (await ill.get(f"{PATH}?chain=bitcoin")).json

    newest = [row for row in usual if row["timestamp"] == usual[0]["timestamp"]]
    assert told["alerts"] == newest
    assert "blockchain_info" in told["meta"]["source"]


DOWN = {"ethereum_rpc", "bsc_rpc", "polygon_rpc", "mempool", "blockchain_info"}


@pytest.mark.parametrize("query", ["", "?chain=ethereum", "?chain=bitcoin"])
async def test_with_every_chain_down_and_nothing_kept_it_is_503(query: str) -> None:
    async with ChainHouse(faults=dict.fromkeys(DOWN, "503")) as house:
        answer = await house.get(PATH + query)

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")
    assert answer.error["details"]["sources"]


async def test_what_was_fetched_is_kept_when_everything_is_down(house: ChainHouse) -> None:
    first = (await house.get(f"{PATH}?limit=100")).json["alerts"]
    for source in DOWN:
        house.sandbox.state.faults.set(source, "503")
    house.clock.advance(650)

    answer = await house.get(f"{PATH}?limit=100")

    assert answer.status == 200
    assert [row["id"] for row in answer.json["alerts"]] == [row["id"] for row in first]
    assert answer.json["meta"]["degraded"] is True


async def test_without_prices_nothing_is_worth_anything() -> None:
    venues = ("binance", "coinbase", "kraken", "okx", "kucoin", "coingecko")
    async with ChainHouse(faults=dict.fromkeys(venues, "503")) as house:
        told = (await house.get(f"{PATH}?chain=bitcoin")).json

    assert told["alerts"] == []
    assert "BTC" in told["meta"]["missing"]["alerts[BTC]"]
    assert told["meta"]["degraded"] is True


async def test_whale_alert_joins_with_its_key() -> None:
    async with ChainHouse(settings={"WHALE_ALERT_KEY": "k"}) as house:
        told = (await house.get(f"{PATH}?chain=bitcoin&limit=100")).json

    assert "whale_alert" in told["meta"]["source"].split(",")
    assert "binance" in {row["to_owner"] for row in told["alerts"]}


async def test_whale_alert_alone_answers_when_the_chain_is_down() -> None:
    faults = {"mempool": "503", "blockchain_info": "503"}
    async with ChainHouse(settings={"WHALE_ALERT_KEY": "k"}, faults=faults) as house:
        answer = await house.get(f"{PATH}?chain=bitcoin")

    assert answer.status == 200
    assert answer.json["alerts"]


async def test_a_file_of_wallets_names_more(tmp_path: Path) -> None:
    async with ChainHouse() as house:
        rows = (await house.get(f"{PATH}?chain=ethereum&limit=100")).json["alerts"]
    stranger = next(row for row in rows if row["type"] == "unknown")
    file = tmp_path / "wallets.csv"
    file.write_text(f"chain,address,owner\nethereum,{stranger['to_address']},Mine\n")

    async with ChainHouse(settings={"EXCHANGE_WALLETS_FILE": str(file)}) as house:
        rows = (await house.get(f"{PATH}?chain=ethereum&limit=100")).json["alerts"]

    named = next(row for row in rows if row["id"] == stranger["id"])
    assert (named["type"], named["to"]) == (
        "exchange_inflow",
        f"{stranger['to_address']} (Mine)",
    )


async def test_ages_are_those_of_chain_data(house: ChainHouse) -> None:
    answer = await house.get(PATH)

    assert answer.headers["cache-control"] == (
        "public, max-age=60, stale-while-revalidate=540, stale-if-error=3540"
    )
