"""Train every model from the candle files, write weights, figures and cards.

    python -m train [--data DIR] [--model NAME] … [--models DIR] [--cards-only]

The data are `ohlcv/perp_1h`, `ohlcv/spot_1d` and `labels` in one folder. Needs what
`requirements/train.txt` names, in an environment of its own, which `make train` makes. Data and
seed given, the weights come out the same on the same machine.

Takes about a quarter of an hour on one core. Ends with 0 when all is written.
"""

import json
import os
from pathlib import Path
from typing import Final

from lib.command import command
from train.evaluate import MODELS
from train.plan import PLANS, TEST_FROM

SENTIMENT: Final = "sentiment"
DATA: Final = Path(os.environ.get("CORPUS", MODELS.parents[1] / ".." / "shared" / "data"))


def main() -> None:
    """Read the command line, train, evaluate, write."""
    parser = command(__doc__)
    parser.add_argument(
        "--data", metavar="DIR", type=Path, default=DATA, help="default: where CORPUS leads"
    )
    names = (*PLANS, SENTIMENT)
    told = f"one of {', '.join(names)}; may be repeated; default: all"
    parser.add_argument("--model", metavar="NAME", choices=names, action="append", help=told)
    told = "where cards and weights go; default: lib/models"
    parser.add_argument("--models", metavar="DIR", type=Path, default=MODELS, help=told)
    parser.add_argument("--cards-only", action="store_true", help="evaluate, do not train")
    given = parser.parse_args()
    for name in given.model or names:
        if name == SENTIMENT:
            _make_sentiment(given.data / "labels", given.models, train=not given.cards_only)
        else:
            _make_forecast(given.data / "ohlcv", name, given.models, train=not given.cards_only)


def _make_forecast(data: Path, timeframe: str, models: Path, *, train: bool) -> None:
    from lib.analysis.forecast import load_forecaster
    from train.cards import card, digest
    from train.evaluate import evaluate

    if train:
        import numpy as np

        from train.fit import fit  # torch: not needed to evaluate

        fitted = fit(data, timeframe, PLANS[timeframe])
        np.savez_compressed(models / f"price_{timeframe}.npz", allow_pickle=False, **fitted.arrays)
    sets = ("perp_1h", "spot_1d") if timeframe == "1d" else ("perp_1h",)
    forecaster = load_forecaster(models)
    reports = {name: evaluate(data / name, forecaster, timeframe, TEST_FROM) for name in sets}
    stem = models / f"price_{timeframe}"
    stem.with_suffix(".md").write_text(card(timeframe, PLANS[timeframe], reports))
    figures = json.dumps(digest(timeframe, PLANS[timeframe], reports), separators=(",", ":"))
    stem.with_suffix(".json").write_text(figures + "\n")


def _make_sentiment(labels: Path, models: Path, *, train: bool) -> None:
    """Its weights lie beside the code that reads them; the folds of its test need scikit-learn."""
    from train.sentiment import write_weights
    from train.sentiment_card import write_card

    if train:
        write_weights(labels)
    write_card(labels, models)


if __name__ == "__main__":
    main()
