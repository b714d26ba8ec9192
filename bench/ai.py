"""Time the embedded AI path. Goals: 50 symbols in 50 ms of CPU, cold import in 400 ms of CPU.

    python -m bench.ai

Prints, as JSON, medians of CPU time over repeated runs in one process; of the import, in fresh
ones.

Takes seconds. Ends with 0.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lib.analysis.forecast import forecasts, load_forecaster
from lib.analysis.signals import signals
from lib.command import command
from lib.market import Candle

SYMBOLS, BARS, RUNS = 50, 1000, 15  # as many bars as endpoints fetch
MODELS = Path(__file__).resolve().parents[1] / "lib" / "models"
COLD = "import time; import lib.analysis.forecast, lib.analysis.signals; print(time.process_time())"
FUNCTION = """
import time
import functions.ai_predict
from lib.analysis.embedded import embedded_forecaster
embedded_forecaster()
print(time.process_time())
"""
BARE = "import time; print(time.process_time())"


def main() -> None:
    """Measure and print JSON, in milliseconds."""
    command(__doc__).parse_args()
    forecaster = load_forecaster(MODELS)
    batch = [_history(seed) for seed in range(SYMBOLS)]
    names = [f"COIN{i}/USDT" for i in range(SYMBOLS)]
    barriers = forecaster.barriers("1h")
    judged = forecaster.judge(batch, "1h")
    report = {
        "symbols": SYMBOLS,
        "forecast_24_bars_ms": _median(lambda: forecaster.forecast_many(batch, "1h", 24)),
        "of_which_words_ms": _median(lambda: forecasts(judged, 24)),
        "signals_besides_ms": _median(lambda: signals(judged, names, barriers)),
        "one_symbol_ms": _median(lambda: forecaster.forecast(batch[0], "1h", 24)),
        "load_models_ms": _median(lambda: load_forecaster(MODELS)),
        "cold_import_ms": round(_python(COLD) - _python(BARE), 1),
        "cold_function_with_weights_ms": round(_python(FUNCTION) - _python(BARE), 1),
        "models_bytes": sum(path.stat().st_size for path in MODELS.iterdir()),
    }
    print(json.dumps(report, indent=1))


def _median(call: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return round(1000 * statistics.median(times), 2)


def _python(code: str) -> float:
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    return 1000 * statistics.median(runs)


def _history(seed: int) -> list[Candle]:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.006 * rng.standard_normal(BARS)))
    return [
        Candle(i * 3_600_000, x, x * 1.004, x * 0.996, x, 10.0 + i % 7, True)
        for i, x in enumerate(close.tolist())
    ]


if __name__ == "__main__":
    main()
