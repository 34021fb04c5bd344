"""Rows of a log, one after another, kept where something happens: bounded memory for logs of any length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import shorten

CLOCKS = {"step": True, "steps": True, "_step": True, "iteration": True, "time": False, "times": False}
"""Names of the clock; True where it counts steps."""
MAX_ROWS = 20_000
"""Rows kept at most; beyond twice as many, every other quiet one goes."""
_EVENT = 1 / 256
"""A row is an event when some number changed by this part of the largest one seen since the last kept row."""


@dataclass(frozen=True)
class Row:
    """The numbers of one row under the names of their fields: a list counts as name_0, name_1, …"""

    names: tuple[str, ...]
    values: np.ndarray[Any, np.dtype[np.float64]]

    @classmethod
    def of(cls, fields: Mapping[str, Any], number: int) -> Row:
        """Flatten; raises InvalidInput naming row and field for what is no number."""
        names: list[str] = []
        values: list[float] = []
        for name, value in fields.items():
            if isinstance(value, int | float):
                names.append(str(name))
                values.append(value)
                continue
            items = np.ravel(np.asarray(value))
            if items.dtype.kind not in "fiu":
                raise InvalidInput(
                    f"row {number} of the run, field {shorten(str(name))!r}: {shorten(repr(value))}"
                )
            names += [str(name)] if np.ndim(value) == 0 else [f"{name}_{i}" for i in range(len(items))]
            values += items.tolist()
        return cls(tuple(names), np.array(values, dtype=np.float64))


class Thinner:
    """Takes rows in order and keeps at most twice MAX_ROWS of them."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] | None = None
        self.rows: list[np.ndarray[Any, np.dtype[np.float64]]] = []
        self.event: list[bool] = []
        self.seen = 0
        self.stride = 1
        self.scale: np.ndarray[Any, np.dtype[np.float64]] = np.zeros(0)
        self.watched: np.ndarray[Any, np.dtype[np.bool_]] = np.zeros(0, dtype=bool)

    def take(self, row: Row) -> None:
        """The next row; raises InvalidInput when its fields differ from those of the first."""
        if self.names is None:
            self.names, self.scale = row.names, np.zeros(len(row.values))
            self.watched = np.array([name.lower() not in CLOCKS for name in row.names])
        if row.names != self.names:
            odd = sorted(set(row.names) ^ set(self.names))[:3]
            raise InvalidInput(
                f"row {self.seen + 1} of the run has other fields than the first: {', '.join(odd)}"
            )
        self.scale = np.maximum(np.nan_to_num(np.abs(row.values)), self.scale)
        happened = bool(self.rows) and bool(
            (np.abs(row.values - self.rows[-1]) > _EVENT * self.scale)[self.watched].any()
        )
        if self.seen % self.stride == 0 or happened or not np.isfinite(row.values).all():
            self.rows.append(row.values)
            self.event.append(happened)
        self.seen += 1
        if len(self.rows) > 2 * MAX_ROWS:
            kept = [e or j % 2 == 0 for j, e in enumerate(self.event)]
            if sum(kept) > 1.5 * MAX_ROWS:  # a log that never rests: events are thinned too
                kept = [j % 2 == 0 for j in range(len(self.rows))]
            self.rows = [row for row, keep in zip(self.rows, kept, strict=True) if keep]
            self.event = [e for e, keep in zip(self.event, kept, strict=True) if keep]
            self.stride *= 2

    def finish(self) -> tuple[dict[str, np.ndarray[Any, np.dtype[np.float64]]], list[str]]:
        """The kept rows as columns by name, and what was left out."""
        if self.names is None:
            raise InvalidInput("the run has no rows")
        table = np.array(self.rows)
        notes = (
            [] if len(table) == self.seen else [f"{len(table):,} of {self.seen:,} rows kept around events"]
        )
        return {name: table[:, j] for j, name in enumerate(self.names)}, notes
