"""A training run as it was logged: when, and weights, coefficients or losses; taken from arrays or files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from exactsaddle.audit.blocks import arrays_of, table_of
from exactsaddle.audit.tables import GROUPS, LOSSES, frame_rows, is_read, json_rows, place_of, text_rows
from exactsaddle.audit.thinning import CLOCKS, Row, Thinner
from exactsaddle.base import InvalidInput, UnreadableFile, missing_extra
from exactsaddle.numbers import Carried, shorten

Floats = np.ndarray[Any, np.dtype[np.float64]]

PAIRS = (("u", "v"), ("w_plus", "w_minus"))


@dataclass(frozen=True, eq=False)
class Run(Carried):
    """A log of T ≥ 2 rows, in order: ``clock`` (T,) in steps or real time; the rest where it was logged.

    beta (T, d); weights (T, d) each, named by ``pair``: ("u", "v") or ("w_plus", "w_minus"); losses (T,).
    single says that the numbers were binary32. notes say what was left out in reading. All of it is taken
    as given: nothing about a log is proved.
    """

    clock: Floats
    counts_steps: bool
    beta: Floats | None
    weights: tuple[Floats, Floats] | None
    pair: tuple[str, str] | None
    losses: Floats | None
    single: bool
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.clock)

    @property
    def unit(self) -> str:
        """What the clock counts, in a word."""
        return "step" if self.counts_steps else "time"

    @property
    def d(self) -> int | None:
        """How many coordinates were logged; None for losses alone."""
        shown = self.beta if self.weights is None else self.weights[0]
        return None if shown is None else int(shown.shape[1])


def read_run(path: str | Path, names: Sequence[str] = ()) -> Run:
    """The run in a .npz, .npy, .csv, .jsonl, .ndjson or .parquet file; raises UnreadableFile.

    NPZ: arrays ``step`` or ``time`` (T,), ``beta`` (T, d) or ``u`` and ``v`` or ``w_plus`` and ``w_minus``,
    ``loss`` (T,). NPY: columns step, β_0, …. CSV and Parquet: a column ``step`` or ``time``, columns
    ``beta_0`` …, ``u_0`` … or named like the problem's columns (names), and ``loss``. JSON lines: an
    object a line with the same fields, lists or one number each. Both may also be long: ``step``, ``tag`` and
    ``value``, with tags like ``beta/0``, one step after another or one tag after another. Text and Parquet
    are read row by row, large arrays by blocks, and thinned around events: memory is bounded, except for one
    tag after another and for arrays in Fortran's order.
    """
    place = Path(path)
    ending = place.suffix.lower()
    try:
        if ending == ".npz":
            return _run(*arrays_of(place, lambda name: is_read(name, names)), names)
        if ending == ".npy":
            return _run(*table_of(place), names)
        if ending in (".csv", ".tsv"):
            return run_of(text_rows(place, "\t" if ending == ".tsv" else ",", names), names)
        if ending in (".jsonl", ".ndjson"):
            return run_of(json_rows(place, names), names)
        if ending == ".parquet":
            return run_of(frame_rows(place, _parquet(place), names), names)
    except UnreadableFile:
        raise
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise UnreadableFile(f"{place}: {error}") from None
    known = ".npz, .npy, .csv, .tsv, .jsonl, .ndjson, .parquet"
    raise UnreadableFile(f"{place}: unknown ending {shorten(ending)!r} of a run; known: {known}")


def run_of(given: Any, names: Sequence[str] = ()) -> Run:
    """The run in a Run, a mapping of arrays (or tensors), or an iterable of mappings, one a row.

    Raises InvalidInput for fewer than two rows, a clock that does not rise, fields that are missing or of
    another length, and numbers that are no numbers from the first row on; rows from the first NaN or
    infinity on are left out, and said.
    """
    if isinstance(given, Run):
        return given
    if isinstance(given, Mapping):
        return _run(given, [], names)
    thinner = Thinner()
    for number, row in enumerate(given, 1):
        if not isinstance(row, Mapping):
            raise InvalidInput(f"row {number} of the run is {type(row).__name__}, not a mapping of fields")
        thinner.take(Row.of(row, number))
    columns, notes = thinner.finish()
    return _checked(_grouped(columns, names), notes)


def _run(given: Mapping[Any, Any], notes: Sequence[str], names: Sequence[str]) -> Run:
    fields = {str(name): _array(name, value) for name, value in given.items()}
    return _checked(_grouped(fields, names), notes)


def _parquet(place: Path) -> Iterator[Mapping[str, Any]]:
    try:
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError:
        raise missing_extra("a .parquet run needs pyarrow", "tables") from None
    with ParquetFile(place) as file:
        for batch in file.iter_batches(batch_size=1024):
            yield from batch.to_pylist()


def _array(name: object, value: Any) -> np.ndarray[Any, Any]:
    for method in ("detach", "cpu"):  # a tensor of PyTorch
        value = getattr(value, method)() if callable(getattr(value, method, None)) else value
    found = np.asarray(value)
    if found.dtype.kind not in "fiu":
        raise InvalidInput(f"{name} of the run holds {found.dtype}, not numbers")
    return found


def _grouped(fields: Mapping[str, np.ndarray[Any, Any]], names: Sequence[str]) -> dict[str, Any]:
    """clock, groups and losses; columns name_0, name.0, name[0] and the problem's names gathered."""
    found: dict[str, Any] = {"others": []}
    parts: dict[str, dict[int, np.ndarray[Any, Any]]] = {}
    for name, values in fields.items():
        plain = name.strip()
        if plain.lower() in CLOCKS and "clock" not in found:
            found["clock"], found["counts"] = values, CLOCKS[plain.lower()]
        elif plain.lower() in LOSSES and values.ndim == 1:
            found["losses"] = values
        elif plain in GROUPS and values.ndim == 2:
            found[plain] = values
        elif values.ndim == 1 and (place := place_of(plain, names)) is not None:
            parts.setdefault(place[0], {})[place[1]] = values
        else:
            found["others"].append(name)
    for group, columns in parts.items():
        missing = [i for i in range(max(columns) + 1) if i not in columns]
        if missing:
            raise InvalidInput(f"the run has {group}_{max(columns)} but not {group}_{missing[0]}")
        found[group] = np.column_stack([columns[i] for i in range(len(columns))])
    return found


