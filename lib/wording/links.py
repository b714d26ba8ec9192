"""Web addresses: which are safe to show, and which two are the same page."""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

LONGEST: Final = 2000

_TRACKING = re.compile(
    r"utm_\w+|\w{1,4}clid|mc_[ce]id|fb_\w+|ref|ref_?(?:src|url|source)|referrer|source|src|cmp|cmpid"
    r"|cid|icid|ito|ocid|smid|sr_share|share|guccounter|guce_\w+|ig_?sh\w*|taid|mod|feature"
    r"|_?hs(?:enc|mi|fp|ctatracking)|mkt_tok|spm|at_\w+|oly_\w+|vero_\w+|wt\.?mc\w*|xtor|rss|amp"
    r"|outputtype|s_cid|li_fat_id|_ga|_gl",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?!-)[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z][a-z0-9\-]*[a-z0-9]", re.IGNORECASE)
_UNSAFE = re.compile(r"[\s<>\"'`\\{}|^\x00-\x20\x7f]")


def web_address(text: str | None) -> str | None:
    """The address without what only tracks its reader; `None` if it is no plain http(s) address
    of a named host."""
    parts = _parts(text)
    if parts is None:
        return None
    query = urlencode([pair for pair in _query(parts) if not _TRACKING.fullmatch(pair[0])])
    return parts._replace(query=query, fragment="").geturl()


def same_page(address: str) -> str:
    """What all spellings of a page's address have in common: no scheme, no `www`, no tracking."""
    parts = _parts(address)
    if parts is None:
        return address
    host = re.sub(r"^(?:www|m|amp|mobile)\.", "", (parts.hostname or "").lower())
    path = re.sub(r"/(?:amp/?)?$", "", re.sub(r"/{2,}", "/", parts.path))
    kept = sorted(pair for pair in _query(parts) if not _TRACKING.fullmatch(pair[0]))
    return f"{host}{path}?{urlencode(kept)}" if kept else host + path


def _parts(text: str | None) -> SplitResult | None:
    text = (text or "").strip()
    if text.startswith("//"):
        text = f"https:{text}"
    if len(text) > LONGEST or _UNSAFE.search(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc:
        return None
    if not _HOST.fullmatch(parts.hostname or "") or (port not in (None, 80, 443)):
        return None
    return parts


def _query(parts: SplitResult) -> list[tuple[str, str]]:
    return parse_qsl(parts.query, keep_blank_values=True)[:50]
