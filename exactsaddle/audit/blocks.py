"""Arrays on disk, a block of rows at a time: of a log longer than memory only rows around events are kept."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from exactsaddle.audit.thinning import Row, Thinner
from exactsaddle.base import InvalidInput

WHOLE_BYTES = 1 << 26
"""Files of arrays up to this size, unpacked, are read whole."""
_BLOCK = 1024

Block = dict[str, np.ndarray[Any, Any]]


def arrays_of(place: Path, wanted: Callable[[str], bool]) -> tuple[Block, list[str]]:
    """The arrays of an NPZ file that ``wanted`` takes, all if it takes none: whole, or thinned, and a note.

    Kept rows have the type that they have in the file.
    """
    with zipfile.ZipFile(place) as archive:
        every = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        members = {name: info for name, info in every.items() if wanted(name)} or every
        if sum(info.file_size for info in members.values()) <= WHOLE_BYTES:
            with np.load(place, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in members}, []
        with ExitStack() as stack:
            opened = {
                name: _Column(stack.enter_context(archive.open(info))) for name, info in members.items()
            }
            if (
                any(column.fortran for column in opened.values())
                or len({c.length for c in opened.values()}) != 1
            ):
                with np.load(place, allow_pickle=False) as arrays:
                    return {name: arrays[name] for name in opened}, []
            length = next(iter(opened.values())).length
            counts = (min(_BLOCK, length - done) for done in range(0, length, _BLOCK))
            return thinned({name: column.read(count) for name, column in opened.items()} for count in counts)


def table_of(place: Path) -> tuple[Block, list[str]]:
    """The columns step, β_0, … of an NPY file, whole or thinned, and a note."""
    table = np.load(place, allow_pickle=False, mmap_mode="r")
    if table.ndim != 2:
        raise InvalidInput(f"an array of {table.ndim} dimensions, not rows of step, β_0, …")
    if table.nbytes <= WHOLE_BYTES:
        return {"step": table[:, 0], "beta": table[:, 1:]}, []
    rows = (np.array(table[done : done + _BLOCK]) for done in range(0, len(table), _BLOCK))
    return thinned({"step": block[:, 0], "beta": block[:, 1:]} for block in rows)


def thinned(blocks: Iterator[Mapping[str, np.ndarray[Any, Any]]]) -> tuple[Block, list[str]]:
    """The rows around events of arrays that come in blocks, and how many they are of how many."""
    thinner = Thinner()
    types: dict[str, np.dtype[Any]] = {}
    widths: dict[str, int | None] = {}
    for block in blocks:
        if not types:
            types = {name: values.dtype for name, values in block.items()}
            widths = {n: None if v.ndim == 1 else int(v[0].size) for n, v in block.items()}
        table = np.column_stack([values.reshape(len(values), -1) for values in block.values()])
        names = tuple(
            name if width is None else f"{name}_{i}"
            for name, width in widths.items()
            for i in range(1 if width is None else width)
        )
        for row in np.asarray(table, dtype=np.float64):
            thinner.take(Row(names, row.copy()))
    columns, notes = thinner.finish()
    kept = {
        name: columns[name]
        if width is None
        else np.column_stack([columns[f"{name}_{i}"] for i in range(width)])
        for name, width in widths.items()
    }
    return {name: values.astype(types[name]) for name, values in kept.items()}, notes


class _Column:
    """One array of an archive, read from its beginning on."""

    def __init__(self, file: Any) -> None:
        self.file = file
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        self.shape, self.fortran, self.dtype = read(file)
        if self.dtype.hasobject or not self.shape:
            raise InvalidInput(f"an array of {self.dtype} with shape {self.shape} is no column of a run")
        self.fortran = self.fortran and len(self.shape) > 1

    @property
    def length(self) -> int:
        return int(self.shape[0])

    def read(self, count: int) -> np.ndarray[Any, Any]:
        """The next rows."""
        width = int(np.prod(self.shape[1:], dtype=int))
        size = count * width * self.dtype.itemsize
        data = self.file.read(size)
        if len(data) != size:
            raise InvalidInput("an array of the run ends before its last row")
        return np.frombuffer(data, dtype=self.dtype).reshape(count, *self.shape[1:])
