"""KuCoin's envelope, opened: data, or a code of what went wrong."""

import msgspec
from msgspec import Struct

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
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
        SourceError: by its code, whatever its status was; nothing is held of an unknown pair.
    """
    answer: _Answer = _answer(body)
    if answer.code != "200000":
        raise _failure(answer)
    if bytes(answer.data) == b"null":
        raise SourceUnsupported("kucoin: no such pair")
    return answer.data


def _failure(answer: _Answer) -> SourceError:
    said = f"kucoin: {shown(answer.code, 12)} {shown(answer.msg or '')}"
    if answer.code == "429000":
        return SourceThrottled(said)
    if answer.code in ("900001", "400100"):  # no such symbol; no such pair or bar
        return SourceUnsupported(said)
    if answer.code == "400302":  # "unavailable in the U.S."
        return SourceGeoBlocked(said)
    return SourceUnavailable(said)


def refusal(body: bytes) -> SourceError | None:
    """The error that a refused request's body states, if it is KuCoin's."""
    try:
        return _failure(_answer(body))
    except SourceMalformed:
        return None
