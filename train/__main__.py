"""Train every model from the candle files, write weights, figures and cards.

    python -m train [--data DIR] [--timeframe 1h] [--models DIR] [--cards-only]

`DIR` holds `perp_1h` and `spot_1d`. Needs what `requirements/train.in` names, in an environment of
its own: `python -m venv ENV && ENV/bin/pip install -r requirements/train.in`. Data and seed given,
the weights come out the same on the same machine; about ten minutes on one core.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np

from lib.analysis.forecast import load_forecaster
from train.cards import card, digest
from train.evaluate import MODELS, evaluate
from train.plan import PLANS, TEST_FROM

DATA = Path(os.environ.get("CORPUS", MODELS.parents[1] / ".." / "shared" / "data")) / "ohlcv"


def main() -> None:
    """Read the command line, train, evaluate, write."""
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--timeframe", choices=PLANS, action="append")
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--cards-only", action="store_true", help="evaluate, do not train")
    given = parser.parse_args()
    for timeframe in given.timeframe or PLANS:
        if not given.cards_only:
            _train(given.data, timeframe, given.models)
        sets = ("perp_1h", "spot_1d") if timeframe == "1d" else ("perp_1h",)
        forecaster = load_forecaster(given.models)
        reports = {
            name: evaluate(given.data / name, forecaster, timeframe, TEST_FROM) for name in sets
        }
        stem = given.models / f"price_{timeframe}"
        stem.with_suffix(".md").write_text(card(timeframe, PLANS[timeframe], reports))
        figures = json.dumps(digest(timeframe, PLANS[timeframe], reports), separators=(",", ":"))
        stem.with_suffix(".json").write_text(figures + "\n")


def _train(data: Path, timeframe: str, models: Path) -> None:
    from train.fit import fit  # torch: not needed to evaluate

    fitted = fit(data, timeframe, PLANS[timeframe])
    np.savez_compressed(models / f"price_{timeframe}.npz", **fitted.arrays)


if __name__ == "__main__":
    main()
