"""Lists of an address merged into one history."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lib.chain import Transaction, Transactions
from lib.queries import AddressQuery
from lib.wire.histories import Page, build_transactions

ME, YOU = "0x" + "a1" * 20, "0x" + "b2" * 20


def row(at: int, kind: str = "native", **more: Any) -> Transaction:
    told: dict[str, Any] = {
        "hash": f"0x{at:064x}", "time_ms": 1000 * at, "kind": kind, "sender": ME, "recipient": YOU,
        "amount": 1.0, "token": "ETH", "status": "success", "block": at,
    }  # fmt: skip
    return Transaction(**(told | more))


def cut(rows: list[Transaction], depth: int) -> Page:
    """The newest rows of a list, as a source gives them."""
    newest = sorted(rows, key=lambda one: -one.time_ms)[:depth]
    full = len(newest) >= depth
    return Page(newest, min((one.time_ms for one in newest), default=0) if full else 0, 0)


def merged(*lists: list[Transaction], depth: int = 100) -> Transactions:
    query = AddressQuery("ethereum", ME, depth)
    return build_transactions(query, [cut(rows, depth) for rows in lists], 1)


def test_lists_are_merged_newest_first() -> None:
    found = merged([row(5), row(2)], [row(4, "token")], [row(3, "internal")])

    assert [one.time_ms for one in found.rows] == [5000, 4000, 3000, 2000]
    assert found.complete


def test_a_call_that_only_moved_tokens_is_told_by_them() -> None:
    found = merged([row(1, amount=0.0)], [row(1, "token"), row(1, "token", amount=2.0)])

    assert [one.kind for one in found.rows] == ["token", "token"]


def test_a_call_that_moved_the_coin_or_failed_is_kept_beside_tokens() -> None:
    paid, failed = row(1), row(2, amount=0.0, status="failed")

    found = merged([paid, failed], [row(1, "token"), row(2, "token")])

    assert {paid, failed} < set(found.rows)


def test_what_makes_a_contract_is_kept_beside_tokens() -> None:
    made = row(1, amount=0.0, recipient=None)

    assert made in merged([made], [row(1, "token")]).rows


def test_a_call_of_nothing_without_tokens_is_kept() -> None:
    assert len(merged([row(1, amount=0.0)], []).rows) == 1


def test_what_lies_beyond_the_end_of_a_full_list_waits_for_a_deeper_question() -> None:
    found = merged([row(9), row(8)], [row(3, "token")], depth=2)

    assert [one.time_ms for one in found.rows] == [9000, 8000]
    assert not found.complete


def test_rows_that_were_left_out_are_counted() -> None:
    query = AddressQuery("ethereum", ME, 100)

    assert build_transactions(query, [Page([], 0, 2), Page([], 0, 1)], 1).left_out == 3


DEEDS = st.lists(st.sampled_from(["pays", "calls", "calls twice", "gets", "fails"]), max_size=60)


@given(DEEDS, st.integers(1, 20))
def test_every_question_is_answered_in_full_and_as_a_deeper_one_would_be(
    deeds: list[str], depth: int
) -> None:
    calls, tokens = [], []
    for at, deed in enumerate(deeds, start=1):
        if deed != "gets":
            amount = 1.0 if deed == "pays" else 0.0
            calls.append(row(at, amount=amount, status="failed" if deed == "fails" else "success"))
        if deed in ("calls", "calls twice", "gets"):
            tokens += [row(at, "token")] * (2 if deed == "calls twice" else 1)

    everything, found = merged(calls, tokens, depth=1000), merged(calls, tokens, depth=depth)

    known = min(depth, len(everything.rows))
    assert found.rows[:known] == everything.rows[:known]
    assert len(found.rows) >= known
    assert found.complete or len(everything.rows) >= depth
