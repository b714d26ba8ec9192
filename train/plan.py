"""What each time frame is learnt from: dates, folds, and how long the nets go to school."""

from typing import Final, NamedTuple

TEST_FROM: Final = "2024-01-01"  # nothing on or after this day is read by training

NEAR: Final = 3  # bars
CAUTION_ENDS: Final = 12  # bars: farther ahead, one fold holds too few independent outcomes


class Course(NamedTuple):
    """How long and how fast to learn."""

    epochs: int = 8
    rate: float = 3e-3
    batch: int = 64  # segments of 96 origins
    decay: float = 1e-3
    dropout: float = 0.0


Blend = tuple[float, float, float]  # HAR, GRU, CNN


class Plan(NamedTuple):
    """One time frame."""

    folds: tuple[str, ...]  # borders; each span is judged by members that never saw it
    shifts: tuple[int, ...]  # hours by which bars made from hours are moved: more, different bars
    embargo: int  # bars around a fold that nobody learns from
    gru: Course
    cnn: Course
    near: Blend  # weights of the members up to 3 bars ahead
    far: Blend
    barriers: tuple[float, float]  # target and stop of a signal, in ATR
    ridge: float = 1e-6  # of the HAR member
    cautious: bool = False  # calibrate to the worst fold, not to all: for few, unlike years


PLANS: Final = {
    "1h": Plan(
        folds=("2020-01-01", "2021-02-15", "2021-11-01", "2022-07-15", "2023-04-01", TEST_FROM),
        shifts=(0,),
        embargo=168,
        gru=Course(epochs=8, rate=3e-3, dropout=0.3, decay=0.03),
        cnn=Course(epochs=8, rate=4e-3, dropout=0.2, decay=0.03),
        near=(0.1, 0.5, 0.4),
        far=(0.34, 0.33, 0.33),
        barriers=(1.5, 1.5),
    ),
    "4h": Plan(
        folds=("2020-01-01", "2021-05-01", "2022-03-01", "2023-02-01", TEST_FROM),
        shifts=(0, 1, 2, 3),
        embargo=168,
        gru=Course(epochs=6, rate=3e-3, dropout=0.3, decay=0.03),
        cnn=Course(epochs=6, rate=4e-3, dropout=0.3, decay=0.03),
        near=(0.4, 0.3, 0.3),
        far=(0.6, 0.2, 0.2),
        barriers=(1.5, 1.5),
    ),
    "1d": Plan(
        folds=("2018-01-01", "2020-12-01", "2021-12-01", "2022-12-01", TEST_FROM),
        shifts=tuple(range(0, 24, 3)),
        embargo=48,
        gru=Course(epochs=5, rate=3e-3, dropout=0.4, decay=0.1),
        cnn=Course(epochs=5, rate=3e-3, dropout=0.4, decay=0.1),
        near=(0.6, 0.2, 0.2),
        far=(0.8, 0.1, 0.1),
        barriers=(1.5, 1.5),
        ridge=1e-2,
        cautious=True,
    ),
}
