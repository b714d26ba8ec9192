"""Whale Alert: its recorded answer, its traps, its key."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from lib.errors import NoKey, SourceError, SourceMalformed, SourceThrottled, SourceUnavailable
from lib.providers.whale_alert import WhaleAlert, parse_alerts
from lib.queries import Everything
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NONSENSE, damaged, raises_only_source_errors
from tests.lib.providers.chains import asking, params

pytestmark = pytest.mark.anyio

ROW: dict[str, Any] = {
    "blockchain": "ethereum", "symbol": "weth", "id": "194993174", "transaction_type": "transfer",
    "hash": "2084eca97be1468bfd9f937ad6921ecc6dd083fffe5c612247360e13918400c0",
    "from": {"address": "3f5ce5fbfe3e9af3971dd833d26ba9b5c936f0be", "owner": "binance",
             "owner_type": "exchange"},
    "to": {"address": "540f79e4c0534f33b654f7c59c9a348171245374", "owner_type": "unknown"},
    "timestamp": 1_764_000_000, "amount": 6667, "amount_usd": 1794742.9, "transaction_count": 1,
}  # fmt: skip


def answer(*rows: dict[str, Any], **more: Any) -> bytes:
    told: dict[str, Any] = {"result": "success", "cursor": "x", "count": len(rows)}
    return json.dumps(told | ({"transactions": rows} if rows else {}) | more).encode()


def read(body: bytes) -> Any:
    return parse_alerts(body, 1, 1_764_000_100_000)


async def test_the_last_hour_is_asked_for_with_the_key_in_a_header() -> None:
    source, asked = asking(WhaleAlert, {"/v1/transactions": json.loads(answer(ROW))}, key="s3cret")

    await source.alerts(Everything())

    (one,) = asked
    assert params(one) == {"min_value": "500000", "start": "1763996400", "limit": "100"}
    assert one.headers["x-wa-api-key"] == "s3cret"
    assert "s3cret" not in str(one.url)


def test_the_recorded_answer_is_read_as_a_whole(corpus: Corpus) -> None:
    rows = read(corpus.body("whale_alert/transactions_v1_2019")).rows

    assert len(rows) == 24
    assert {row.chain for row in rows} == {"ethereum", "bitcoin"}
    assert (rows[0].sender_owner, rows[0].recipient_owner) == ("binance", "binance")
    assert (rows[0].amount, rows[0].usd, rows[0].token) == (6667.0, 1794742.9, "ETH")


def test_hex_comes_without_0x_and_gets_it(corpus: Corpus) -> None:
    first, _, third, *_ = read(corpus.body("whale_alert/transactions_v1_2019")).rows

    assert first.sender == "0x3f5ce5fbfe3e9af3971dd833d26ba9b5c936f0be"
    assert first.hash.startswith("0x2084eca97be1")
    assert third.sender == "1JDknRvZTi5XdhQB3cgvJ9R8aogUvfbYUB"
    assert third.hash.startswith("911797e16ceb")


def test_several_addresses_in_one_are_kept_as_written(corpus: Corpus) -> None:
    rows = read(corpus.body("whale_alert/transactions_v1_2019")).rows

    assert "Multiple Addresses" in {row.sender for row in rows}


def test_an_owner_that_is_no_exchange_is_not_taken_for_one(corpus: Corpus) -> None:
    rows = read(corpus.body("whale_alert/transactions_v1_2019")).rows

    owners = {row.recipient_owner for row in rows}
    assert "sygnia.io" not in owners
    assert {"binance", "bitfinex", "huobi"} <= owners


def test_nothing_comes_without_the_list() -> None:
    assert read(b'{"result":"success","cursor":"x","count":0}').rows == ()


def test_a_missing_list_that_should_be_there_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        read(b'{"result":"success","cursor":"x","count":3}')


def test_wrapped_coins_are_priced_as_coins() -> None:
    (row,) = read(answer(ROW)).rows

    assert (row.token, row.priced_as) == ("WETH", "ETH")


async def test_a_refused_key_is_no_key(corpus: Corpus) -> None:
    source, _ = asking(WhaleAlert, lambda _: 401, key="x")

    with pytest.raises(NoKey):
        await source.alerts(Everything())
    with pytest.raises(NoKey):
        read(corpus.body("whale_alert/error_401"))


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("usage limit reached", SourceThrottled),
        ("internal", SourceUnavailable),
        (None, SourceUnavailable),
    ],
)
def test_refusals_with_status_200_are_told_apart(
    message: str | None, error: type[SourceError]
) -> None:
    with pytest.raises(error):
        read(json.dumps({"result": "error", "message": message}).encode())


@settings(max_examples=150, deadline=None)
@given(damaged(answer(ROW, ROW)))
def test_no_damage_raises_anything_else(body: bytes) -> None:
    assert raises_only_source_errors(lambda: read(body))


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        read(body)


@pytest.mark.parametrize(
    "wrong", [{"hash": "?"}, {"amount": 0}, {"timestamp": None}, {"symbol": ""}, {"to": None}]
)
def test_one_absurd_transfer_costs_only_itself(wrong: dict[str, Any]) -> None:
    (row,) = read(answer(ROW | wrong, ROW)).rows

    assert row.amount == 6667.0


def test_a_list_without_one_sound_transfer_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        read(answer(ROW | {"amount": "x"}))


@pytest.mark.parametrize("usd", [None, 0, "", 1e16])
def test_a_worth_that_is_none_is_unknown(usd: object) -> None:
    (row,) = read(answer(ROW | {"amount_usd": usd})).rows

    assert row.usd is None


def test_a_party_of_which_nothing_is_known_is_nobody() -> None:
    nobody = {"address": None, "owner": None, "owner_type": None}

    (row,) = read(answer(ROW | {"from": nobody, "id": 194993174})).rows

    assert (row.sender, row.sender_owner, row.index) == (None, None, "194993174")
