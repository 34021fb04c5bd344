"""``exactsaddle check``: run the independent checker in its own process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from exactsaddle.base import InvalidInput, ProofFailed, Status
from exactsaddle.certificates import (
    checker_command,
    checker_of,
    proved_command,
    states_penalty,
    states_stop,
)
from exactsaddle.cli.data import Given
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import print_json, progress_bar, say_verdict
from exactsaddle.problem import parse_json, read_text

ProblemPlace = Annotated[
    str,
    typer.Option(
        "--problem",
        metavar="DATA",
        show_default=False,
        help="The problem of a detached certificate: its JSON, or the data that it came from, with the "
        "options they were read with.",
    ),
]


@takes_data(option=ProblemPlace)
def check_command(
    data: Given,
    certificate: Annotated[
        Path, typer.Argument(metavar="CERT", help="A certificate, as `path -o` writes it.")
    ],
    proved: Annotated[
        bool, typer.Option("--proved", help="Run the checker whose soundness is a theorem in Coq.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a certificate with a program that shares no code with the solver.

    It uses the standard library only; the same file runs alone: python -I check_path.py cert.json
    (beside it check_path_interval.py for a certificate of events, check_lasso.py for a Lasso path,
    check_lasso_interval.py for one by its events, check_descent.py for the path of an optimiser other than
    weight decay). A path that ends at a stop is verified up to there.
    With --proved it is the program of proofs_checks/proved, native if built, else under node.

    Examples:

      exactsaddle check cert.json

      exactsaddle check detached.json --problem problem.json

      exactsaddle check detached.json --problem data.csv --target price --center

      exactsaddle check cert.json --proved
    """
    checker = checker_of(certificate)
    if proved and states_penalty(certificate):
        message = "versions 5 and 6, which state a penalty, are not decided by the proved checker"
        if as_json:
            print_json({"verdict": Status.UNCHECKED.value, "message": message})
        else:
            say_verdict(Status.UNCHECKED, message)
        raise typer.Exit(Status.UNCHECKED.exit_code)
    with _problem_file(data) as problem, progress_bar("checking"):
        arguments = [str(certificate), *problem, *(["--json"] if as_json else [])]
        if proved:
            command = proved_command(*arguments, checker=checker, stopped=states_stop(certificate))
        else:
            command = checker_command(*arguments, checker=checker)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    # 1 is also Python's own code for an exception, which prints no verdict
    if done.returncode not in range(4) or (done.returncode == 1 and not done.stdout):
        raise ProofFailed(f"the checker ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    raise typer.Exit(done.returncode)


@contextmanager
def _problem_file(data: Given) -> Iterator[list[str]]:
    """The checker's option for the problem.

    JSON goes to it as it is, without a network; data are read, and written as JSON.
    """
    if not data.data:
        if data.words():
            raise InvalidInput(f"{data.words()[0]} says how DATA is read: --problem DATA is missing")
        yield []
    elif data.data.lower().endswith(".json") and not data.words() and not _holds_network(data.data):
        yield ["--problem", data.data]
    else:
        with TemporaryDirectory() as folder:
            place = Path(folder, "problem.json")
            place.write_text(data.load(irrational=True).to_text(), encoding="utf-8")
            yield ["--problem", str(place)]


def _holds_network(place: str) -> bool:
    """Whether a problem in JSON names its network, which only this package reads."""
    try:
        document = parse_json(read_text(place))
    except InvalidInput:
        return False  # the checker says what is wrong
    return isinstance(document, dict) and "network" in document
