"""Refusals as chart libraries read them."""

import json

import pytest

from adapters.envelope import render_error
from adapters.udf_refusal import in_charts_words, is_for_charts
from lib.errors import InvalidSymbol
from tests.house import NOW_MS


def test_the_words_of_charts_stand_before_the_envelope() -> None:
    error = InvalidSymbol.of("QQQ/USDT")
    envelope, _ = render_error(error, NOW_MS, "rid-12345")

    told = json.loads(in_charts_words(envelope, error))

    assert list(told)[:2] == ["s", "errmsg"]
    assert (told.pop("s"), told.pop("errmsg")) == ("error", "Symbol QQQ/USDT is not supported")
    assert told == json.loads(envelope)


@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        ("/udf", True),
        ("/udf/history", True),
        ("/udf/no/such", True),
        ("/udfs", False),
        ("/api/udf/history", False),
        ("/", False),
    ],
)
def test_what_lies_below_udf_is_for_charts(path: str, theirs: bool) -> None:
    assert is_for_charts(path) is theirs
