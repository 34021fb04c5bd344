"""A campaign in numbers: by experiment and size, how paths turn, how long they are, what they cost."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactsaddle.base import Status
from exactsaddle.campaign.results import Results
from exactsaddle.campaign.spec import Experiment

LEVEL = 0.95
"""Of the intervals: statistical, for the law that the instances are drawn from; nothing else here is."""

TURNS = ("deactivations", "reactivations", "sign-flips", "support-drops")
"""The statistics that count turns of a path."""


@dataclass(frozen=True)
class Share:
    """count of ``of`` instances, with the Wilson interval [low, high] for the probability behind it."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """count/of."""
        return self.count / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson score interval at LEVEL. Source: Wilson 1927."""
        z = NormalDist().inv_cdf((1 + LEVEL) / 2)
        n, p = self.of, self.value
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        # At 0 and n one end is exact, and rounding would miss it.
        return (0.0 if not self.count else centre - half), (1.0 if self.count == n else centre + half)


@dataclass(frozen=True)
class Turns:
    """How often something happens on a path: on which share of paths at all, in total, and at most."""

    paths: Share
    total: int
    most: int

    @property
    def mean(self) -> float:
        """Events per path."""
        return self.total / self.paths.of


@dataclass(frozen=True)
class Distribution:
    """Of an integer over paths: extremes, mean, and the 5 %, 50 % and 95 % quantiles (inverted ECDF)."""

    least: int
    low: int
    median: int
    high: int
    most: int
    mean: float

    @classmethod
    def of(cls, values: NDArray[np.int64]) -> Distribution:
        """That of the values, at least one."""
        low, median, high = np.quantile(values, (0.05, 0.5, 0.95), method="inverted_cdf")
        mean = int(values.sum()) / len(values)
        return cls(int(values.min()), int(low), int(median), int(high), int(values.max()), mean)


@dataclass(frozen=True)
class Cell:
    """An experiment at one size. saddles and turns are over verified paths; absent where SPEC keeps none.

    n × d are the size of each instance of an ensemble, upper bounds for a family.
    """

    experiment: Experiment
    n: int
    d: int
    wanted: int
    verdicts: dict[Status, int]
    cpu_seconds: float
    saddles: Distribution | None
    turns: dict[str, Turns]

    @property
    def done(self) -> int:
        """How many instances are finished."""
        return sum(self.verdicts.values())

    @property
    def size(self) -> str:
        """As in SPEC: 4x6."""
        return f"{self.n}x{self.d}"

    @property
    def ratio(self) -> Fraction:
        """n/d."""
        return Fraction(self.n, self.d)


def summarise(results: Results) -> tuple[Cell, ...]:
    """The cells of a campaign, in the order of SPEC; those with nothing finished have no statistics."""
    kept = [name for name in ("saddles", *TURNS) if name in results.spec.statistics]
    names = ["instance", "experiment", "size", "status", *(column_of(name) for name in kept)]
    columns = {name: column.to_numpy(zero_copy_only=False) for name, column in _columns(results, names)}
    seconds = _seconds(results)
    cells = []
    for cell in results.spec.cells:
        experiment = results.spec.experiments[cell.experiment]
        here = (columns["experiment"] == experiment.name) & (columns["size"] == f"{cell.n}x{cell.d}")
        status = columns["status"][here]
        verified = here & (columns["status"] == Status.VERIFIED.value)
        values = {name: columns[column_of(name)][verified].astype(np.int64) for name in kept}
        some = bool(verified.any())
        cells.append(
            Cell(
                experiment,
                cell.n,
                cell.d,
                cell.count,
                {verdict: int((status == verdict.value).sum()) for verdict in Status},
                math.fsum(seconds[instance] for instance in columns["instance"][here].tolist()),
                Distribution.of(values["saddles"]) if some and "saddles" in values else None,
                {name: _turns(values[name]) for name in kept if name in TURNS and some},
            )
        )
    return tuple(cells)


def column_of(statistic: str) -> str:
    """The column of the result table that holds a statistic of one number."""
    return statistic.replace("-", "_")


def to_csv(cells: tuple[Cell, ...]) -> str:
    """One line for each cell: counts exact, means and intervals to six decimals."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(_record(cells[0])), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_record, cells))
    return sink.getvalue()


def _no_formula(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _record(cell: Cell) -> dict[str, Any]:
    saddles = cell.saddles
    record: dict[str, Any] = {
        "experiment": _no_formula(cell.experiment.name),
        "law": _no_formula(cell.experiment.source),
        "n": cell.n,
        "d": cell.d,
    }
    record |= {status.value: cell.verdicts[status] for status in Status}
    record |= {"cpu_seconds": f"{cell.cpu_seconds:.3f}"}
    for field in ("least", "low", "median", "high", "most"):
        record[f"saddles_{field}"] = "" if saddles is None else getattr(saddles, field)
    record["saddles_mean"] = "" if saddles is None else f"{saddles.mean:.6f}"
    for name in TURNS:
        turns, label = cell.turns.get(name), column_of(name)
        low, high = turns.paths.interval if turns else (None, None)
        record[f"{label}_paths"] = "" if turns is None else turns.paths.count
        record[f"{label}_low"] = "" if low is None else f"{low:.6f}"
        record[f"{label}_high"] = "" if high is None else f"{high:.6f}"
        record[f"{label}_total"] = "" if turns is None else turns.total
        record[f"{label}_most"] = "" if turns is None else turns.most
    return record


def _columns(results: Results, names: list[str]) -> Iterator[tuple[str, Any]]:
    table = results.table(names)
    return ((name, table[name]) for name in names)


def _seconds(results: Results) -> dict[int, float]:
    table = results.timings()
    return dict(zip(table["instance"].to_pylist(), table["cpu_seconds"].to_pylist(), strict=True))


def _turns(values: NDArray[np.int64]) -> Turns:
    return Turns(Share(int((values > 0).sum()), len(values)), int(values.sum()), int(values.max()))
