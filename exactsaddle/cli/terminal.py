"""The terminal: what a command prints, progress after a second, and Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from exactsaddle.base import Status, Verdict, visible
from exactsaddle.numbers import Number, decimals, parse_rational, sum_text

MAX_ROWS = 40
"""The most rows of a table that is folded."""
_PIPE_WIDTH = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120


class _Visible(Console):
    """A console on which names that come from files show their control characters, and cannot act."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(visible(segment.text, lines=True), segment.style)


out = _Visible(highlight=False, width=_PIPE_WIDTH)  # a file has room: Rich would fold its tables at 80
err = _Visible(stderr=True, highlight=False)

VERDICT_COLOURS = {
    Status.VERIFIED: "bold green",
    Status.REJECTED: "bold red",
    Status.UNCHECKED: "bold yellow",
}

_PERIOD = 0.1
"""Seconds between details of a progress bar that take time to say."""
_LONGEST_ERROR = 1_200


@contextmanager
def quietly(wanted: bool) -> Iterator[None]:
    """While open, if wanted, only verdicts, JSON and errors are printed."""
    out.quiet = wanted
    try:
        yield
    finally:
        out.quiet = False


def complain(message: str) -> None:
    """Print an error as one bounded line on standard error."""
    line = visible(message)
    if len(line) > _LONGEST_ERROR:
        line = f"{line[: _LONGEST_ERROR - 103]}...{line[-100:]}"
    err.print(Text.assemble(("error: ", "bold red"), line), soft_wrap=True)


def note(message: str) -> None:
    """Print what was assumed, as one line on standard error."""
    if out.quiet:
        return
    err.print(Text.assemble(("note: ", "bold"), visible(message)), soft_wrap=True)


def print_json(document: Any) -> None:
    """Print a document as JSON on standard output."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")  # a caller's StringIO has none
    except UnicodeEncodeError:
        text = json.dumps(document, indent=1)
    # what one cannot see stands in strings only, and there it may be written as an escape
    hidden = {c for c in set(text) - {"\n"} if visible(c) != c}
    sys.stdout.write(text.translate({ord(c): f"\\u{ord(c):04x}" for c in hidden}) + "\n")


def say(text: str | Text, style: str = "") -> None:
    """Print a line on standard output as it is: no markup, no folding."""
    out.print(Text(text, style=style) if isinstance(text, str) else text, soft_wrap=True)


def say_below_rounding(whole: Sequence[object], shown: Sequence[object]) -> None:
    """Print how many saddles of a path are not shown because they fit no more than the data's rounding."""
    if len(shown) < len(whole):
        say(f"{len(whole) - len(shown)} more saddles below the rounding of the data: --all")


def say_verdict(status: Status, evidence: str) -> None:
    """Print the verdict."""
    conclude(verdict_text(status, evidence))


def conclude(text: str | Text, style: str = "") -> None:
    """Print a line that is a verdict, or stands for one: what --quiet leaves."""
    quiet, out.quiet = out.quiet, False
    say(text, style)
    out.quiet = quiet


def say_end(verdict: Verdict, output: Path | None, stopped_by: str | None, *, at_stop: bool = False) -> None:
    """Print what every certified path ends with: where the certificate is, the verdict, what was left."""
    if output is not None:
        say(f"certificate in {output}")
    say_verdict(verdict.status, verdict.evidence)
    if at_stop:
        say(f"the path is not complete: it ends at its stop, {stopped_by}")
    elif stopped_by:
        say(f"the path is a prefix: stopped by {stopped_by}")


def verdict_text(status: Status, evidence: str) -> Text:
    """The verdict as coloured text."""
    return Text.assemble((status.value, VERDICT_COLOURS[status]), f": {evidence}")


