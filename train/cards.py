"""Model cards: what a model is, learnt from, and how well it did, in words and in JSON."""

from collections.abc import Mapping
from typing import Any, Final

from lib.analysis.ensemble import MEMBERS, NAME
from train.plan import NEAR, TEST_FROM, Plan

Report = Mapping[str, Any]

TARGETS: Final = {  # of the test period: CRPS ratio at most, by time frame and horizon
    "1h": {"1": 0.957, "6": 0.967, "24": 0.981},
    "4h": {},
    "1d": {"1": 0.945},
}
LICENCE: Final = (
    "Candles are facts published by the exchange (Binance USDT-M perpetual contracts, hourly; "
    "Binance spot, daily), collected in public repositories, most without a licence file; the "
    "files themselves are not shipped. Weights: as the rest of this repository."
)


def digest(timeframe: str, plan: Plan, reports: Mapping[str, Report]) -> dict[str, Any]:
    """The figures for `/api/models`: each report without its finest break-down."""
    return {
        "model": NAME,
        "timeframe": timeframe,
        "members": list(MEMBERS),
        "trained_to": TEST_FROM,
        "calibrated_on": "out of fold: " + ", ".join(plan.folds),
        "licence": LICENCE,
        "evaluations": {name: _trimmed(report) for name, report in reports.items()},
    }


def card(timeframe: str, plan: Plan, reports: Mapping[str, Report]) -> str:
    """The card in Markdown."""
    lines = [
        f"# {NAME}, {timeframe} candles",
        "",
        "Probabilistic price forecast up to 168 bars ahead, P(up) at 1, 6 and 24 bars, and "
        f"P(target before stop) at {plan.barriers[0]} / {plan.barriers[1]} ATR within 24 bars. "
        "Reads the last 640 closed candles of one symbol and nothing else.",
        "",
        "- **Members**: HAR volatility with hour and weekday (43 numbers a horizon, by least "
        f"squares); {len(plan.folds) - 1} GRU(32), one a fold; {len(plan.folds) - 1} CNNs of five "
        "layers over 63 candles. Their quantiles are averaged (weights "
        f"{plan.near} up to {NEAR} bars, {plan.far} beyond).",
        f"- **Learnt from** candles before {TEST_FROM}, nothing later. Folds, each judged by nets "
        f"that never saw it: {', '.join(plan.folds)}; {plan.embargo} bars around each left out.",
        "- **Calibrated** on those out-of-fold answers, all coins pooled: conformal factors on "
        "each quantile's distance from the median, the same on both sides; slopes of the "
        "probabilities, centred so that the past drift favours no side.",
        f"- **Tested** on candles from {TEST_FROM} on.",
        f"- **Data and licence**: {LICENCE}",
        "",
    ]
    for name, report in reports.items():
        lines += _evaluation(timeframe, name, report)
    lines += ["## Notes", "", *_NOTES.get(timeframe, ()), ""]
    return "\n".join(lines)


def _evaluation(timeframe: str, name: str, report: Report) -> list[str]:
    if not report["origins"]:
        return []
    return [
        f"## Test on `{name}`",
        "",
        f"`python -m train.evaluate {name} --from {TEST_FROM} --timeframe {timeframe}` printed: "
        f"{report['origins']} origins of {len(report['symbols'])} symbols, {report['from']} to "
        f"{report['to']}.",
        "",
        *_forecast_table(report["forecast"]),
        *_verdicts(timeframe, report),
        *_direction_tables(report["direction"]),
        *_signal_table(report["signals"]),
    ]


def _forecast_table(forecast: Report) -> list[str]:
    lines = [
        "CRPS relative to a Gaussian random walk (500 bars), and coverage of 80 % / 95 %:",
        "",
        "| bars ahead | n | CRPS ratio (weeks bootstrap) | coverage | by year |",
        "| --- | --- | --- | --- | --- |",
    ]
    for bars, row in forecast.items():
        if "coverage_80" not in row:
            continue
        years = "; ".join(
            f"{year} {one['crps_ratio']}, {one['coverage_80']} / {one['coverage_95']}"
            for year, one in row["by_year"].items()
            if one
        )
        lines.append(
            f"| {bars} | {row['n']} | {row['crps_ratio']} {row['crps_ratio_interval']} "
            f"| {row['coverage_80']} / {row['coverage_95']} | {years} |"
        )
    first = forecast["1"].get("by_symbol", {})
    spread = [one["coverage_95"] for one in first.values() if one]
    if spread:
        lines += ["", f"95 % interval, one bar ahead, by symbol: {min(spread)} to {max(spread)}."]
    return [*lines, ""]


def _verdicts(timeframe: str, report: Report) -> list[str]:
    lines = []
    for bars, target in TARGETS[timeframe].items():
        reached = report["forecast"][bars]["crps_ratio"]
        word = "met" if reached <= target else f"missed by {reached - target:.4f}"
        lines.append(f"- CRPS ratio at {bars}: {reached}, target {target}: {word}.")
        for year, one in report["forecast"][bars]["by_year"].items():
            for share, low, high in (("80", 0.78, 0.82), ("95", 0.94, 0.96)):
                covered = one and one[f"coverage_{share}"]
                if covered and not low <= covered <= high:
                    lines.append(
                        f"- Coverage of the {share} % interval at {bars} in {year}: {covered}, "
                        f"outside {low} to {high}."
                    )
    hit = report["direction"].get("1")
    if hit and timeframe == "1h":
        lines.append(
            f"- Direction at 1: hit rate {hit['hit_rate']} (target .53), lower bound "
            f"{hit['hit_rate_interval'][0]} (target > .52), ECE {hit['ece']} (target .01). Of the "
            f"directions that are named (|p - .5| > .01, {hit['named_share']} of the time) "
            f"{hit['named_hit_rate']} {hit['named_hit_rate_interval']} were right."
        )
    if "ece" in report["signals"]:
        lines.append(f"- Signals: ECE {report['signals']['ece']} (target .02).")
    return ["Against the targets:", "", *lines, ""]


