"""How a table is to be read: every option, its default, and how a message names it."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import shorten

Column = str | int
"""A column by name, or by its 0-based place, negative from the end."""
Missing = Literal["error", "drop"]
Categories = Literal["error", "one-hot"]


@dataclass(frozen=True)
class Reading:
    """What ``read_problem`` and ``Problem.from_frame`` are told; see there."""

    target: Column | None = None
    weights: Column | None = None
    columns: tuple[Column, ...] | None = None
    drop: tuple[Column, ...] = ()
    missing: Missing = "error"
    categories: Categories = "error"
    drop_first: bool = False
    delimiter: str | None = None
    decimal: str = "."
    thousands: str | None = None
    percent: bool = False
    encoding: str | None = None
    header: bool | None = None
    skip_lines: int | None = None
    sheet: str | None = None
    arrays: tuple[tuple[str, str], ...] = ()
    shell: bool = True
    """Whether messages name options as on the command line (of a file), or as arguments (of a frame)."""

    def __post_init__(self) -> None:
        if self.decimal not in (".", ","):
            raise InvalidInput(f"--decimal {shorten(self.decimal)!r} is neither . nor ,")
        sign = self.thousands
        if sign is not None and (len(sign) != 1 or sign.isalnum() or sign in f"+-/{self.decimal}"):
            raise InvalidInput(f"--thousands {shorten(sign)!r} is not one sign, other than that of decimals")
        for name, known in (("missing", ("error", "drop")), ("categories", ("error", "one-hot"))):
            if getattr(self, name) not in known:
                given = shorten(str(getattr(self, name)))
                raise InvalidInput(f"--{name} {given!r} is neither {known[0]} nor {known[1]}")
        if self.skip_lines is not None and self.skip_lines < 0:
            raise InvalidInput(f"--skip-lines {self.skip_lines} is negative")

    def option(self, name: str, value: Any = True) -> str:
        """The option as a message names it: ``--drop a,b`` for a file, ``drop=['a', 'b']`` for a frame."""
        if not self.shell:
            return f"{name}={value!r}"
        flag = "--" + name.replace("_", "-")
        if value is True:
            return flag
        text = join_names(value) if isinstance(value, list) else str(value)
        return f"{flag} {shlex.quote(text)}" if text != "," else f"{flag} ,"

    def given(self, names: Iterable[str]) -> str | None:
        """The first of these options that was set to something."""
        default = {field.name: field.default for field in fields(Reading)}
        return next((name for name in names if getattr(self, name) != default[name]), None)


def join_names(names: Sequence[Column]) -> str:
    """Names as one option takes them: commas between them, quotes where a name holds commas."""
    sink = io.StringIO()
    csv.writer(sink, lineterminator="").writerow(names)
    return sink.getvalue()


def split_names(texts: Iterable[str]) -> tuple[str, ...]:
    """The names of a repeatable option: inverse to ``join_names``."""
    return tuple(name for text in texts for name in next(csv.reader([text], skipinitialspace=True), ()))
