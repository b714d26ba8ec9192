"""Train the embedded judge of tone, and write its weights.

    python -m train.sentiment LABELS_FOLDER [--to FILE]

Reads `cryptolin_headlines.csv.gz` and `fiqa_2018.csv.gz`. Features are those of the serving code;
what is fitted here is a logistic regression, and one number that makes its probabilities honest.
Needs what `requirements/train.txt` names.

Takes some minutes, a part of what `make train` takes. Ends with 0 when the weights are written.
"""

import base64
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from lib.command import command
from lib.wording.grams import letter_grams, lexicon_facts, word_grams, words_of
from lib.wording.judge import FILE, TONES, Judge
from train.evaluate_sentiment import read_labelled

SEED: Final = 7
OTHERS: Final = 0.1
"""Weight of a row that is no crypto headline."""
LEAST_LETTERS: Final = 2
"""Pieces of words that fewer texts have are left out."""

Grams = dict[str, float]


class Lesson(NamedTuple):
    """A text and its label, and how much it counts."""

    text: str
    label: int
    weight: float = 1.0


def to_lessons(pairs: Sequence[tuple[str, str]], weight: float = 1.0) -> list[Lesson]:
    """Texts and labels as training takes them."""
    number = {str(tone): i for i, tone in enumerate(TONES)}
    return [Lesson(text, number[label], weight) for text, label in pairs]


def train(lessons: Sequence[Lesson], others: Sequence[Lesson] = ()) -> Judge:
    """A judge, quantised as it is shipped."""
    return Judge(fit(lessons, others))


def fit(lessons: Sequence[Lesson], others: Sequence[Lesson] = ()) -> dict[str, Any]:
    """The document of a judge; its sharpness is fitted on answers out of fold."""
    from scipy.optimize import minimize_scalar  # --help does not need what training needs
    from sklearn.model_selection import StratifiedKFold

    labels = np.array([lesson.label for lesson in lessons])
    folds = StratifiedKFold(4, shuffle=True, random_state=SEED)
    shares = np.zeros((len(lessons), len(TONES)))
    for inside, outside in folds.split(labels, labels):
        judge = Judge(_fit_once([lessons[i] for i in inside], others))
        shares[outside] = [judge.shares(lessons[i].text) for i in outside]
    told = np.log(np.maximum(shares, 1e-9))

    def loss(sharpness: float) -> float:
        scaled = told * sharpness
        lost = np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(labels)), labels]
        return float(lost.mean())

    best = minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded").x
    return _fit_once(lessons, others) | {"sharpness": round(float(best), 4)}


def _fit_once(lessons: Sequence[Lesson], others: Sequence[Lesson]) -> dict[str, Any]:
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    rows = [*lessons, *others]
    words = [words_of(row.text) for row in rows]
    blocks = [_block(list(map(word_grams, words)), 1)]
    blocks.append(_block(list(map(letter_grams, words)), LEAST_LETTERS))
    facts = np.array([lexicon_facts(row.text, w) for row, w in zip(rows, words, strict=True)])
    labels, weights = np.array([r.label for r in rows]), np.array([r.weight for r in rows])
    totals = np.array([weights[labels == i].sum() for i in range(len(TONES))])
    balance = totals.sum() / len(TONES) / totals
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(
        sparse.hstack([*(block[2] for block in blocks), facts]).tocsr(),
        labels,
        sample_weight=weights * balance[labels],
    )
    grams = [gram for block in blocks for gram in block[0]]
    rarity = np.concatenate([block[1] for block in blocks])
    unit = float(rarity.max()) / 255
    at_grams = model.coef_[:, : len(grams)]
    units = np.abs(at_grams).max(1) / 127
    packed = np.round(at_grams / units[:, None]).astype(np.int8)
    return {
        "grams": "\n".join(grams),
        "rarity": base64.b85encode(np.round(rarity / unit).astype(np.uint8).tobytes()).decode(),
        "rarity_unit": _rounded(unit),
        "weights": base64.b85encode(packed.T.tobytes()).decode(),
        "weight_units": [_rounded(one) for one in units.tolist()],
        "facts": np.round(model.coef_[:, len(grams) :], 5).tolist(),
        "bias": np.round(model.intercept_, 5).tolist(),
        "sharpness": 1.0,
    }


def _rounded(value: float) -> float:
    """Nine digits: what differs between machines lies behind them."""
    return float(f"{value:.9g}")


def _block(texts: list[Grams], least: int) -> tuple[list[str], Any, Any]:
    """Grams, their rarity, and one row a text of length one."""
    from scipy import sparse

    having = Counter(gram for grams in texts for gram in grams)
    known = sorted(gram for gram, n in having.items() if n >= least)
    at = {gram: i for i, gram in enumerate(known)}
    rarity = np.array([np.log((1 + len(texts)) / (1 + having[gram])) + 1 for gram in known])
    made = sparse.lil_matrix((len(texts), len(known)))
    for row, grams in enumerate(texts):
        columns = [at[gram] for gram in grams if gram in at]
        values = np.array([grams[gram] for gram in grams if gram in at]) * rarity[columns]
        made.rows[row], made.data[row] = columns, list(values / (np.linalg.norm(values) or 1.0))
    return known, rarity, made.tocsr()


def write_weights(labels: Path, to: Path = FILE) -> None:
    """Train on a folder of labelled texts, and write the judge's document."""
    lessons = to_lessons(read_labelled(labels / "cryptolin_headlines.csv.gz"))
    others = to_lessons(read_labelled(labels / "fiqa_2018.csv.gz"), OTHERS)
    to.write_text(json.dumps(fit(lessons, others), ensure_ascii=True), encoding="utf-8")


def main() -> None:
    """Read the command line, train, write the weights."""
    parser = command(__doc__)
    parser.add_argument(
        "folder", metavar="LABELS_FOLDER", type=Path, help="where the two files are"
    )
    parser.add_argument(
        "--to", metavar="FILE", type=Path, default=FILE, help="default: the shipped weights"
    )
    given = parser.parse_args()
    write_weights(given.folder, given.to)


if __name__ == "__main__":
    main()
