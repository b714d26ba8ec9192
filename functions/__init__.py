"""The public endpoints, one file each; `load_endpoints` imports them in name order."""

from importlib import import_module
from pkgutil import iter_modules

from lib.endpoint import Endpoint


def load_endpoints() -> list[Endpoint]:
    """Import every file of this package and collect the endpoints that it declares."""
    found: list[Endpoint] = []
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        found.extend(import_module(f"{__name__}.{module.name}").endpoints)
    return found