def _checked(found: Mapping[str, Any], notes: Iterable[str]) -> Run:
    said = list(notes)
    if "clock" not in found:
        raise InvalidInput("the run has no column step or time: when was each row logged?")
    clock = np.asarray(found["clock"], dtype=np.float64)
    pair = next((p for p in PAIRS if p[0] in found and p[1] in found), None)
    shown = {name: np.asarray(found[name]) for name in (pair or ()) + (("beta",) if "beta" in found else ())}
    losses = found.get("losses")
    if not shown and losses is None:
        raise InvalidInput(
            "the run has none of beta, u and v, w_plus and w_minus, loss"
            + (f"; its fields: {', '.join(map(shorten, found['others'][:20]))}" if found["others"] else "")
        )
    every = {**shown, **({"loss": np.asarray(losses)} if losses is not None else {})}
    for name, values in every.items():
        if values.shape[0] != clock.shape[0]:
            turned = " (transposed? rows are times)" if clock.shape[0] in values.shape[1:] else ""
            raise InvalidInput(
                f"the run has {clock.shape[0]} times but {values.shape[0]} rows of {name}{turned}"
            )
    finite = np.isfinite(clock)
    for values in every.values():
        finite &= np.isfinite(values.reshape(len(values), -1)).all(axis=1)
    length = len(clock) if finite.all() else int(np.argmin(finite))
    if length < len(clock):
        said.append(
            f"row {length + 1} is not finite: it and the {len(clock) - length - 1:,} after it are left out"
        )
    if length < 2:
        raise InvalidInput(f"a run needs at least two rows of finite numbers, not {length}")
    clock = clock[:length]
    falls = np.flatnonzero(np.diff(clock) <= 0)
    if len(falls):
        j = int(falls[0]) + 1
        raise InvalidInput(f"row {j + 1} of the run is at {clock[j]:.17g}, not after {clock[j - 1]:.17g}")
    if clock[0] < 0:
        raise InvalidInput(f"the run begins at {clock[0]:.17g}, before 0")
    single = any(values.dtype == np.float32 for values in every.values())

    def cut(values: Any) -> Floats:
        return np.array(values[:length], dtype=np.float64)

    return Run(
        clock,
        bool(found["counts"]),
        cut(shown["beta"]) if "beta" in shown else None,
        None if pair is None else (cut(shown[pair[0]]), cut(shown[pair[1]])),
        pair,
        None if losses is None else cut(np.asarray(losses)),
        single,
        tuple(said),
    )
