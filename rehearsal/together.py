"""Two instances of one function under the emulator, sharing an Upstash: asked the same at the same
moment they ask the exchange once, and what one fetched another reads in one round trip.

    python -m rehearsal.together      alone, over the layers of `make layers`

Needs redis-server. Takes seconds. Ends with 0 if it holds, else with 1.
"""

import json
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from adapters.deploy.bundle import write_zip
from adapters.deploy.layers import FOLDER as LAYERS
from lib.command import command
from lib.feeds import TICKERS
from loopback import NotInstalled
from loopback.redis import RedisServer
from rehearsal.emulator import Function, emulated, fetch_emulator
from rehearsal.events import http_event
from rehearsal.tools import WORK, Failed
from tests.upstash_rest import UpstashRest

FUNCTION: Final = "price"
SYMBOLS: Final = ("BTC", "ETH", "SOL")
"""One a try: a store that a busy machine answers too late counts as down, and is right to."""

ANSWERS_IN_S: Final = 0.3
NOBODY: Final = "http://127.0.0.1:9"


class Exchange(BaseHTTPRequestHandler):
    """Binance's ticker of any pair, slowly, and how often it was asked."""

    asked: list[str]

    def do_GET(self) -> None:
        """Answer, or 404."""
        if not self.path.startswith("/api/v3/ticker/24hr"):
            self.send_error(404)
            return
        self.asked.append(self.path)
        time.sleep(ANSWERS_IN_S)
        now_ms = time.time_ns() // 1_000_000
        rows = [{"symbol": f"{symbol}USDT", **_ROW, "closeTime": now_ms} for symbol in SYMBOLS]
        body = json.dumps(rows).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


_ROW: Final = {
    "lastPrice": "64000.5",
    "priceChangePercent": "1.5",
    "highPrice": "65000",
    "lowPrice": "63000",
    "volume": "10",
    "quoteVolume": "640000",
}


def rehearse_together(task: Path, layers: Path) -> list[str]:
    """Run the function of a task folder on a shared store; the problems. Where there is no
    redis-server to stand behind the store, that is said and left out."""
    try:
        two_instances(task, layers)
    except NotInstalled as missing:
        sys.stdout.write(f" left out: {missing} …")
    except Failed as failed:
        return [str(failed)]
    return []


def two_instances(task: Path, layers: Path) -> str:
    """Run the function of a task folder twice; what was seen, in words.

    Raises:
        Failed: both asked the exchange, or a value in the store cost more than one round trip.
        NotInstalled: there is no redis-server to stand behind the store.
    """
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        rest = stack.enter_context(UpstashRest(redis.port))
        asked, address = stack.enter_context(exchange())
        env = environment(rest, address)
        first, second, third = (
            stack.enter_context(
                emulated(f"{FUNCTION}-{n}", f"functions.{FUNCTION}.handler", task, layers, env, 10)
            )
            for n in ("one", "two", "three")
        )
        for instance in (first, second, third):
            instance.invoke(http_event("GET", "/nowhere"))  # so that both stand ready
        symbol = _at_once(first, second, asked)
        rest.requests.clear()
        _price(third, symbol)
        trips, calls = len(rest.requests), len(asked) - 1
        if trips != 1 or calls:
            raise Failed(f"a value in the store cost {trips} round trips and {calls} calls")
    return "two instances asked the exchange once; a third read it in one round trip"


def _at_once(first: Function, second: Function, asked: list[str]) -> str:
    """Ask both the same; for which symbol that was one call."""
    with ThreadPoolExecutor(2) as both:
        for symbol in SYMBOLS:
            asked.clear()
            list(both.map(_price, (first, second), (symbol, symbol)))
            if len(asked) == 1:
                return symbol
    raise Failed(f"two instances asked the exchange {len(asked)} times, at each of several tries")


def _price(instance: Function, symbol: str) -> None:
    answer, _ = instance.invoke(http_event("GET", f"/api/price/{symbol}/USDT"))
    if answer["statusCode"] != 200:
        raise Failed(f"{instance.name}: {answer['statusCode']} {answer['body'][:300]}")


def environment(rest: UpstashRest, exchange_url: str) -> Mapping[str, str]:
    """Settings that lead to the store and to one exchange; nobody else is there."""
    return {
        **{f"{name.upper()}_BASE_URL": NOBODY for name in TICKERS.sources},
        "BINANCE_BASE_URL": exchange_url,
        "UPSTASH_REDIS_REST_URL": rest.url,
        "UPSTASH_REDIS_REST_TOKEN": rest.token,
        "RATE_LIMIT_IP": "0",
    }


@contextmanager
def exchange() -> Iterator[tuple[list[str], str]]:
    """The exchange, running: what it was asked, and its address."""
    asked: list[str] = []
    own = type("Own", (Exchange,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), own)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield asked, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def main() -> int:
    """Pack the function and run it twice."""
    command(__doc__).parse_args()
    fetch_emulator()
    task = WORK / "together"
    task.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(write_zip(FUNCTION, "light", task)) as packed:
        packed.extractall(task)
    try:
        sys.stdout.write(two_instances(task, LAYERS / "light") + "\n")
    except (Failed, NotInstalled) as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
