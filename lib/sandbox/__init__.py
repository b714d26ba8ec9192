"""A market for machines without a network, in the providers' own wire formats.

Everything here is made up: the market is a pure function of (seed, asset, time). The real
adapters talk to it over loopback HTTP through the ordinary `<NAME>_BASE_URL` settings:

    with SandboxServer(seed=1, faults=parse_faults("binance=451")) as sandbox:
        sandbox.base_urls()  # {"BINANCE_BASE_URL": "http://127.0.0.1:40123/binance", ...}

Its layers: `noise` (numbers from words), `tree` (bars that fall apart into shorter bars), `market`
(prices, bars and trades of every asset), `world` (the market at the clock's moment), a module a
provider, `faults`, `app`, `server`. A new provider is a module with `routes(world)` and a row in
`app.PROVIDERS`.
"""

from lib.sandbox.app import PROVIDERS, create_sandbox
from lib.sandbox.clock import SandboxClock
from lib.sandbox.faults import FAULTS, Faults, parse_faults
from lib.sandbox.server import SandboxServer

__all__ = [
    "FAULTS",
    "PROVIDERS",
    "Faults",
    "SandboxClock",
    "SandboxServer",
    "create_sandbox",
    "parse_faults",
]
