"""The independent checkers of proofs_checks: where they are, and how they are run."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from exactsaddle.base import InvalidInput, MalformedCertificate, Status, Verdict
from exactsaddle.problem import Problem

EXACT_CHECKER = "check_path.py"
INTERVAL_CHECKER = "check_path_interval.py"


def run_checker(
    text: str,
    problem: Problem | None = None,
    checker: str = EXACT_CHECKER,
    claim: str = "path",
    options: tuple[str, ...] = (),
) -> Verdict:
    """What a program of proofs_checks, with these options, decides about a certificate, in its own process.

    Raises MalformedCertificate when it decides nothing.
    """
    with TemporaryDirectory(prefix="exactsaddle-") as folder:
        certificate = Path(folder) / "certificate.json"
        certificate.write_text(text, encoding="utf-8")
        arguments = [str(certificate), *options]
        if problem is not None:
            problem.save(Path(folder) / "problem.json")
            arguments += ["--problem", str(Path(folder) / "problem.json")]
        command = checker_command(*arguments, checker=checker)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        said = done.stderr.strip().replace(f"{certificate}: ", "")  # a file the caller never named
        raise MalformedCertificate(said or f"the checker ended with {done.returncode}")
    status, _, evidence = done.stdout.strip().partition(": ")
    return Verdict(claim, Status(status), evidence)


def checker_command(*arguments: str, checker: str = EXACT_CHECKER) -> list[str]:
    """The command line that runs an independent checker in an isolated interpreter."""
    return [sys.executable, "-I", str(_place_of(checker)), *arguments]


def checker_source(checker: str) -> str:
    """The text of an independent checker: one file of Python."""
    return _place_of(checker).read_text(encoding="utf-8")


def _place_of(checker: str) -> Path:
    spec = find_spec("proofs_checks")
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput("proofs_checks, which ships with exactsaddle, is not installed")
    return Path(spec.submodule_search_locations[0]) / checker
