"""All outlets as one list: who is waited for, and what becomes one story."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from lib.feeds import OUTLETS
from lib.runtime import Runtime, build_runtime
from lib.settings import Settings
from lib.views.newsroom import LATE, build_stories, read_stories
from lib.wording.article import Draft, build_article
from tests.conftest import StillClock
from tests.functions.press import NOW_MS, feed, item

pytestmark = pytest.mark.anyio

SLOW = "rss_decrypt"


class Press:
    """Outlets that answer at once, but for those that wait until they are told."""

    def __init__(self, *slow: str) -> None:
        self.slow = set(slow)
        self.go = asyncio.Event()
        self.asked: list[str] = []

    async def respond(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/")[1]
        self.asked.append(name)
        if name in self.slow:
            await self.go.wait()
        return httpx.Response(200, content=feed(item(f"Story of {name}")))

    def runtime(self) -> Runtime:
        """A service over them."""
        return build_runtime(
            Settings.load({f"{n.upper()}_BASE_URL": f"http://press/{n}" for n in OUTLETS}),
            transport=httpx.MockTransport(self.respond),
            clock=StillClock(NOW_MS),
            names=OUTLETS,
        )


@pytest.fixture
async def press() -> AsyncIterator[Press]:
    """One outlet hangs."""
    made = Press(SLOW)
    yield made
    made.go.set()


async def test_a_hanging_outlet_delays_nobody_and_is_named(press: Press) -> None:
    runtime = press.runtime()
    ctx = runtime.context()

    stories = await read_stories(ctx)

    assert {story.item.title for story in stories} == {
        f"Story of {name}" for name in OUTLETS if name != SLOW
    }
    assert ctx.missing == {f"news[{SLOW}]": LATE}
    await runtime.aclose()


async def test_a_reply_that_waits_for_somebody_is_good_for_seconds_only(press: Press) -> None:
    runtime = press.runtime()
    ctx = runtime.context()

    await read_stories(ctx)

    told = ctx.provenance(())
    assert told is not None
    assert told.fresh_until == NOW_MS + 10_000
    await runtime.aclose()


async def test_who_was_late_is_in_the_next_reply_without_being_asked_again(press: Press) -> None:
    runtime = press.runtime()
    await read_stories(runtime.context())
    press.go.set()
    await asyncio.sleep(0.05)

    stories = await read_stories(ctx := runtime.context())

    assert f"Story of {SLOW}" in {story.item.title for story in stories}
    assert ctx.missing == {}
    assert sorted(press.asked) == sorted(OUTLETS)
    await runtime.aclose()


async def test_an_outlet_is_waited_for_while_too_few_have_answered() -> None:
    press = Press(*OUTLETS[1:])
    runtime = press.runtime()
    reading = asyncio.create_task(read_stories(ctx := runtime.context()))
    await asyncio.sleep(0.6)
    press.go.set()

    stories = await reading

    assert len(stories) == len(OUTLETS)
    assert ctx.missing == {}
    await runtime.aclose()


async def test_readers_at_the_same_time_share_each_call() -> None:
    press = Press()
    runtime = press.runtime()

    await asyncio.gather(*(read_stories(runtime.context()) for _ in range(20)))

    assert sorted(press.asked) == sorted(OUTLETS)
    await runtime.aclose()


def test_what_the_first_outlet_left_out_is_told_by_another() -> None:
    one = Draft("A story of some words", "https://a.example/1", NOW_MS - 2, "A")
    other = one._replace(
        url="https://b.example/1",
        outlet="B",
        published_ms=NOW_MS - 1,
        summary="Told at length.",
        images=("https://cdn.example.com/1.jpg",),
    )
    items = [made for draft in (one, other) if (made := build_article(draft, NOW_MS))]

    (story,) = build_stories(items)

    assert story.item.url == "https://a.example/1"
    assert story.item.summary == "Told at length."
    assert story.item.image_url == "https://cdn.example.com/1.jpg"
    assert story.outlets == ("A", "B")
