"""How values are written into a store."""

import contextlib
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.store import BadEntry
from lib.store.packing import SMALL, pack, unpack


@given(st.binary(max_size=200) | st.binary(min_size=1, max_size=8).map(lambda b: b * SMALL))
def test_any_value_comes_back_whole(value: bytes) -> None:
    assert unpack(pack(value).encode()) == value


def test_small_text_is_written_as_it_is() -> None:
    assert pack(b'{"last":42150.25}') == '{"last":42150.25}'


def test_large_text_is_written_smaller() -> None:
    value = b'{"last":42150.25},' * 2000

    assert len(pack(value)) < len(value) / 10


@given(st.binary(max_size=60))
def test_unpacking_rubbish_raises_nothing_but_bad_entry(rubbish: bytes) -> None:
    with contextlib.suppress(BadEntry):
        unpack(b"z" + rubbish)


def test_a_value_that_unfolds_without_end_is_refused() -> None:
    bomb = b"z" + b64encode(zlib.compress(bytes(1001)))

    with pytest.raises(BadEntry):
        unpack(bomb, largest=1000)
