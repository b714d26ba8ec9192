"""What Etherscan and its like answer: lists, traps, refusals with status 200."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from lib.chain import Transactions
from lib.errors import (
    NoKey,
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.queries import AddressQuery
from lib.wire.explorers import ACTIONS, parse_page
from lib.wire.histories import Page, build_transactions
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NONSENSE, damaged, raises_only_source_errors

ME, YOU = "0x" + "a1" * 20, "0x" + "b2" * 20
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
QUERY = AddressQuery("ethereum", ME, 100)

CALL: dict[str, str] = {
    "blockNumber": "20000000", "timeStamp": "1764000000", "hash": "0x" + "1" * 64,
    "from": ME, "to": YOU, "value": "1500000000000000000", "gas": "21000",
    "gasPrice": "50000000000", "gasUsed": "21000", "isError": "0", "txreceipt_status": "1",
    "contractAddress": "", "input": "0x", "methodId": "0x", "functionName": "",
}  # fmt: skip
TOKEN: dict[str, str] = {
    "blockNumber": "20000001", "timeStamp": "1764000012", "hash": "0x" + "2" * 64,
    "from": YOU, "to": ME, "value": "2500000", "contractAddress": USDT, "tokenName": "Tether USD",
    "tokenSymbol": "USDT", "tokenDecimal": "6", "gasPrice": "40000000000", "gasUsed": "63000",
}  # fmt: skip
INTERNAL: dict[str, str] = {
    "blockNumber": "20000002", "timeStamp": "1764000024", "hash": "0x" + "3" * 64,
    "from": YOU, "to": ME, "value": "7000000000000000000", "contractAddress": "", "input": "",
    "type": "call", "gas": "2300", "gasUsed": "0", "traceId": "0", "isError": "0", "errCode": "",
}  # fmt: skip


def answer(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"status": "1", "message": "OK", "result": list(rows)}).encode()


def refusal(result: object, message: str = "NOTOK") -> bytes:
    return json.dumps({"status": "0", "message": message, "result": result}).encode()


def page(*rows: dict[str, Any], action: str = "txlist", query: AddressQuery = QUERY) -> Page:
    return parse_page(answer(*rows), action, query)


def merged(*pages: Page) -> Transactions:
    return build_transactions(QUERY, pages, 1_764_000_100_000)


# recorded answers


def test_a_recorded_list_of_calls_is_read_as_a_whole(corpus: Corpus) -> None:
    body = corpus.body("etherscan/txlist_page")
    rows = json.loads(body)["result"]

    found = parse_page(body, "txlist", QUERY)

    assert [row.hash for row in found.rows] == [row["hash"] for row in rows]
    assert [row.sender for row in found.rows] == [row["from"] for row in rows]
    assert [row.amount for row in found.rows] == [int(row["value"]) / 10**18 for row in rows]
    assert {row.status for row in found.rows} == {"success"}
    assert found.left_out == 0


def test_a_genesis_row_survives(corpus: Corpus) -> None:
    first = parse_page(corpus.body("etherscan/txlist_page"), "txlist", QUERY).rows[0]

    assert first.hash == "GENESIS_ddbd2b932c763ba5b1b7ae3b362eac3e8d40121a"
    assert (first.sender, first.amount, first.gas_used) == ("GENESIS", 10_000.0, 0)
    assert (first.time_ms, first.block) == (1_438_269_973_000, 0)


def test_old_rows_without_a_receipt_status_are_judged_by_is_error(corpus: Corpus) -> None:
    body = corpus.body("etherscan/txlist_page")
    assert {row["txreceipt_status"] for row in json.loads(body)["result"]} == {""}

    assert {row.status for row in parse_page(body, "txlist", QUERY).rows} == {"success"}


def test_a_recorded_list_of_token_transfers_is_read_as_a_whole(corpus: Corpus) -> None:
    body = corpus.body("etherscan/tokentx_page")
    rows = json.loads(body)["result"]

    found = parse_page(body, "tokentx", QUERY)

    assert len(found.rows) == len(rows) == 35
    assert [row.amount for row in found.rows] == [int(row["value"]) / 10**18 for row in rows]
    assert {(row.token, row.status, row.kind) for row in found.rows} == {
        ("MKR", "success", "token")
    }


def test_a_recorded_list_of_internal_calls_is_read_with_its_failures(corpus: Corpus) -> None:
    found = parse_page(corpus.body("etherscan/txlistinternal_page"), "txlistinternal", QUERY)

    made, *calls = found.rows
    assert (made.recipient, made.contract) == (None, "0x2c1ba59d6f58433fb1eaee7d20b26ed83bda51a3")
    assert [row.status for row in calls] == ["success"] * 5 + ["failed"] * 4
    assert {row.gas_price for row in found.rows} == {None}


def test_a_recorded_list_of_another_chain_is_in_its_coin(corpus: Corpus) -> None:
    query = AddressQuery("bsc", "0x35e7a025f4da968de7e4d7e4004197917f4070f1", 10)

    found = parse_page(corpus.body("bscscan/txlist_page"), "txlist", query)

    assert len(found.rows) == 10
    assert {row.token for row in found.rows} == {"BNB"}
    assert found.since_ms == min(row.time_ms for row in found.rows)


def test_no_transactions_is_an_empty_list(corpus: Corpus) -> None:
    found = parse_page(corpus.body("etherscan/doc_no_transactions"), "txlist", QUERY)

    assert found == Page([], 0, 0)


def test_a_spent_rate_limit_with_status_200_is_throttling(corpus: Corpus) -> None:
    with pytest.raises(SourceThrottled):
        parse_page(corpus.body("etherscan/doc_rate_limited"), "txlist", QUERY)


def test_a_refused_address_is_unsupported(corpus: Corpus) -> None:
    with pytest.raises(SourceUnsupported):
        parse_page(corpus.body("etherscan/doc_bad_address"), "txlist", QUERY)


# single rows


def test_a_call_is_read_field_by_field() -> None:
    (row,) = page(CALL).rows

    assert (row.sender, row.recipient, row.amount, row.token) == (ME, YOU, 1.5, "ETH")
    assert (row.status, row.gas_used, row.gas_price, row.fee) == ("success", 21000, 50.0, 0.00105)
    assert (row.time_ms, row.block, row.kind) == (1_764_000_000_000, 20_000_000, "native")


def test_what_makes_a_contract_has_no_recipient_but_the_contract() -> None:
    (row,) = page(CALL | {"to": "", "contractAddress": USDT, "value": "0"}).rows

    assert (row.recipient, row.contract, row.amount) == (None, USDT, 0.0)


@pytest.mark.parametrize(
    ("error", "receipt", "status"),
    [
        ("0", "1", "success"), ("0", "", "success"), ("1", "", "failed"), ("1", "0", "failed"),
        ("", "0", "failed"), ("", "1", "success"), ("", "", None), (None, None, None),
    ],
)  # fmt: skip
def test_the_status_comes_from_what_is_told(
    error: str | None, receipt: str | None, status: str | None
) -> None:
    (row,) = page(CALL | {"isError": error, "txreceipt_status": receipt}).rows

    assert row.status == status


@pytest.mark.parametrize(
    "change",
    [
        {"value": "NaN"}, {"value": "-1"}, {"value": None}, {"timeStamp": "0"}, {"hash": ""},
        {"timeStamp": "x"}, {"from": ""}, {"from": "0x12"}, {"to": "somebody"},
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_left_out_and_counted(change: dict[str, Any]) -> None:
    found = page(CALL, CALL | change)

    assert (len(found.rows), found.left_out) == (1, 1)


def test_a_list_of_mostly_nonsense_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        page(CALL, CALL | {"value": "x"}, CALL | {"hash": None})


def test_a_token_without_decimals_has_no_amount() -> None:
    found = page(TOKEN, TOKEN | {"tokenDecimal": ""}, action="tokentx")

    assert [row.amount for row in found.rows] == [2.5]
    assert found.left_out == 1


def test_a_collectible_is_no_amount_and_no_nonsense() -> None:
    collectible = {**TOKEN, "tokenID": "77", "tokenDecimal": "0"}
    del collectible["value"]

    found = page(TOKEN, collectible, action="tokentx")

    assert (len(found.rows), found.left_out) == (1, 0)


def test_a_tokens_name_is_cleaned_and_bounded() -> None:
    (row,) = page(TOKEN | {"tokenSymbol": "\u202eVisit " + "x" * 99}, action="tokentx").rows

    assert row.token.isprintable()
    assert len(row.token) == 32


def test_an_internal_call_of_nothing_is_no_transfer() -> None:
    found = page(INTERNAL, INTERNAL | {"value": "0"}, action="txlistinternal")

    assert [row.amount for row in found.rows] == [7.0]


# refusals


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Max calls per sec rate limit reached (3/sec)", SourceThrottled),
        ("Max daily rate limit reached. 100000/100000", SourceThrottled),
        ("Free API access is temporarily unavailable", SourceUnavailable),
        ("Free API access is not supported for this chain. Please upgrade", SourceUnsupported),
        ("Missing or unsupported chainid parameter", SourceUnsupported),
        ("Invalid API Key (#err2)|REDACTED", NoKey),
        ("Too many invalid api key attempts", NoKey),
        ("Query Timeout occured. Please select a smaller result dataset", SourceUnavailable),
        ("You are using a deprecated V1 endpoint", SourceUnavailable),
        ("", SourceUnavailable),
        (None, SourceUnavailable),
    ],
)
def test_refusals_with_status_200_are_told_apart(said: str | None, kind: type[SourceError]) -> None:
    with pytest.raises(kind):
        parse_page(refusal(said), "txlist", QUERY)


def test_a_refusals_text_which_may_hold_the_key_is_not_passed_on() -> None:
    with pytest.raises(NoKey) as refused:
        parse_page(refusal("Invalid API Key (#err2)|s3cr3t"), "txlist", QUERY)

    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("message", ["No token transfers found", "No internal transactions found"])
def test_blockscouts_words_for_nothing_are_an_empty_list(message: str) -> None:
    assert parse_page(refusal([], message), "tokentx", QUERY).rows == []
    assert parse_page(refusal(None, message), "tokentx", QUERY).rows == []


def test_rows_with_a_refusal_are_not_believed() -> None:
    with pytest.raises(SourceUnavailable):
        parse_page(refusal([CALL], "No transactions found"), "txlist", QUERY)


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        parse_page(body, "txlist", QUERY)


SOUND = {"txlist": CALL, "tokentx": TOKEN, "txlistinternal": INTERNAL}


@pytest.mark.parametrize("action", ACTIONS)
def test_no_damage_raises_anything_else_or_lets_an_absurd_number_through(action: str) -> None:
    @settings(max_examples=150, deadline=None)
    @given(damaged(answer(SOUND[action], SOUND[action]), refusal("x")))
    def check(body: bytes) -> None:
        assert raises_only_source_errors(
            lambda: merged(parse_page(body, action, QUERY)),
        )

    check()
