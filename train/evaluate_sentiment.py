"""Print how well the judge of tone does on a file of labelled texts, as JSON.

    python -m train.evaluate_sentiment FILE.csv[.gz] [--folds 5] [--seed 7]

The file has columns `text` and `label` (positive, negative, neutral). Without `--folds` the shipped
weights judge it, through the code that serves requests: a fair test only of texts that they did not
learn from. With it, weights are trained afresh without each fold, and judge that fold; this needs
what training needs.

Takes seconds; with `--folds`, some minutes. Ends with 0, or with 2 if the file cannot be read.
"""

import csv
import gzip
import io
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from lib.command import command
from lib.news import Verdict
from lib.wording.judge import MODEL, TONES, embedded_judge

BINS: Final = 10

Labelled = tuple[str, str]


def read_labelled(path: Path) -> list[Labelled]:
    """Text and label of each row.

    Raises:
        ValueError: no such columns, or a label that is no tone.
    """
    packed = path.read_bytes()
    raw = gzip.decompress(packed) if path.suffix == ".gz" else packed
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    if not rows or not {"text", "label"} <= rows[0].keys():
        raise ValueError(f"{path.name} has no rows with columns text and label")
    pairs = [(row["text"], row["label"].strip().lower()) for row in rows]
    odd = {label for _, label in pairs} - set(TONES)
    if odd:
        raise ValueError(f"{path.name} has labels {sorted(odd)}; known are {', '.join(TONES)}")
    return pairs


def report(labels: Sequence[str], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Accuracy, macro-F1, recall and precision by class, and how honest the confidence is."""
    n = len(labels)
    told = [verdict.tone for verdict in verdicts]
    right = [one == other for one, other in zip(labels, told, strict=True)]
    recall: dict[str, float | None] = {}
    scores = []
    for tone in TONES:
        hits = sum(ok for ok, label in zip(right, labels, strict=True) if label == tone)
        real, said = labels.count(tone), told.count(tone)
        recall[tone] = round(hits / real, 4) if real else None
        scores.append(2 * hits / (real + said) if real + said else 0.0)
    sure = [verdict.confidence for verdict in verdicts]
    by_width: list[list[int]] = [[] for _ in range(BINS)]
    for i, share in enumerate(sure):
        by_width[min(int(share * BINS), BINS - 1)].append(i)
    order = sorted(range(n), key=sure.__getitem__)
    by_count = [order[b * n // BINS : (b + 1) * n // BINS] for b in range(BINS)]
    return {
        "n": n,
        "accuracy": round(sum(right) / n, 4),
        "macro_f1": round(sum(scores) / len(scores), 4),
        "recall": recall,
        "ece": _gap(by_width, sure, right),
        "ece_equal_counts": _gap(by_count, sure, right),
        "reliability": [
            {
                "n": len(rows),
                "said": round(sum(sure[i] for i in rows) / len(rows), 4),
                "right": round(sum(right[i] for i in rows) / len(rows), 4),
            }
            for rows in by_width
            if rows
        ],
    }


def _gap(bins: list[list[int]], sure: list[float], right: list[bool]) -> float:
    off = (abs(sum(sure[i] - right[i] for i in rows)) for rows in bins)
    return round(sum(off) / len(sure), 4)


def judge_all(texts: Sequence[str], judge: Callable[[str], Verdict]) -> tuple[list[Verdict], float]:
    """Verdicts one by one, and the mean milliseconds that one took."""
    judge("")  # reads the weights
    began = time.perf_counter()
    verdicts = [judge(text) for text in texts]
    return verdicts, (time.perf_counter() - began) * 1000 / len(texts)


def cross_validate(pairs: Sequence[Labelled], folds: int, seed: int) -> tuple[list[Verdict], float]:
    """Verdicts on texts that the judge of their fold has not seen."""
    from sklearn.model_selection import StratifiedKFold

    from train.sentiment import to_lessons, train

    lessons = to_lessons(pairs)
    labels = [lesson.label for lesson in lessons]
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    verdicts: dict[int, Verdict] = {}
    took = 0.0
    for inside, outside in parts.split(labels, labels):
        judge = train([lessons[i] for i in inside]).judge
        made, ms = judge_all([lessons[i].text for i in outside], judge)
        verdicts |= dict(zip(outside.tolist(), made, strict=True))
        took += ms
    return [verdicts[i] for i in range(len(lessons))], took / folds


def evaluate(pairs: Sequence[Labelled], folds: int = 0, seed: int = 7) -> dict[str, Any]:
    """The whole report."""
    if folds:
        verdicts, ms = cross_validate(pairs, folds, seed)
    else:
        verdicts, ms = judge_all([text for text, _ in pairs], embedded_judge().judge)
    found = report([label for _, label in pairs], verdicts)
    return {"model": MODEL, "folds": folds, **found, "ms": round(ms, 4)}


def main() -> None:
    """Read the command line, print the report."""
    parser = command(__doc__)
    parser.add_argument("file", metavar="FILE.csv[.gz]", type=Path, help="labelled texts")
    parser.add_argument("--folds", metavar="N", type=int, default=0, help="cross-validate instead")
    parser.add_argument("--seed", metavar="N", type=int, default=7, help="of the folds (7)")
    given = parser.parse_args()
    try:
        pairs = read_labelled(given.file)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(json.dumps(evaluate(pairs, given.folds, given.seed), indent=1))


if __name__ == "__main__":
    main()
