"""The public endpoints and channels, one file each, imported in name order."""

from collections.abc import Iterator
from typing import Any

from lib.endpoint import Channel, Endpoint


def load_endpoints() -> list[Endpoint]:
    """Import every file of this package and collect the endpoints that it declares."""
    return list(_declared("endpoints"))


def load_channels() -> list[Channel]:
    """Import every file of this package and collect the channels that it declares."""
    return list(_declared("channels"))


def _declared(kind: str) -> Iterator[Any]:
    from importlib import import_module
    from pkgutil import iter_modules  # here: where a function is alone, nobody looks for others

    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        yield from getattr(import_module(f"{__name__}.{module.name}"), kind, ())
