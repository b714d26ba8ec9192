"""The tree of errors, as it is drawn and as it is."""

from collections.abc import Iterator

import pytest

from lib import errors
from lib.errors import ApiError, InvalidParameter, SourceError, shown


def kinds(root: type[Exception]) -> Iterator[type[Exception]]:
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from kinds(kind)


@pytest.mark.parametrize("kind", [*kinds(SourceError), *kinds(ApiError)])
def test_every_error_is_drawn(kind: type[Exception]) -> None:
    status = f" {kind.status}" if issubclass(kind, ApiError) else ""

    assert f"{kind.__name__}{status}" in (errors.__doc__ or "")


def test_an_outside_value_is_echoed_printable_and_bounded() -> None:
    assert shown("a\nb\x1b[31m\u202e") == "a?b?[31m?"
    assert shown("x" * 81) == "x" * 80 + "…"


def test_a_refused_field_says_what_would_be_accepted() -> None:
    error = InvalidParameter.of("limit", "9" * 100, "1 to 100")

    assert error.details == {
        "fields": [{"field": "limit", "value": "9" * 80 + "…", "accepted": "1 to 100"}]
    }
