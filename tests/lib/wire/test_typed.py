"""JSON read by type, and values that are none."""

import math

import pytest

from lib.errors import SourceMalformed
from lib.wire.typed import (
    Number,
    counted,
    finite,
    https_link,
    positive,
    read_rows,
    share,
    wire_decoder,
)


@pytest.mark.parametrize("text", ["7", '"7"', "7.0", "7e0"])
def test_a_number_is_read_in_a_string_or_not(text: str) -> None:
    assert wire_decoder(float)(text.encode()) == 7.0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_what_does_not_fit_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        wire_decoder(dict[str, dict[str, int]])(body)


def test_a_strict_decoder_takes_no_string_for_a_number() -> None:
    with pytest.raises(SourceMalformed):
        wire_decoder(int, strict=True)(b'"7"')


@pytest.mark.parametrize("value", [None, 0.0, -1.0, math.inf, math.nan])
def test_a_price_of_nothing_is_no_price(value: float | None) -> None:
    assert positive(value) is None


@pytest.mark.parametrize("value", [None, -math.inf, math.nan])
def test_what_is_not_finite_is_no_number(value: float | None) -> None:
    assert finite(value) is None


@pytest.mark.parametrize(("value", "count"), [(0, None), (-1, None), (10**9, None), (1, 1)])
def test_a_rank_or_count_is_above_zero(value: int, count: int | None) -> None:
    assert counted(value) == count


@pytest.mark.parametrize(
    "address", [None, "missing_large.png", "http://a/b", "https://a/b c", "https://a/\n"]
)
def test_what_is_no_link_is_shown_nowhere(address: str | None) -> None:
    assert https_link(address) is None


def test_a_link_is_shown_as_it_is_unless_it_is_too_long() -> None:
    assert https_link("https://a/b.png") == "https://a/b.png"
    assert https_link("https://a/b.png", most=14) is None


def test_rows_that_do_not_fit_are_left_out() -> None:
    decode = wire_decoder(list[int])

    rows = read_rows(b'[["1","2"],["x","2"],null,[3],7]', decode)

    assert rows == [[1, 2], [3]]


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[1", b"\xff", b"[" * 100_000])
def test_what_is_no_list_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        read_rows(body, wire_decoder(list[int]))


@pytest.mark.parametrize(("value", "part"), [(57.5, 57.5), (0.0, None), (100.1, None), ("", None)])
def test_a_share_is_a_part_of_a_hundred(value: Number, part: float | None) -> None:
    assert share(value) == part
