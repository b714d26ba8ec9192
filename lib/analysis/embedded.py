"""The models that ship with the service, read once a process."""

from functools import cache
from pathlib import Path

from lib.analysis.forecast import Forecaster, load_forecaster

FOLDER = Path(__file__).parents[1] / "models"


@cache  # immutable and part of the code, so no setting or test could want another one
def embedded_forecaster() -> Forecaster:
    """The forecaster over the shipped weights."""
    return load_forecaster(FOLDER)
