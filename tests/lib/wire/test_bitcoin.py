"""What a Bitcoin transaction surely paid, and what it did to an address."""

from hypothesis import given
from hypothesis import strategies as st

from lib.wire.bitcoin import Coin, Spend, effect_on, transfers_of

BTC = 10**8


def spend(inputs: list[tuple[str, int]], outputs: list[tuple[str | None, int]]) -> Spend:
    return Spend(
        txid="f" * 64,
        inputs=tuple(Coin(address, sats) for address, sats in inputs),
        outputs=tuple(Coin(address, sats) for address, sats in outputs),
        time_ms=1_764_000_000_000,
        block=900_000,
        fee_sats=1000,
    )


def paid(one: Spend) -> list[tuple[str | None, float, bool]]:
    return [(row.recipient, row.amount, row.may_be_change) for row in transfers_of(one)]


def test_an_output_back_to_an_input_address_is_change() -> None:
    one = spend([("alice", 900 * BTC)], [("bob", 100 * BTC), ("alice", 800 * BTC)])

    assert paid(one) == [("bob", 100.0, False)]


def test_of_two_outputs_the_larger_may_be_change() -> None:
    one = spend([("alice", 900 * BTC)], [("bob", 100 * BTC), ("fresh", 800 * BTC)])

    assert paid(one) == [("bob", 100.0, False), ("fresh", 800.0, True)]


def test_of_two_equal_outputs_one_was_surely_paid() -> None:
    one = spend([("alice", 20 * BTC)], [("bob", 10 * BTC), ("carol", 10 * BTC)])

    assert sorted(row.may_be_change for row in transfers_of(one)) == [False, True]


def test_a_lone_output_was_paid_as_a_whole() -> None:
    one = spend([("alice", 500 * BTC), ("anne", 400 * BTC)], [("bob", 900 * BTC)])

    assert paid(one) == [("bob", 900.0, False)]


def test_a_batch_is_a_row_for_each_recipient() -> None:
    one = spend(
        [("pool", 60 * BTC)],
        [("a", 10 * BTC), ("b", 20 * BTC), ("a", 5 * BTC), ("pool", 25 * BTC), (None, 0)],
    )

    assert paid(one) == [("a", 15.0, False), ("b", 20.0, False)]


def test_new_coins_are_no_transfer() -> None:
    assert transfers_of(spend([], [("miner", 3 * BTC)])) == []


def test_moving_ones_own_coins_to_the_same_address_is_no_transfer() -> None:
    assert transfers_of(spend([("alice", 5 * BTC)], [("alice", 5 * BTC)])) == []


def test_the_sender_is_the_largest_input() -> None:
    one = spend([("small", BTC), ("large", 6 * BTC), ("small", BTC)], [("bob", 8 * BTC)])

    assert [row.sender for row in transfers_of(one)] == ["large"]


COINS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 10**12)), max_size=6)


@given(COINS, COINS)
def test_what_counts_for_certain_is_never_more_than_surely_left(
    inputs: list[tuple[str, int]], outputs: list[tuple[str, int]]
) -> None:
    one = spend(inputs, list(outputs))
    senders = {address for address, _ in inputs}
    elsewhere = [sats for address, sats in outputs if address not in senders]

    certain = sum(row.amount for row in transfers_of(one) if not row.may_be_change)

    assert certain <= sum(elsewhere) / BTC + 1e-9
    assert all(row.recipient not in senders for row in transfers_of(one))


def test_what_was_sent_excludes_change_and_names_a_sole_recipient() -> None:
    row = effect_on(spend([("me", 10 * BTC)], [("bob", 3 * BTC), ("me", 7 * BTC)]), "me")

    assert (row.sender, row.recipient, row.amount, row.status) == ("me", "bob", 3.0, "success")
    assert row.fee == 0.00001


def test_several_recipients_are_not_named() -> None:
    row = effect_on(spend([("me", 10 * BTC)], [("a", 3 * BTC), ("b", 7 * BTC)]), "me")

    assert (row.sender, row.recipient, row.amount) == ("me", None, 10.0)


def test_what_was_received_names_a_sole_sender() -> None:
    row = effect_on(spend([("bob", 10 * BTC)], [("me", 4 * BTC), ("bob", 6 * BTC)]), "me")

    assert (row.sender, row.recipient, row.amount) == ("bob", "me", 4.0)


def test_new_coins_have_no_sender() -> None:
    row = effect_on(spend([], [("me", 3 * BTC)]), "me")

    assert (row.sender, row.recipient, row.amount) == (None, "me", 3.0)


def test_with_others_inputs_the_net_effect_counts() -> None:
    together = spend([("me", 5 * BTC), ("you", 5 * BTC)], [("shop", 9 * BTC), ("me", BTC)])

    row = effect_on(together, "me")

    assert (row.sender, row.recipient, row.amount) == ("me", "shop", 4.0)


def test_a_payment_to_oneself_is_shown_as_such() -> None:
    row = effect_on(spend([("me", 5 * BTC)], [("me", 5 * BTC)]), "me")

    assert (row.sender, row.recipient, row.amount) == ("me", "me", 5.0)