def make_table(*headings: str, left: Collection[int] = (), wrap: bool = False, title: str = "") -> Table:
    """An empty table without lines: numbers to the right, the columns counted in left to the left.

    A cell of numbers is never folded, unless wrap says that the terminal may be too narrow for all.
    """
    table = Table(title=title or None, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for i, heading in enumerate(headings):
        if i in left:
            table.add_column(heading, overflow="fold", min_width=len(heading))
        else:
            table.add_column(heading, justify="right", no_wrap=not wrap)
    return table


@dataclass(frozen=True)
class Room:
    """What the cells of a table may take: exact values up to so many signs, and names."""

    exact: int
    name: int

    def names(self, names: Iterable[str]) -> Text:
        """Names one after another, in lines that end after a name or within it after _, -, / or a point."""
        lines = [""]
        for piece in re.split(r"(?<=[_/.-])|(?<=, )", ", ".join(names)):
            if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > self.name:
                lines.append("")
            lines[-1] += piece
        return Text("\n".join(line.rstrip() for line in lines))


_ROOMS = (Room(16, 10**6), *(Room(0, name) for name in (10**6, 24, 16, 12, 8)))


def fitted(build: Callable[[Room], Table]) -> Table:
    """The first of a table's forms that the terminal has room for: exact values go first, no name is cut."""
    for room in _ROOMS:
        found = build(room)
        if Measurement.get(out, out.options.update(width=10**6), found).maximum <= out.width:
            break
    return found


def fold_rows(table: Table, rows: Sequence[Sequence[str | Text]], remedy: str) -> Table:
    """The table with these rows; of more than MAX_ROWS the first and the last, and how to see the others."""
    hidden = len(rows) - MAX_ROWS
    for place, row in enumerate(rows):
        if hidden <= 0 or not MAX_ROWS // 2 <= place < MAX_ROWS // 2 + hidden:
            table.add_row(*row)
        elif place == MAX_ROWS // 2:
            table.add_row("…")
    if hidden > 0:
        table.caption = f"{hidden} more rows: {remedy}"
        table.caption_justify = "left"
    return table


def exact_and_decimal(value: Number, digits: int = 8, width: int = 16) -> str:
    """The decimals always, the exact value too when it is short: ``3/25 = 0.12``, ``1/3 ≈ 0.33333333``."""
    exact, decimal = sum_text(value), decimals(value, digits)
    if exact == decimal:
        return exact
    sign = "=" if parse_rational(decimal) == value else "≈"
    return f"{exact} {sign} {decimal}" if len(exact) <= width else f"{sign} {decimal}"


@contextmanager
def progress_bar(
    description: str, total: float | None = None, *, delay: float = 1.0
) -> Iterator[Callable[..., None]]:
    """A progress bar on standard error that appears only after ``delay`` seconds.

    Yields ``update(completed=None, detail="")``, cheap to call often: a detail may be a function that makes
    the text, which is called only where it is shown, a few times a second.
    """
    if out.quiet or not err.is_terminal:
        yield lambda completed=None, detail="": None
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *([BarColumn(), TaskProgressColumn()] if total is not None else []),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
        *([TextColumn("left"), TimeRemainingColumn()] if total is not None else []),
        console=err,
        transient=True,
    )
    bar.add_task(description, total=total, detail="")
    timer = threading.Timer(delay, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield _Update(bar)
    finally:
        timer.cancel()
        timer.join()
        if bar.live.is_started:
            bar.stop()


class _Update:
    """Moves a bar; a detail that takes time to say is asked for a few times a second, once there is a bar."""

    def __init__(self, bar: Progress) -> None:
        self.bar, self.task, self.due = bar, bar.task_ids[0], 0.0

    def __call__(self, completed: float | None = None, detail: str | Callable[[], str] = "") -> None:
        if callable(detail):
            if not self.bar.live.is_started or time.monotonic() < self.due:
                self.bar.update(self.task, completed=completed)
                return
            detail, self.due = detail(), time.monotonic() + _PERIOD
        self.bar.update(self.task, completed=completed, detail=detail)


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """While open, the first Ctrl-C only makes the yielded function return True; a second one raises."""
    pressed = threading.Event()

    def remember(_signal: int, _frame: object) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, previous)
