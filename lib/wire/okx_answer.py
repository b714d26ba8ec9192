"""OKX's envelope, opened: data, or a code of what went wrong."""

import msgspec
from msgspec import Struct

from lib.errors import (
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
    shown,
)
from lib.wire.typed import wire_decoder


class _Answer(Struct):
    code: str
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


_answer = wire_decoder(_Answer)


def read_data(body: bytes) -> msgspec.Raw:
    """What an answer holds.

    Raises:
        SourceError: by its code, whatever its status was.
    """
    answer: _Answer = _answer(body)
    if answer.code != "0":
        raise _failure(answer)
    return answer.data


def _failure(answer: _Answer) -> SourceError:
    said = f"okx: {shown(answer.code, 12)} {shown(answer.msg or '')}"
    if answer.code == "50011":  # too many requests, counted over two seconds
        return SourceThrottled(said, 2.0)
    if answer.code in ("51000", "51001"):  # a parameter, the instrument
        return SourceUnsupported(said)
    return SourceUnavailable(said)


def refusal(body: bytes) -> SourceError | None:
    """The error that a refused request's body states, if it is OKX's."""
    try:
        return _failure(_answer(body))
    except SourceMalformed:
        return None
