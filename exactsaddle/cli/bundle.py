"""``exactsaddle bundle``: the ancillary files of a paper, which anyone can check with Python alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from exactsaddle import __version__
from exactsaddle.base import InvalidInput, Status
from exactsaddle.cli.data import Given
from exactsaddle.cli.options import AsJson, Engine, MaxBits, MaxSaddles
from exactsaddle.cli.path import solve
from exactsaddle.cli.report import stored_certificate
from exactsaddle.cli.taking import takes_data
from exactsaddle.cli.terminal import print_json, progress_bar, say, say_verdict
from exactsaddle.path import MAX_BITS, MAX_SADDLES
from exactsaddle.problem import RealProblem
from exactsaddle.report.contents.origin import CERTIFICATE
from exactsaddle.report.findings import Certified
from exactsaddle.report.paper import bundle_files, prepare_bundle, write_bundle


@takes_data()
def bundle_command(
    data: Given,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="A new or empty folder, or an earlier bundle."),
    ] = Path("anc"),
    arithmetic: Engine = "auto",
    max_saddles: MaxSaddles = MAX_SADDLES,
    max_bits: MaxBits = MAX_BITS,
    as_json: AsJson = False,
) -> None:
    """The ancillary files of a paper: problem, certificate, checker, and a README with the one command.

    DATA may also be a certificate; a rejected one is not bundled. A prefix is bundled, and unchecked.
    Exit codes: 0 verified, 1 rejected, 2 bad input or files of others in the folder, 3 unchecked.

    Examples:

      exactsaddle bundle diabetes -o anc/

      exactsaddle bundle data.csv --target price --center -o anc/

      exactsaddle bundle cert.json -o anc/
    """
    prepare_bundle(output)
    stored = stored_certificate(data)
    if stored is not None:
        problem, certified = stored.problem, Certified.stored(stored)
    else:
        problem = data.load(irrational=True)
        if isinstance(problem, RealProblem):
            raise InvalidInput(f"{data.data}: there is no certificate for entries that are expressions")
        path = solve(problem, arithmetic, max_saddles=max_saddles, max_bits=max_bits)
        with progress_bar("checking the certificate"):
            certified = Certified.of(path)
    verdict = certified.verdict
    files = bundle_files(problem, certified, __version__)
    written = () if verdict.status is Status.REJECTED else write_bundle(output, files)
    if as_json:
        print_json(
            {
                "files": {place.name: str(place) for place in written},
                "digest": problem.digest,
                "certificate_sha256": hashlib.sha256(files[CERTIFICATE].encode()).hexdigest(),
                "verdict": verdict.status.value,
                "evidence": verdict.evidence,
            }
        )
    else:
        for place in written:
            say(f"wrote {place}")
        say_verdict(verdict.status, verdict.evidence)
    raise typer.Exit(verdict.status.exit_code)
