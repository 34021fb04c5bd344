"""``exactsaddle check``: run the independent checker in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from exactsaddle.base import ProofFailed
from exactsaddle.certificates import checker_command, checker_of, proved_command, states_stop
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.terminal import progress_bar


def check_command(
    certificate: Annotated[
        Path, typer.Argument(metavar="CERT", help="A certificate, as `path -o` writes it.")
    ],
    problem: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The problem, in JSON, of a detached certificate.")
    ] = None,
    proved: Annotated[
        bool, typer.Option("--proved", help="Run the checker whose soundness is a theorem in Coq.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a certificate with a program that shares no code with the solver.

    It uses the standard library only; the same file runs alone: python -I check_path.py cert.json
    (beside it check_path_interval.py for a certificate of events, check_lasso.py for a Lasso path,
    check_descent.py for the path of an optimiser). A path that ends at a stop is verified up to there.
    With --proved it is the program of proofs_checks/proved, native if built, else under node.

    Examples:

      exactsaddle check cert.json

      exactsaddle check detached.json --problem problem.json

      exactsaddle check cert.json --proved
    """
    arguments = [str(certificate)]
    if problem is not None:
        arguments += ["--problem", str(problem)]
    if as_json:
        arguments.append("--json")
    checker = checker_of(certificate)
    if proved:
        command = proved_command(*arguments, checker=checker, stopped=states_stop(certificate))
    else:
        command = checker_command(*arguments, checker=checker)
    with progress_bar("checking"):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    # 1 is also Python's own code for an exception, which prints no verdict
    if done.returncode not in range(4) or (done.returncode == 1 and not done.stdout):
        raise ProofFailed(f"the checker ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    raise typer.Exit(done.returncode)
