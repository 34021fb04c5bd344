"""The canonical form that every kind of certificate is written in."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from exactsaddle.base import write_atomically
from exactsaddle.doors import CertificateDoors
from exactsaddle.problem import Problem


class Document(CertificateDoors, ABC):
    """A certificate that has a text: how it becomes a file, and what is said of it."""

    @property
    @abstractmethod
    def facts(self) -> tuple[str, ...]:
        """What it states in few words: how much of what, whether that is complete, of which problem."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.facts)})"

    @abstractmethod
    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""

    def save(self, path: str | Path) -> None:
        """Write ``to_text``; an existing file is replaced only once the new one is complete."""
        write_atomically(path, self.to_text())


def facts(count: int, things: str, complete: bool, digest: str, *, inline: bool) -> tuple[str, ...]:
    """The words of ``Document.facts`` that every kind has."""
    return (
        f"{count:,} {things}",
        "complete" if complete else "a prefix",
        f"problem {digest[:12]}" + ("" if inline else ", by its digest only"),
    )


def canonical_text(
    head: Mapping[str, Any], problem: Problem | None, name: str, records: Iterable[Any]
) -> str:
    """The fields of head in order, the problem if it is inline, and under ``name`` a record a line."""
    fields = {key: json.dumps(value) for key, value in head.items()}
    if problem is not None:
        fields["problem"] = problem.to_text(indent=" ")
    fields[name] = "[\n  " + ",\n  ".join(map(json.dumps, records)) + "\n ]"
    return "{\n" + ",\n".join(f' "{key}": {text}' for key, text in fields.items()) + "\n}\n"
