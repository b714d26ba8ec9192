"""News outlets' feeds, each with the habits of its kind: RSS in several dialects, and Atom.

https://www.rssboard.org/rss-specification
"""

from collections.abc import Callable
from email.utils import formatdate
from html import escape
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.clock import iso_utc
from lib.sandbox.news import Event, events
from lib.sandbox.noise import draws
from lib.sandbox.world import World

_HOURS: Final = 24
_MOST: Final = 40


class Outlet(NamedTuple):
    """Where its feed is, what it calls itself, and how it writes."""

    path: str
    title: str
    style: str


OUTLETS: Final = {
    "rss_coindesk": Outlet("/arc/outboundfeeds/rss/", "CoinDesk", "media"),
    "rss_cointelegraph": Outlet("/rss", "Cointelegraph", "utm"),
    "rss_theblock": Outlet("/rss.xml", "The Block", "plain"),
    "rss_decrypt": Outlet("/feed", "Decrypt", "thumbnail"),
    "rss_bitcoinmagazine": Outlet("/feed", "Bitcoin Magazine", "suffix"),
    "rss_thedefiant": Outlet("/api/feed", "The Defiant", "content"),
    "rss_cryptoslate": Outlet("/feed/", "CryptoSlate", "enclosure"),
    "rss_unchained": Outlet("/feed/", "Unchained", "atom"),
    "rss_googlenews": Outlet("/rss/search", "Google News", "aggregator"),
}


def routes_of(name: str) -> Callable[[World], list[Route]]:
    """One outlet's paths."""

    def routes(world: World) -> list[Route]:
        async def feed(_: Request) -> Response:
            return Response(write_feed(world, name), media_type="application/xml")

        return [Route(OUTLETS[name].path, feed)]

    return routes


def write_feed(world: World, name: str) -> str:
    """The feed as it is now. About a third of what happens is reported by each outlet, some time
    after it happened; so most is reported by several."""
    outlet = OUTLETS[name]
    now_s = world.now_s()
    reported: list[tuple[int, Event]] = []
    for event in events(world, now_s, _HOURS):
        chance, delay = draws(f"{world.market.seed}|{name}|{event.key}", 2)
        at_s = event.at_s + delay % 2400
        if chance % 3 == 0 and at_s <= now_s:
            reported.append((at_s, event))
    reported = sorted(reported, key=lambda pair: -pair[0])[:_MOST]
    if outlet.style == "atom":
        return _atom(outlet, reported)
    if outlet.style == "utm" and reported:
        reported.insert(1, reported[0])  # the same story twice, under another campaign
    rows = "".join(_item(outlet, name, i, at_s, event) for i, (at_s, event) in enumerate(reported))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>{outlet.title}</title><language>en-us</language>{rows}</channel></rss>\n"
    )


def _item(outlet: Outlet, name: str, i: int, at_s: int, event: Event) -> str:
    link, picture = _link(name, event), _picture(name, event)
    title, more = escape(event.title), ""
    summary = escape(event.summary)
    date = formatdate(at_s, usegmt=i % 2 == 0)
    if outlet.style == "media":
        title = f"<![CDATA[{event.title}]]>"
        more = f'<media:content url="{picture}" type="image/jpeg"/>'
    elif outlet.style == "utm":
        link = f"<![CDATA[{link}?utm_source=rss_feed&utm_medium=rss&utm_campaign=c{i}]]>"
        summary = f'<![CDATA[<p><img src="{picture}"></p><p>{event.summary}</p>]]>'
    elif outlet.style == "thumbnail":
        title = f"<![CDATA[{escape(event.title)}]]>"
        more = f'<media:thumbnail url="{picture}"/>'
    elif outlet.style == "suffix":
        title = f"{title} | {outlet.title}"
    elif outlet.style == "content":
        more = (
            f'<content:encoded><![CDATA[<p>{event.summary}</p><img alt="" src="{picture}"/>]]>'
            "</content:encoded>"
        )
    elif outlet.style == "enclosure":
        more = f'<enclosure url="{picture}" type="image/png" length="1000"/>'
    elif outlet.style == "aggregator":
        title = f"{title} - Blockworks"
        more = '<source url="https://blockworks.sandbox.example">Blockworks</source>'
    return (
        f"<item><title>{title}</title><link>{link}</link>"
        f'<guid isPermaLink="false">{name}-{event.key}-{i}</guid><pubDate>{date}</pubDate>'
        f"<category>{event.topic}</category><description>{summary}</description>{more}</item>\n"
    )


def _atom(outlet: Outlet, reported: list[tuple[int, Event]]) -> str:
    rows = "".join(
        f"<entry><title>{escape(event.title)}</title>"
        f'<link rel="alternate" href="{_link("rss_unchained", event)}"/>'
        f"<id>urn:sandbox:{event.key}</id><published>{iso_utc(at_s * 1000)}</published>"
        f'<category term="{event.topic}"/><summary>{escape(event.summary)}</summary></entry>\n'
        for at_s, event in reported
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        f"<title>{outlet.title}</title>{rows}</feed>\n"
    )


def _link(name: str, event: Event) -> str:
    site = name.removeprefix("rss_")
    return f"https://{site}.sandbox.example/news/{event.asset.slug}-{event.key}"


def _picture(name: str, event: Event) -> str:
    site = name.removeprefix("rss_")
    return f"https://cdn.{site}.sandbox.example/{event.asset.slug}.jpg"
