"""Outlets on paper: a service whose upstreams say what a test tells them."""

from collections.abc import Mapping
from email.utils import formatdate

import httpx

from lib.feeds import KEYED_NEWS, OUTLETS
from lib.runtime import Runtime, build_runtime
from lib.settings import Settings
from tests.conftest import StillClock

NOW_MS = 1_764_000_000_000  # 2025-11-24 16:00 UTC
HOUR_S = 3600
NAMES = (*OUTLETS, *KEYED_NEWS, "alternative_me", "coinmarketcap", "embedded_sentiment")
NAMES += ("binance", "coingecko")

Answers = Mapping[str, bytes | int]


def feed(*items: str, language: str = "en-us") -> bytes:
    """A feed of these items."""
    return (
        f"<rss><channel><language>{language}</language>{''.join(items)}</channel></rss>"
    ).encode()


def item(title: str, hours: float = 1.0, link: str = "", more: str = "") -> str:
    """An item that is so many hours old."""
    date = formatdate(NOW_MS / 1000 - hours * HOUR_S, usegmt=True)
    link = link or "https://a.example/" + "-".join(title.lower().split())
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>{more}</item>"


def newsroom(answers: Answers, **settings: str) -> Runtime:
    """A service. Each source answers with a body, or with a status; who is not listed, with 503.
    A source may answer differently by the end of the path (`historical`)."""

    def respond(request: httpx.Request) -> httpx.Response:
        parts = request.url.path.strip("/").split("/")
        said = answers.get(parts[-1], answers.get(parts[0], 503))
        return httpx.Response(said) if isinstance(said, int) else httpx.Response(200, content=said)

    environ = {f"{name.upper()}_BASE_URL": f"http://press/{name}" for name in NAMES}
    return build_runtime(
        Settings.load(environ | settings),
        transport=httpx.MockTransport(respond),
        clock=StillClock(NOW_MS),
        names=NAMES,
    )
