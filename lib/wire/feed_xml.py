"""RSS 0.9 to 2.0 and Atom, read by expat with everything dangerous refused.

No document type of its own, no entities, nothing fetched; bounded in depth, in elements and in
text. Prefixes need no declaration: names are taken as written. https://www.rssboard.org/rss-specification
"""

import codecs
import re
from dataclasses import dataclass, field
from html.entities import html5
from typing import Final
from xml.parsers import expat

from lib.errors import SourceMalformed

DEEPEST: Final = 40
MOST_ELEMENTS: Final = 50_000
MOST_ENTRIES: Final = 100
LONGEST_TEXT: Final = 100_000

_ROOTS: Final = frozenset({"rss", "rdf:rdf", "feed", "atom:feed"})
_ENTRIES: Final = frozenset({"item", "entry", "atom:entry"})
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._\-]{1,40})[\"']")
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(r"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_CHARSETS: Final = frozenset(
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be ascii koi8-r koi8-u big5 euc_jp euc_kr gb2312 gbk "
    "gb18030 shift_jis cp932 cp949 iso2022_jp".split()
    + [f"iso8859-{part}" for part in range(1, 17)]
    + [f"cp125{part}" for part in range(9)]
)
"""What feeds are written in. Python knows other codings too: punycode, taken at its word, turns
200 KB into 11 s of work."""
_XML_NAMES: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


@dataclass(slots=True)
class Entry:
    """One article as its feed has it: texts by element name, and where its pictures are."""

    texts: dict[str, str] = field(default_factory=dict)
    categories: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    link: str = ""  # Atom's, an attribute

    def first(self, *names: str) -> str:
        """The first of these elements that says anything."""
        return next((self.texts[name] for name in names if self.texts.get(name)), "")


@dataclass(slots=True)
class FeedDocument:
    """A feed: its language and its first hundred entries."""

    language: str = ""
    entries: list[Entry] = field(default_factory=list)


def read_feed(body: bytes) -> FeedDocument:
    """Read a feed. What is almost XML (a bare `&`, HTML's own entities) is mended once.

    Raises:
        SourceMalformed: no feed, or one that tries something.
    """
    text = _IMPOSSIBLE.sub("", _decode(body))
    try:
        return _Reader().read(text)
    except expat.ExpatError:
        mended = _AMPERSAND.sub(_mend, text)
    try:
        return _Reader().read(mended)
    except expat.ExpatError as error:
        raise SourceMalformed(f"no feed: {expat.ErrorString(error.code)}") from None


class _Reader:
    def __init__(self) -> None:
        self.feed = FeedDocument()
        self._path: list[str] = []
        self._elements = 0
        self._entry: Entry | None = None
        self._entry_depth = 0
        self._field = ""
        self._field_depth = 0
        self._pieces: list[str] = []
        self._size = 0

    def read(self, text: str) -> FeedDocument:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(text.encode("utf-8"), True)
        return self.feed

    def _doctype(
        self, _name: str, _system: str | None, _public: str | None, internal: bool
    ) -> None:
        if internal:
            _refuse()

    def _start(self, raw: str, attributes: dict[str, str]) -> None:
        name = raw.lower()
        self._elements += 1
        depth = len(self._path)
        if depth == 0 and name not in _ROOTS:
            raise SourceMalformed("no feed: its root is another")
        if depth >= DEEPEST or self._elements > MOST_ELEMENTS:
            raise SourceMalformed("no feed: too deep or too many elements")
        self._path.append(name)
        if self._entry is None:
            if name in _ENTRIES:
                self._entry, self._entry_depth = Entry(), depth
            elif name == "language" and depth == 2:
                self._capture(name, depth)
            elif depth == 0:
                self.feed.language = attributes.get("xml:lang", "")
            return
        self._note(name, attributes)
        if depth == self._entry_depth + 1:
            self._capture(name, depth)

    def _note(self, name: str, attributes: dict[str, str]) -> None:
        """What an element of an entry says by its attributes."""
        entry = self._entry
        assert entry is not None  # noqa: S101 - only called inside one
        kind, url = attributes.get("type", ""), attributes.get("url", "")
        if name in ("media:content", "media:thumbnail", "enclosure") and url:
            medium = attributes.get("medium") or kind.partition("/")[0]
            if medium in ("image", "") and (name != "enclosure" or kind):
                entry.images.append(url)
        elif name == "itunes:image" and attributes.get("href"):
            entry.images.append(attributes["href"])
        elif name in ("link", "atom:link") and attributes.get("href"):
            if attributes.get("rel", "alternate") == "alternate" and not entry.link:
                entry.link = attributes["href"]
        elif name == "category" and attributes.get("term"):
            entry.categories.append(attributes["term"])
        elif name == "guid":
            entry.texts["permalink"] = attributes.get("isPermaLink", "true").lower()

    def _capture(self, name: str, depth: int) -> None:
        self._field, self._field_depth, self._pieces, self._size = name, depth, [], 0

    def _text(self, text: str) -> None:
        if self._field and self._size < LONGEST_TEXT:
            self._pieces.append(text)
            self._size += len(text)

    def _end(self, raw: str) -> None:  # noqa: ARG002 - expat checks that names match
        name = self._path.pop()
        depth = len(self._path)
        if self._field and depth == self._field_depth:
            self._keep("".join(self._pieces).strip()[:LONGEST_TEXT])
            self._field = ""
        if self._entry is not None and depth == self._entry_depth and name in _ENTRIES:
            if len(self.feed.entries) < MOST_ENTRIES:
                self.feed.entries.append(self._entry)
            self._entry = None

    def _keep(self, text: str) -> None:
        if self._entry is None:
            self.feed.language = text
        elif text and self._field == "category":
            self._entry.categories.append(text)
        elif text:
            self._entry.texts.setdefault(self._field, text)


def _refuse(*_: object) -> int:
    raise SourceMalformed("no feed: it declares entities or a document type of its own")


def _decode(body: bytes) -> str:
    """By byte order mark, else as declared, else UTF-8, else as Windows would have it."""
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"))
    marked = [
        name for mark, name in (*marks, (codecs.BOM_UTF16_BE, "utf-16")) if body.startswith(mark)
    ]
    declared = _DECLARED.match(body)
    stated = [declared[1].decode("ascii")] if declared else []
    stated = [name for name in stated if _is_charset(name)]
    for encoding in (*marked, *stated, "utf-8"):
        try:
            return body.decode(encoding).removeprefix("\ufeff")
        except (UnicodeError, LookupError):
            continue
    return body.decode("cp1252", "replace")


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name).name in _CHARSETS
    except LookupError:
        return False


def _mend(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name in _XML_NAMES or name.startswith("#"):
        return found[0]
    return html5.get(name, f"&amp;{name}").replace("<", "&lt;")