def _direction_tables(direction: Report) -> list[str]:
    lines = []
    for bars, row in direction.items():
        lines += [
            f"**P(up), {bars} bars ahead**: n {row['n']}, hit rate {row['hit_rate']} "
            f"{row['hit_rate_interval']}, surest tenth {row['hit_rate_surest_tenth']}, Brier "
            f"{row['brier']}, ECE {row['ece']}; a direction is named {row['named_share']} of the "
            f"time and then right {row['named_hit_rate']}.",
            "",
            *_reliability(row["reliability"]),
        ]
    return lines


def _signal_table(signals: Report) -> list[str]:
    if "ece" not in signals:
        return []
    lines = [
        f"**Signals**, better side, {signals['cost_bps']} bps a round trip: n {signals['n']}, ECE "
        f"{signals['ece']} (both sides {signals['ece_both_sides']}), Brier {signals['brier']}, "
        f"base rate {signals['base_rate']}, issued (not held) {signals['issued_share']}.",
        "",
        *_reliability(signals["reliability"]),
        "| | n | confidence | target first | expected R | realised R (weeks) | net, expected "
        "| net, realised |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in ("all", "issued", "best_10_percent", "best_1_percent"):
        row = signals[name]
        if "realised_r" not in row:
            lines.append(f"| {name} | {row['n']} | | | | | | |")
            continue
        lines.append(
            f"| {name} | {row['n']} | {row['confidence']} | {row['target_first']} "
            f"| {row['expected_r']} | {row['realised_r']} {row['realised_r_interval']} "
            f"| {row['expected_r_net']} | {row['realised_r_net']} |"
        )
    return [*lines, ""]


def _reliability(table: list[Mapping[str, float]]) -> list[str]:
    cells = (
        [str(row["said"]) for row in table],
        [str(row["happened"]) for row in table],
        [str(row["n"]) for row in table],
    )
    names = ("said", "happened", "n")
    head = "| |" + " |" * len(table)
    rule = "| --- |" + " --- |" * len(table)
    rows = [f"| {n} | " + " | ".join(c) + " |" for n, c in zip(names, cells, strict=True)]
    return [head, rule, *rows, ""]


def _trimmed(report: Report) -> dict[str, Any]:
    made = dict(report)
    made["forecast"] = {
        bars: {k: v for k, v in row.items() if k != "by_symbol_and_year"}
        for bars, row in report.get("forecast", {}).items()
    }
    made.pop("seconds", None)
    return made


_SAME: Final = (
    "- Tried and left out, judged on the held-out folds: the absolute level of volatility as an "
    "input (better far ahead, but too wide in a calmer market than the one learnt from); hours in "
    "New York and at weekends beside those in UTC, a GRU of 64 "
    "(no clear gain); more passes over the data (worse far ahead).",
    "- The reference is a moving target: where volatility has just fallen, 500 bars remember too "
    "much of it and every faster model looks good; where it has not, there is little to gain. "
    "Compare figures of the same period only.",
)
_NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "1h": (
        "- The test was run more than once. A first complete version was trained to 2023-07-01 and "
        "tested from there; then the cut was moved to 2024-01-01, so that the weights know the "
        "calm market of 2023. That first test raised two questions, intervals too wide in late "
        "2023 and odds of signals a point too high; both were answered on the held-out folds (no "
        "level of volatility as an input; odds calibrated on the better side). Nothing was chosen "
        "by figures of the test period above.",
        *_SAME,
        "- More seeds were tried to close the gap to the targets: three GRUs of the last fold, "
        "judged on it (2023-04 to 2023-12), have a pinball loss of .28286, .28285 and .28295 one "
        "bar ahead, their mean .28288 (6 bars: .24415, .24410, .24423, mean .24414; 24 bars: "
        ".23777, .23764, .23772, mean .23769). Averaging gains nothing, so no weights were added."
        " Other weights of the members move it by .0002 at most (.28298 as shipped, .28286 the "
        "GRU alone). On that fold .540 of the directions one bar ahead were right: the test year "
        "is the harder one.",
        "- Direction: what is foreseen is mostly the reversal of the last bars. It shrinks with "
        "the years and is worth less than a round trip costs.",
        "- Signals: most are holds. The interval of what the issued ones earned is wide, and "
        "their number small: no promise of gain.",
    ),
    "4h": (
        "- Learnt from four series of 4h bars a coin, made from hours and moved against each "
        "other; tested on bars that open at 00, 04 … UTC.",
        *_SAME,
        "- P(up) 24 bars ahead: the held-out folds left no slope, so it is one half, always.",
    ),
    "1d": (
        "- Learnt from daily spot candles since 2018 and from days made of hours that begin at "
        "every third hour.",
        "- Years differ more than coins do, and there are few of them. A first version, calibrated "
        "to all folds together, covered too little in the test period; up to 12 days ahead the "
        "intervals are therefore as wide as the worst held-out fold needed, and the odds of "
        "signals are believed no more than the worst fold bore out. This one choice was made "
        "after seeing a test figure: take the coverage here as an estimate, not as a proof.",
        *_SAME,
        "- The nets add nothing that holds over the folds, so the HAR member has most of the "
        "weight; the held-out folds left no slope for direction, so P(up) is one half, always.",
    ),
}
