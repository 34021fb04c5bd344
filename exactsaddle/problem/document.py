"""A problem as a document: its canonical JSON, what identifies it, its file; written row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Self

from exactsaddle.base import InvalidInput, write_atomically
from exactsaddle.numbers import shorten
from exactsaddle.problem.jsonfile import dump_problem
from exactsaddle.problem.network import Network
from exactsaddle.problem.resolution import Resolution


class Document:
    """What is written of a problem, and read back, from the texts of its numbers."""

    names: tuple[str, ...]
    resolution: Resolution
    network: Network

    def _row_texts(self) -> Iterator[list[str]]:
        """The rows of X in ``content``, one after another."""
        raise NotImplementedError

    def _other_texts(self) -> dict[str, list[str]]:
        """``content`` without X."""
        raise NotImplementedError

    def content(self) -> dict[str, Any]:
        """The canonical content as JSON types: "p/q", "sqrt(p/q)" for roots, infinite thresholds as "inf"."""
        return {"X": list(self._row_texts()), **self._other_texts()}

    def to_json(self) -> dict[str, Any]:
        """``content``, names and a network other than u ⊙ v: what ``save`` writes, ``from_json`` reads."""
        return {**self.content(), **self._beside()}

    def _beside(self) -> dict[str, Any]:
        """What identifies nothing: the path is that of the thresholds."""
        network = {} if self.network == Network() else {"network": self.network.to_json()}
        return {"names": list(self.names), **network}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The problem of a document with "X", "y" and maybe the other arguments of ``Problem``."""
        known = {"X", "y", "lower", "upper", "dual", "names", "weights", "network", "resolution"}
        missing = [key for key in ("X", "y") if key not in document]
        unknown = sorted(set(document) - known)
        if missing:
            raise InvalidInput(f"a problem needs {missing[0]!r}; found {sorted(document)}")
        if unknown:
            raise InvalidInput(f"{shorten(unknown[0])!r} is not a field of a problem: {sorted(known)}")
        return cls(**document)

    def to_text(self, indent: str = "") -> str:
        """``content`` and names as text, as certificates hold them: one row of X to a line."""
        return "".join(self._text_parts({"names": list(self.names)}, indent))

    def _text_parts(self, beside: Mapping[str, Any], indent: str = "") -> Iterator[str]:
        return dump_problem({"X": self._row_texts(), **self._other_texts(), **beside}, indent)

    def save(self, path: str | Path, *, resolution: bool = False) -> None:
        """Write ``to_json``, a row of X to a line; an existing file is replaced once the new is complete.

        With resolution the file also says how sharply X and y were given, which ``read_problem`` reads. The
        checkers, to whom a problem is its exact numbers, take files without it.
        """
        known = {"resolution": self.resolution.to_json()} if resolution else {}
        write_atomically(path, chain(self._text_parts({**self._beside(), **known}), "\n"))

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the canonical content: compact JSON with sorted keys."""
        found = hashlib.sha256(b'{"X":[')
        for i, row in enumerate(self._row_texts()):
            found.update(("," * (i > 0) + _compact(row)).encode("ascii"))
        found.update(("]," + _compact(self._other_texts())[1:]).encode("ascii"))
        return found.hexdigest()


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
