"""DATA and its options, declared once for every command that takes them (``taking``), and made a problem."""

from __future__ import annotations

import inspect
import os
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Annotated, Any, Literal

import typer

from exactsaddle.base import InvalidInput
from exactsaddle.cli.assignments import (
    any_text,
    assign,
    named_array,
    network_of,
    refuse_absent,
    threshold_text,
)
from exactsaddle.cli.terminal import note, say
from exactsaddle.numbers import shorten
from exactsaddle.problem import (
    DATASETS,
    WEIGHTED,
    Network,
    Problem,
    RealProblem,
    problem_of,
    read_problem,
    split_names,
)

_PANEL = "How DATA is read"


def _option(*names: str, help: str, metavar: str | None = None, reads: bool = True) -> Any:  # noqa: A002 (Typer's)
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=_PANEL if reads else None)


@dataclass(frozen=True)
class Given:
    """DATA as it was given on the command line, with every option that says how to take it."""

    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A .csv, .tsv, .txt, .xlsx, .parquet, .npy, .npz or .json file, also as .gz, or a packaged "
            "name: diabetes, planted.",
        ),
    ]
    target: Annotated[
        str | None,
        _option(
            metavar="NAME",
            help="Column that is y, by name or 0-based index. Default: the last column.",
            reads=False,
        ),
    ] = None
    center: Annotated[
        bool,
        _option("--center", help="Subtract its exact mean from every column, y included.", reads=False),
    ] = False
    weights: Annotated[
        str | None,
        _option(
            metavar="NAME",
            help="Column of weights w ≥ 0, by name or index: minimise Σ w(y − xβ)²/2n, exactly; --center "
            "subtracts weighted means.",
            reads=False,
        ),
    ] = None
    standardize: Annotated[
        bool,
        _option(
            "--standardize",
            help="Divide every column of X by its norm ‖X_j‖₂ (after --center, if given). Thresholds and "
            "dual are those of the unit-norm columns; beta is printed in the units of X.",
            reads=False,
        ),
    ] = False
    lower: Annotated[
        list[str],
        _option(
            metavar="NAME=VALUE",
            help="Lower threshold c⁻ > 0 of a column, or of all: --lower 2, --lower bmi=inf. Repeatable.",
            reads=False,
        ),
    ] = field(default_factory=list)
    upper: Annotated[
        list[str],
        _option(metavar="NAME=VALUE", help="Upper threshold c⁺ > 0, likewise.", reads=False),
    ] = field(default_factory=list)
    dual: Annotated[
        list[str],
        _option(metavar="NAME=VALUE", help="Initial dual s_0, likewise. Default: 0.", reads=False),
    ] = field(default_factory=list)
    depth: Annotated[
        int | None,
        _option(
            metavar="L",
            help="Depth of the network: 2 is u ⊙ v, L ≥ 3 is u^L − v^L. Default: DATA's, or 2.",
            reads=False,
        ),
    ] = None
    scales: Annotated[
        list[str],
        _option(
            metavar="NAME=VALUE",
            help="Scale κ > 0 of a column's initial weights, or of all. At depth L ≥ 3: thresholds κ^(2−L).",
            reads=False,
        ),
    ] = field(default_factory=list)
    resolution: Annotated[
        str | None,
        _option(
            metavar="DELTA",
            help="How sharply X and y were given: every number within DELTA, as in 1e-6; or exact, binary64, "
            "binary32. Default: half a unit of a float's last place, or of the last decimal in a column.",
            reads=False,
        ),
    ] = None
    columns: Annotated[
        list[str],
        _option(metavar="A,B,...", help="The features: these columns alone, in this order. Repeatable."),
    ] = field(default_factory=list)
    drop: Annotated[list[str], _option(metavar="A,B,...", help="Columns that are left out. Repeatable.")] = (
        field(default_factory=list)
    )
    missing: Annotated[
        Literal["error", "drop"],
        _option(help="Rows with an empty, NA or NaN entry in a column that is used: refused, or left out."),
    ] = "error"
    categories: Annotated[
        Literal["error", "one-hot"],
        _option(help="Columns of text: refused, or made exact columns name=text of 0 and 1."),
    ] = "error"
    drop_first: Annotated[
        bool, _option("--drop-first", help="With --categories one-hot: no column for the first text.")
    ] = False
    delimiter: Annotated[
        str | None,
        _option(metavar="SIGN", help="What parts entries: a sign, or tab, spaces. Default: found out."),
    ] = None
    decimal: Annotated[str, _option(metavar="SIGN", help="The decimal sign: . or ,")] = "."
    thousands: Annotated[
        str | None, _option(metavar="SIGN", help="A sign between groups of three digits.")
    ] = None
    percent: Annotated[bool, _option("--percent", help="Take 5% as 1/20.")] = False
    encoding: Annotated[
        str | None,
        _option(metavar="NAME", help="Of the text. Default: UTF-8, or what its bytes say."),
    ] = None
    header: Annotated[
        bool | None,
        _option(
            "--header/--no-header",
            help="Whether the first line holds names. Default: if it holds no number.",
        ),
    ] = None
    skip_lines: Annotated[
        int | None,
        _option(metavar="N", help="Lines before the table. Default: up to where it is regular."),
    ] = None
    sheet: Annotated[str | None, _option(metavar="NAME", help="Of an Excel file. Default: the first.")] = None
    arrays: Annotated[
        list[str],
        _option(metavar="X=NAME,y=NAME", help="What X and y are called in an .npz file. Repeatable."),
    ] = field(default_factory=list)

    def load(self, *, irrational: bool = False, roots: bool = False) -> Problem:
        """The problem; what was guessed or left out is noted on standard error.

        Irrational numbers are refused unless the command says that it takes them: square roots as thresholds
        and initial dual, which --standardize makes, or any. Raises InvalidInput or UnreadableFile.
        """
        problem = self._read()
        for sentence in problem.source.reading:
            note(f"{self.data}: {sentence}")
        fields = {
            name: assign(problem.content()[name], assignments, problem.names, f"--{name}", accept)
            for name, assignments, accept in (
                ("lower", self.lower, threshold_text),
                ("upper", self.upper, threshold_text),
                ("dual", self.dual, any_text),
            )
            if assignments
        }
        if fields:
            problem = self._changed(problem, fields, irrational or roots)
        if self.depth is not None or self.scales:
            problem = problem.replace(network=network_of(problem, self.depth, self.scales, self.data))
        taken = irrational or problem.is_rational or (roots and not isinstance(problem, RealProblem))
        if not taken:
            raise InvalidInput(
                f"{shorten(self.data, 200)} holds irrational numbers, which only `exactsaddle path` takes"
            )
        if self.resolution is not None:
            if isinstance(problem, RealProblem):
                raise InvalidInput("--resolution: entries that are expressions are exact")
            problem = problem.replace(resolution=self.resolution)
        return problem.standardized() if self.standardize else problem

    def _changed(self, problem: Problem, fields: dict[str, Any], irrational: bool) -> Problem:
        """With other thresholds or start, which may be irrational."""
        if not irrational:
            return problem.replace(**fields)
        made = problem_of({**problem.to_json(), "resolution": problem.resolution, **fields})
        object.__setattr__(made, "source", problem.source.with_(made.source))
        return made

    def _read(self) -> Problem:
        options: dict[str, Any] = {
            "target": self.target,
            "center": self.center,
            "weights": self.weights,
            "columns": split_names(self.columns) if self.columns else None,
            "drop": split_names(self.drop),
            "missing": self.missing,
            "categories": self.categories,
            "drop_first": self.drop_first,
            "delimiter": self.delimiter,
            "decimal": self.decimal,
            "thousands": self.thousands,
            "percent": self.percent,
            "encoding": self.encoding,
            "header": self.header,
            "skip_lines": self.skip_lines,
            "sheet": self.sheet,
            "arrays": dict(map(named_array, split_names(self.arrays))),
        }
        if self.data in DATASETS and not os.path.isfile(self.data):
            return DATASETS[self.data].load(**options)
        refuse_absent(self.data)
        return read_problem(self.data, **options)

    def words(self) -> list[str]:
        """The options that differ from their defaults, as one would type them."""
        found: list[str] = []
        changed = [part for part in fields(self)[1:] if getattr(self, part.name) != default_of(part)]
        for declared in changed:
            value, flag = getattr(self, declared.name), "--" + declared.name.replace("_", "-")
            if isinstance(value, bool):
                found.append(flag if value else f"--no-{declared.name}")
            else:
                found += [w for v in (value if isinstance(value, list) else [value]) for w in (flag, str(v))]
        return found

    def describe(self, problem: Problem) -> str:
        """One line: shape, and what was assumed: floats taken at face value, rows made from weighted ones."""
        parts = [f"{problem.n} × {problem.d}"]
        if self.data in DATASETS and self.target is None:
            parts.append(f"target {DATASETS[self.data].target}")
        if isinstance(problem, RealProblem):
            parts.append("real numbers given by expressions")
        floats = sorted(problem.source.kinds - {WEIGHTED})
        if floats:
            parts.append(f"{'+'.join(floats)} floats at their exact dyadic value")
        if WEIGHTED in problem.source.kinds:
            parts.append("rows made from weighted ones")
        network = problem.network.bare
        if network != Network():
            parts.append(f"{network}, real time {network.clock}")
        if self.standardize:
            parts.append("columns of unit norm, β in the units of X")
        elif problem.network.units is not None:
            parts.append("columns divided by their units, β in the units of X")
        elif not problem.is_standard:
            parts.append("general thresholds or initial dual")
        return ", ".join(parts)

    def print_heading(self, problem: Problem) -> None:
        """Print which problem the command is about."""
        say(f"{self.data}: {self.describe(problem)}", style="bold")


def default_of(declared: Field[Any]) -> Any:
    """What an option is where it is not given; ``inspect.Parameter.empty`` where it has to be."""
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return inspect.Parameter.empty if declared.default is MISSING else declared.default
