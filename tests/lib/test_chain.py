"""Amounts on chains, and the tokens that are watched."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.chain import EVM_CHAINS, Transfer, largest, whole_units


@given(st.integers(0, 2**256 - 1), st.integers(0, 77))
def test_smallest_units_are_divided_exactly_and_rounded_once(raw: int, decimals: int) -> None:
    assert whole_units(str(raw), decimals) == float(Decimal(raw).scaleb(-decimals))


def test_wei_become_ether() -> None:
    assert whole_units("5901522149285533025181", 18) == 5901.522149285533


@pytest.mark.parametrize(
    "raw", ["", "-1", "1.5", "0x10", "NaN", "1e5", "\N{SUPERSCRIPT TWO}", "9" * 79, " 1"]
)
def test_what_is_no_whole_number_is_no_amount(raw: str) -> None:
    assert whole_units(raw, 18) is None


@pytest.mark.parametrize("decimals", [-1, 78, 255])
def test_absurd_decimals_give_no_amount(decimals: int) -> None:
    assert whole_units("1", decimals) is None


def test_the_largest_number_on_a_chain_is_finite() -> None:
    assert math.isfinite(whole_units(2**256 - 1, 0) or math.nan)
    assert whole_units(2**256, 0) is None


def test_the_largest_rows_of_each_token_are_kept() -> None:
    rows = [
        Transfer(
            chain="ethereum", hash="0x1", index=str(n), time_ms=1, sender=None, recipient=None,
            amount=float(n), token=token, priced_as=token,
        )
        for token in ("DAI", "WBTC")
        for n in range(1, 6)
    ]  # fmt: skip

    kept = [(row.token, row.amount) for row in largest(rows, 2)]

    assert sorted(kept) == [("DAI", 4.0), ("DAI", 5.0), ("WBTC", 4.0), ("WBTC", 5.0)]


@pytest.mark.parametrize("chain", EVM_CHAINS)
def test_the_five_tokens_are_watched_on_every_chain(chain: str) -> None:
    priced = {token.priced_as for token in EVM_CHAINS[chain].tokens.values()}

    assert priced == {"USDT", "USDC", "DAI", "ETH", "BTC"}
