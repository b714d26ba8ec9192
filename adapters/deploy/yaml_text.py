"""Plain values as YAML in block style: as much of it as a file that we write needs."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

Plain = str | int | float | bool | Mapping[str, "Plain"] | Sequence["Plain"]

_BARE: Final = re.compile(r"[A-Za-z/_][A-Za-z0-9_./+-]*")
_WORDS: Final = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def yaml_text(value: Mapping[str, Plain]) -> str:
    """A YAML document that reads back as this value."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: Plain, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", inner, indent + "  ")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _entry(f"{indent}-", inner, indent + "  ")


def _entry(head: str, inner: Plain, indent: str) -> Iterator[str]:
    if isinstance(inner, str | int | float):
        yield f"{head} {_scalar(inner)}"
    elif not inner:
        yield f"{head} " + ("{}" if isinstance(inner, Mapping) else "[]")
    elif head.endswith("-"):
        first, *rest = _lines(inner, indent)
        yield head + " " + first[len(indent) :]
        yield from rest
    else:
        yield head
        yield from _lines(inner, indent)


def _scalar(value: str | int | float) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
