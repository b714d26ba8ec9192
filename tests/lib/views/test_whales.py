"""Alerts: what large transfers are worth, and which side is an exchange."""

from typing import Any

import pytest

from lib.chain import Transfer
from lib.onchain.wallets import Wallets
from lib.views.whales import Alert, build_alerts, kind_of, label

A, B, HOT, COLD, RIVAL = ("0x" + two * 20 for two in ("a1", "b2", "c3", "d4", "e5"))
WALLETS = Wallets({("evm", HOT): "Binance", ("evm", COLD): "Binance", ("evm", RIVAL): "Kraken"})
PRICES = {"ETH": 3000.0, "USDT": 0.999}


def transfer(**more: Any) -> Transfer:
    told: dict[str, Any] = {
        "chain": "ethereum", "hash": "0x1", "index": "1", "time_ms": 1000, "sender": A,
        "recipient": B, "amount": 1000.0, "token": "WETH", "priced_as": "ETH",
    }  # fmt: skip
    return Transfer(**(told | more))


def alerts(*transfers: Transfer, least: float = 1e6) -> list[Alert]:
    return build_alerts(transfers, PRICES, WALLETS, least)


def test_a_transfer_is_worth_its_amount_at_our_price() -> None:
    (one,) = alerts(transfer())

    assert (one.usd, one.amount, one.token) == (3_000_000.0, 1000.0, "WETH")


def test_a_dollar_coin_is_worth_what_it_trades_at() -> None:
    (one,) = alerts(transfer(amount=2e6, token="USDT", priced_as="USDT"))

    assert one.usd == 1_998_000.0


@pytest.mark.parametrize(("least", "found"), [(2_999_999.0, 1), (3_000_000.0, 1), (3_000_001.0, 0)])
def test_the_least_value_is_included(least: float, found: int) -> None:
    assert len(alerts(transfer(), least=least)) == found


@pytest.mark.parametrize(
    ("sender", "recipient", "kind"),
    [
        (A, B, "unknown"),
        (A, HOT, "exchange_inflow"),
        (HOT, A, "exchange_outflow"),
        (HOT, RIVAL, "exchange_transfer"),
        (HOT, COLD, "exchange_transfer"),
    ],
)
def test_the_kind_is_told_by_the_wallets(sender: str, recipient: str, kind: str) -> None:
    (one,) = alerts(transfer(sender=sender, recipient=recipient))

    assert one.kind == kind


def test_owners_that_a_source_states_count_as_well() -> None:
    (one,) = alerts(transfer(recipient_owner="huobi"))

    assert (one.kind, one.recipient_owner) == ("exchange_inflow", "huobi")


@pytest.mark.parametrize(
    ("sender", "recipient", "found"),
    [(A, B, 0), (A, HOT, 1), (HOT, COLD, 0), (HOT, RIVAL, 1)],
    ids=["stranger", "exchange", "same exchange", "another exchange"],
)
def test_possible_change_counts_only_at_a_foreign_exchange(
    sender: str, recipient: str, found: int
) -> None:
    assert len(alerts(transfer(sender=sender, recipient=recipient, may_be_change=True))) == found


def test_without_a_price_there_is_no_alert_unless_the_source_says_a_value() -> None:
    unpriced = transfer(token="XRP", priced_as="XRP")

    assert alerts(unpriced) == []
    assert [one.usd for one in alerts(transfer(token="XRP", priced_as="XRP", usd=5e6))] == [5e6]


def test_our_price_goes_before_the_sources_value() -> None:
    assert [one.usd for one in alerts(transfer(usd=9e9))] == [3e6]


def test_the_newest_come_first_the_largest_of_a_moment_before() -> None:
    found = alerts(
        transfer(hash="0xa", time_ms=1), transfer(hash="0xb", time_ms=2),
        transfer(hash="0xc", time_ms=2, amount=5000.0),
    )  # fmt: skip

    assert [one.hash for one in found] == ["0xc", "0xb", "0xa"]


def test_ids_are_stable_and_tell_transfers_apart() -> None:
    one, two, three = (
        alerts(each)[0].id for each in (transfer(), transfer(index="2"), transfer(chain="bsc"))
    )

    assert one == alerts(transfer(amount=2000.0, time_ms=9))[0].id
    assert len({one, two, three}) == 3
    assert one.startswith("whale_")


@pytest.mark.parametrize(
    ("address", "owner", "text"),
    [
        (A, "Binance", f"{A} (Binance)"),
        (A, None, f"{A} (Unknown Wallet)"),
        ("0x" + "0" * 40, None, f"0x{'0' * 40} (Null Address)"),
        (None, None, "Unknown Wallet"),
    ],
)
def test_sides_are_labelled_as_in_the_spec(
    address: str | None, owner: str | None, text: str
) -> None:
    assert label(address, owner) == text


def test_no_exchange_on_either_side_is_unknown() -> None:
    assert kind_of(None, None) == "unknown"
