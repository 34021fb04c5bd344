"""DATA and its options, as every command reads them: a file or a packaged name, made a problem."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from exactsaddle.base import InvalidInput
from exactsaddle.cli.terminal import say
from exactsaddle.numbers import shorten
from exactsaddle.problem import DATASETS, WEIGHTED, Problem, RealProblem, problem_of, read_problem

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
Weights = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Column of weights w ≥ 0, by name or index: minimise Σ w(y − xβ)²/2n, exactly; --center "
        "subtracts weighted means.",
    ),
]
Standardize = Annotated[
    bool,
    typer.Option(
        "--standardize",
        help="Divide every column of X by its norm ‖X_j‖₂ (after --center, if given). Thresholds and dual "
        "are those of the unit-norm columns; beta is printed in the units of X.",
    ),
]
Resolution = Annotated[
    str | None,
    typer.Option(
        metavar="DELTA",
        help="How sharply X and y were given: every number within DELTA, as in 1e-6; or exact, binary64, "
        "binary32.  [default: half a unit of a float's last place, or of the last decimal in a column]",
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


def load_problem(
    data: str,
    *,
    target: str | None = None,
    center: bool = False,
    weights: str | None = None,
    standardize: bool = False,
    lower: list[str] | None = None,
    upper: list[str] | None = None,
    dual: list[str] | None = None,
    resolution: str | None = None,
    irrational: bool = False,
) -> Problem:
    """The problem that DATA and its options name; raises InvalidInput or UnreadableFile.

    Irrational numbers are refused unless the command says that it takes them.
    """
    if data in DATASETS and not os.path.isfile(data):
        problem = DATASETS[data].load(target=target, center=center, weights=weights)
    else:
        _refuse_absent(data)
        problem = read_problem(data, target=target, center=center, weights=weights)
    fields = {
        field: assign(problem.content()[field], assignments, problem.names, f"--{field}")
        for field, assignments in (("lower", lower), ("upper", upper), ("dual", dual))
        if assignments
    }
    if fields:
        whole = {**problem.to_json(), "resolution": problem.resolution, **fields}
        problem = problem_of(whole) if irrational else problem.replace(**fields)
    if not (irrational or problem.is_rational):
        raise InvalidInput(
            f"{shorten(data, 200)} holds irrational numbers, which only `exactsaddle path` takes"
        )
    if resolution is not None:
        if isinstance(problem, RealProblem):
            raise InvalidInput("--resolution: entries that are expressions are exact")
        problem = problem.replace(resolution=resolution)
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
    kinds = problem.source.split("+")
    floats = [kind for kind in kinds if kind not in ("exact", WEIGHTED)]
    if floats:
        parts.append(f"{'+'.join(floats)} floats at their exact dyadic value")
    if WEIGHTED in kinds:
        parts.append("rows made from weighted ones")
    if standardized:
        parts.append("columns of unit norm, β in the units of X")
    elif not problem.is_standard:
        parts.append("general thresholds or initial dual")
    return ", ".join(parts)


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


def print_heading(problem: Problem, data: str, target: str | None, *, standardized: bool = False) -> None:
    """Print which problem the command is about."""
    say(f"{data}: {describe_problem(problem, data, target, standardized=standardized)}", style="bold")
