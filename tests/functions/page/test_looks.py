"""How the page looks, to eyes and to those who read it otherwise: widths, themes, axe."""

import os
import time
from pathlib import Path

import pytest

from tests.functions.page.reader import Reader

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
IMAGES = ROOT / "docs" / "img"
GROUNDS = {"light": "rgb(242, 244, 249)", "dark": "rgb(12, 16, 24)"}

SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""

UNDER_THE_BANNER = """
scrollBy(0, document.querySelector("#rows .coin").getBoundingClientRect().top - 3);
"""
READ_ALOUD = """
window.aloud = [];
document.addEventListener("DOMContentLoaded", () => {
  const spoken = "[role=status], [role=alert], output, [aria-live]";
  const hear = (changes) => {
    for (const { target } of changes) {
      const place = (target.nodeType === 1 ? target : target.parentElement)?.closest(spoken);
      if (place) window.aloud.push(place.textContent);
    }
  };
  new MutationObserver(hear).observe(document.body,
    { subtree: true, childList: true, characterData: true });
});
"""


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 375)])
def test_axe_finds_no_fault(reader: Reader, theme: str, width: int) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    reader.resize(width)
    reader.open()
    reader.wait(lambda: reader.all("#sources li") and reader.all("#mood .gauge"))
    reader.run(f"document.documentElement.dataset.theme = '{theme}'")
    reader.run(AXE.read_text())

    found = reader.browser.execute_async_script(
        "const done = arguments[0]; axe.run({resultTypes: ['violations']}).then(done)"
    )

    faults = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
    assert faults == []


def test_what_changes_by_itself_is_not_read_aloud(reader: Reader) -> None:
    with reader.before(READ_ALOUD):
        reader.open()
        reader.wait_for_way("socket")
        reader.wait_for_chart("BTC 1h")
        reader.run("window.aloud.length = 0")
        for _ in range(2):
            reader.wait_for_another_price()

        assert reader.run("return window.aloud") == []

        reader.button("4h").click()
        reader.wait(lambda: reader.run("return window.aloud") == ["BTC/USDT, 4h candles"])


def test_what_the_keyboard_reaches_is_not_under_the_banner(reader: Reader) -> None:
    reader.open()
    reader.run(UNDER_THE_BANNER)

    reader.run("document.querySelector('#rows .coin').focus()")

    top = "return document.activeElement.getBoundingClientRect().top"
    end = "return document.getElementById('sandbox').getBoundingClientRect().bottom"
    reader.wait(lambda: reader.run(top) >= reader.run(end))


@pytest.mark.parametrize("width", [375, 768, 1024, 1440])
def test_nothing_jumps_while_it_loads_and_nothing_is_cut_off(reader: Reader, width: int) -> None:
    reader.resize(width)
    with reader.before(SHIFTS):
        reader.open()
        reader.wait_for_chart("BTC 1h")
        reader.wait(lambda: reader.all("#forecast .facts") and reader.all("#whales .age time"))

    assert reader.run("return window.shifted") < 0.1  # what is held good; 0.25 is held poor
    assert reader.run("return document.documentElement.scrollWidth") <= width
    table = "const table = document.querySelector('#market .scroll');"
    assert reader.run(f"{table} return table.scrollWidth - table.clientWidth") <= 0


@pytest.mark.parametrize(("width", "theme"), [(375, "light"), (1440, "light"), (1440, "dark")])
def test_it_fits_a_phone_and_a_desk(reader: Reader, width: int, theme: str) -> None:
    reader.resize(width)
    reader.prefer(theme)
    reader.open()
    reader.wait_for_chart("BTC 1h")
    reader.wait(lambda: reader.all(".sparkline") and reader.all("#news li"))

    assert reader.run("return document.documentElement.scrollWidth") <= width
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert reader.run(ground) == GROUNDS[theme]
    if os.environ.get("KEEP_IMAGES") == "1":
        reader.wait(lambda: reader.all("#whales li") and reader.all("#forecast .facts"))
        reader.wait(lambda: " 0 in trouble" in reader.text("#sources .sum"))
        reader.resize(width, reader.run("return document.body.scrollHeight"))
        time.sleep(1)  # the chart follows its place's size in a frame or two
        ending = "-dark" if theme == "dark" else ""
        reader.browser.save_screenshot(str(IMAGES / f"page-{width}{ending}.png"))
