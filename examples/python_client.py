"""A client in one file, with nothing but Python: `python examples/python_client.py [ROOT]`.

It keeps what the service's answers ask of a client: it says who answered, it tells stale values
and missing ones from real ones, and it waits as long as a 429 says, no longer and no shorter.
"""

# ruff: noqa: S310, T201 - a script for people, and the address is the caller's own

import json
import os
import sys
import time
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

TIMEOUT_S = 10
MOST_TRIES = 3


class Refusal(Exception):
    """The service's own words: a stable code, a sentence, and details to act on."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any]) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code
        self.details = details


class Dreammaker:
    """The service at one address."""

    def __init__(self, root: str, key: str | None = None) -> None:
        self._root = root.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str, **query: str | int | float | bool) -> Any:
        """Ask for a path; parts of it that come from outside go through `quoted`.

        Raises:
            Refusal: what was asked cannot be answered.
        """
        url = f"{self._root}{path}" + (f"?{urlencode(query)}" if query else "")
        for left in reversed(range(MOST_TRIES)):
            try:
                with urlopen(Request(url, headers=self._headers), timeout=TIMEOUT_S) as answer:
                    return json.load(answer)
            except HTTPError as error:
                wait_s = error.headers.get("Retry-After")
                if error.code == 429 and wait_s and left:
                    time.sleep(int(wait_s))
                    continue
                told = json.load(error)["error"]
                raise Refusal(error.code, **told) from None
        raise AssertionError("unreachable")


def quoted(symbol: str) -> str:
    """A symbol as a part of a path: `BTC/USDT` is one part there."""
    return quote(symbol, safe="")


def main() -> None:
    """Print a price, a table and a refusal."""
    root = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
    service = Dreammaker(root, os.environ.get("KEY"))

    price = service.get(f"/api/price/{quoted('BTC/USDT')}")
    meta = price["meta"]
    # degraded: kept from before, or told by another source than the first
    seconds = round(time.time() - meta["fetched_at"] / 1000)
    known = f"{seconds} s ago" + (", degraded" if meta["degraded"] else "")
    print(f"{price['symbol']} is at {price['price']} by {meta['source']}, {known}")

    for coin in service.get("/api/market", limit=5)["items"]:
        # what nobody knows is None, never zero
        supply = "no limit is known" if coin["max_supply"] is None else f"{coin['max_supply']:,.0f}"
        print(f"{coin['rank']:>3} {coin['symbol']:<6} {coin['price']:>14,.4f}  at most: {supply}")

    try:
        service.get("/api/price/DOEG")
    except Refusal as refusal:
        print(f"{refusal}. Did you mean {', '.join(refusal.details['suggestions'])}?")


if __name__ == "__main__":
    try:
        main()
    except URLError as error:
        sys.exit(f"Nobody answers ({error.reason}). Give the address of a service that runs.")
