"""What the commands share: reading DATA, progress after a second, printing, colours of verdicts."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from flint import fmpq
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.segment import Segment
from rich.text import Text

from exactsaddle.base import InvalidInput, Status, visible
from exactsaddle.numbers import parse_rational, shorten, to_decimal, to_text
from exactsaddle.problem import DATASETS, Problem, RealProblem, problem_of, read_problem

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

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA", help="A .csv, .tsv, .npy, .npz or .json file, or a packaged name: diabetes, planted."
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Column that is y, by name or 0-based index.  [default: the last column]"
    ),
]
Center = Annotated[
    bool, typer.Option("--center", help="Subtract its exact mean from every column, y included.")
]
Standardize = Annotated[
    bool,
    typer.Option(
        "--standardize",
        help="Divide every column of X by its norm ‖X_j‖₂ (after --center, if given). Thresholds and dual "
        "are those of the unit-norm columns; beta is printed in the units of X.",
    ),
]
Lower = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=VALUE",
        help="Lower threshold c⁻ > 0 of a column, or of all: --lower 2, --lower bmi=inf. Repeatable.",
    ),
]
Upper = Annotated[list[str], typer.Option(metavar="NAME=VALUE", help="Upper threshold c⁺ > 0, likewise.")]
Dual = Annotated[
    list[str], typer.Option(metavar="NAME=VALUE", help="Initial dual s_0, likewise.  [default: 0]")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else.")]

_COLOURS = {Status.VERIFIED: "bold green", Status.REJECTED: "bold red", Status.UNCHECKED: "bold yellow"}

_LONGEST_ERROR = 1_200


def complain(message: str) -> None:
    """Print an error as one bounded line on standard error."""
    line = visible(message)
    if len(line) > _LONGEST_ERROR:
        line = f"{line[: _LONGEST_ERROR - 103]}...{line[-100:]}"
    err.print(Text.assemble(("error: ", "bold red"), line), soft_wrap=True)


def print_json(document: Any) -> None:
    """Print a document as JSON on standard output."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(document, indent=1)
    # what one cannot see stands in strings only, and there it may be written as an escape
    hidden = {c for c in set(text) - {"\n"} if visible(c) != c}
    sys.stdout.write(text.translate({ord(c): f"\\u{ord(c):04x}" for c in hidden}) + "\n")


def verdict_text(status: Status, evidence: str) -> Text:
    """The verdict as coloured text."""
    return Text.assemble((status.value, _COLOURS[status]), f": {evidence}")


def load_problem(
    data: str,
    *,
    target: str | None = None,
    center: bool = False,
    standardize: bool = False,
    lower: list[str] | None = None,
    upper: list[str] | None = None,
    dual: list[str] | None = None,
    irrational: bool = False,
) -> Problem:
    """The problem that DATA and its options name; raises InvalidInput or UnreadableFile.

    Irrational numbers are refused unless the command says that it takes them.
    """
    if data in DATASETS and not os.path.isfile(data):
        problem = DATASETS[data].load(target=target, center=center)
    else:
        _refuse_absent(data)
        problem = read_problem(data, target=target, center=center)
    fields = {
        field: assign(problem.content()[field], assignments, problem.names, f"--{field}")
        for field, assignments in (("lower", lower), ("upper", upper), ("dual", dual))
        if assignments
    }
    if fields:
        problem = problem_of({**problem.to_json(), **fields}) if irrational else problem.replace(**fields)
    if not (irrational or problem.is_rational):
        raise InvalidInput(
            f"{shorten(data, 200)} holds irrational numbers, which only `exactsaddle path` takes"
        )
    return problem.standardized() if standardize else problem


def _refuse_absent(data: str) -> None:
    try:
        os.stat(data)
    except (FileNotFoundError, NotADirectoryError):
        known = ", ".join(DATASETS)
        raise InvalidInput(f"{shorten(data, 200)}: no such file, nor a packaged data set ({known})") from None
    except (OSError, ValueError) as error:  # a name too long, a folder that may not be searched, a NUL
        raise InvalidInput(f"{shorten(data, 200)}: {getattr(error, 'strerror', error)}") from None


def describe_problem(problem: Problem, data: str, target: str | None, *, standardized: bool = False) -> str:
    """One line: shape, and what was assumed: the target column, floats taken at face value."""
    parts = [f"{problem.n} × {problem.d}"]
    if data in DATASETS and target is None:
        parts.append(f"target {DATASETS[data].target}")
    elif target is None and Path(data).suffix.lower() in (".csv", ".tsv", ".txt", ".npy"):
        parts.append("target: the last column")
    if isinstance(problem, RealProblem):
        parts.append("real numbers given by expressions")
    if problem.source != "exact":
        parts.append(f"{problem.source} floats at their exact dyadic value")
    if standardized:
        parts.append("columns of unit norm, β in the units of X")
    elif not problem.is_standard:
        parts.append("general thresholds or initial dual")
    return ", ".join(parts)


def exact_and_decimal(value: fmpq, digits: int = 8, width: int = 16) -> str:
    """The decimals always, the exact value too when it is short: ``3/25 = 0.12``, ``1/3 ≈ 0.33333333``."""
    exact, decimal = to_text(value), to_decimal(value, digits)
    if exact == decimal:
        return exact
    sign = "=" if parse_rational(decimal) == value else "≈"
    return f"{exact} {sign} {decimal}" if len(exact) <= width else f"{sign} {decimal}"


def assign(values: list[Any], assignments: list[str], names: tuple[str, ...], option: str) -> list[Any]:
    """The values, one for each name, with what a repeatable NAME=VALUE option changes."""
    for assignment in assignments:
        name, found, value = assignment.rpartition("=")
        if not found:
            values = [value] * len(values)
        elif name in names:
            values[names.index(name)] = value
        else:
            raise InvalidInput(
                f"{option} {shorten(assignment)}: no column {shorten(name)!r}; "
                f"columns: {', '.join(names[:20])}"
            )
    return values


def parse_size(text: str, option: str) -> tuple[int, int]:
    """Rows and columns, as in 4x6; raises InvalidInput naming the option."""
    match = re.fullmatch(r"([0-9]{1,3})[x×,]([0-9]{1,3})", text.strip())
    if match is None:
        raise InvalidInput(f"{option} {shorten(text)!r} is not rows and columns, as in 4x6")
    return int(match[1]), int(match[2])


def parse_duration(text: str, option: str) -> float:
    """Seconds of 90, 90s, 10m, 2h or 1h30m; raises InvalidInput naming the option."""
    match = re.fullmatch(r"(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7}(?:\.\d{1,6})?)s?)?", text.strip())
    if match is None or not any(match.groups()):
        raise InvalidInput(f"{option} {shorten(text)!r} is not a duration, as in 90, 90s, 10m or 1h30m")
    hours, minutes, seconds = (float(group or 0) for group in match.groups())
    return 3600 * hours + 60 * minutes + seconds


@contextmanager
def progress_bar(
    description: str, total: float | None = None, *, delay: float = 1.0
) -> Iterator[Callable[..., None]]:
    """A progress bar on standard error that appears only after ``delay`` seconds.

    Yields ``update(completed=None, detail="")``, cheap to call often.
    """
    if not err.is_terminal:
        yield lambda completed=None, detail="": None
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *([BarColumn(), TaskProgressColumn()] if total is not None else []),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )
    task = bar.add_task(description, total=total, detail="")
    timer = threading.Timer(delay, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda completed=None, detail="": bar.update(task, completed=completed, detail=detail)
    finally:
        timer.cancel()
        timer.join()
        if bar.live.is_started:
            bar.stop()


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
