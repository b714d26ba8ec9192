"""Draw the newest results: each goal's line, and how far on the good side of it we are.

python -m bench.plot        reads bench/results/, writes docs/img/bench.png

Takes a few seconds. Ends with 0, or with 1 where there are no results.
"""

import json
from typing import Any

from bench.servers import ROOT
from lib.command import command

RESULTS = ROOT / "bench" / "results"
PICTURE = ROOT / "docs" / "img" / "bench.png"
GOOD, SHORT, LINE = "#2f7d6d", "#c2543d", "#30343b"
SHOWN = (0.1, 100.0)


def main() -> None:
    """Draw."""
    command(__doc__).parse_args()
    import matplotlib as mpl  # looks for all fonts of the machine

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    told = json.loads(max(RESULTS.glob("*.json")).read_text())
    rows = [one for one in told["findings"] if one["goal"]]
    figure, axes = plt.subplots(figsize=(10, 0.34 * len(rows) + 1.4))
    for at, one in enumerate(reversed(rows)):
        better = margin(one)
        shown = min(max(better, SHOWN[0]), SHOWN[1])
        axes.barh(at, shown - 1, left=1, color=GOOD if one["holds"] else SHORT, height=0.6)
        sign = "≤" if one["at_most"] else "≥"
        text = f"{figure_of(one['value'])} {one['unit']}  ({sign} {figure_of(one['goal'])})"
        axes.annotate(
            text,
            (max(shown, 1), at),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            size=8,
        )
    axes.axvline(1, color=LINE, linewidth=1.2)
    axes.set_xscale("log")
    axes.set_xlim(0.35, SHOWN[1] * 4)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_yticks(range(len(rows)), [f"{o['row']}  {o['what']}" for o in reversed(rows)], size=8)
    axes.set_xticks([0.5, 1, 2, 5, 10, 100], ["½", "goal", "2 x", "5 x", "10 x", "100 x"], size=8)
    axes.minorticks_off()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    machine = told["machine"]
    axes.set_title(
        f"Better than its goal by how much? {told['date'][:10]}, {machine['cpu']}, "
        f"{machine['cores']} cores, Python {told['python']}",
        size=9,
        loc="left",
    )
    figure.tight_layout()
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def margin(one: dict[str, Any]) -> float:
    """How many times better than the goal; below 1 is worse."""
    if not one["at_most"]:
        return float(one["value"] / one["goal"])
    return float(one["goal"] / one["value"]) if one["value"] else SHOWN[1]


def figure_of(number: float) -> str:
    """Short."""
    return f"{number:,.0f}" if number >= 20 or number == int(number) else f"{number:.2f}"


if __name__ == "__main__":
    main()
