"""A path on its way into a paper: ``SaddlePath.to_latex()``, and the ancillary files that go with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from exactsaddle.base import InvalidInput, visible, write_atomically
from exactsaddle.certificates import EXACT_CHECKER, INTERVAL_CHECKER, checker_source
from exactsaddle.path import SaddlePath
from exactsaddle.problem import Problem, RealProblem
from exactsaddle.report.contents.origin import CERTIFICATE
from exactsaddle.report.findings import Certified
from exactsaddle.report.renderers.tex import latex_document, latex_of

PROBLEM = "problem.json"
README = "README.txt"
NAMES = (README, PROBLEM, CERTIFICATE, EXACT_CHECKER, INTERVAL_CHECKER)
"""Every file that a bundle may hold."""
_TITLE = "A certified saddle-to-saddle path\n"


def path_to_latex(path: SaddlePath, *, document: bool = False, everything: bool = False) -> str:
    """See ``SaddlePath.to_latex``."""
    certified = None if isinstance(path.problem, RealProblem) else Certified.of(path)
    shown = path if everything else path.above_rounding
    body = latex_of(shown, certified, beyond=len(path) - len(shown))
    return latex_document(body) if document else body


def bundle_files(problem: Problem, certified: Certified, version: str) -> dict[str, str]:
    """The files of a bundle by name: what a reader needs to check a path with Python alone."""
    checkers = (EXACT_CHECKER,) if certified.checker == EXACT_CHECKER else (INTERVAL_CHECKER, EXACT_CHECKER)
    texts = {name: checker_source(name) for name in checkers}
    problem_text = problem.to_text() + "\n"
    digests = {PROBLEM: problem_text, CERTIFICATE: certified.text, **texts}
    readme = (
        f"{_TITLE}\n"
        f"Check it with Python 3.11 or later; nothing needs to be installed:\n\n"
        f"    python -I -B {certified.checker} {CERTIFICATE} --problem {PROBLEM}\n\n"
        f"Exit code 0 means verified, 1 rejected, 2 malformed, 3 unchecked. Said of these files:\n\n"
        f"    {certified.verdict.status.value}: {visible(certified.verdict.evidence)}\n\n"
        f"{PROBLEM}      the data, exactly\n"
        f"{CERTIFICATE}  the path: every saddle, and what is claimed of it\n"
        f"{', '.join(checkers)}: the checker, standard library only, none of the solver's code\n\n"
        f"Digest of the problem: {problem.digest}\n"
        f"Written by exactsaddle {version}. SHA-256 of the files:\n\n"
        + "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in digests.items())
    )
    return {README: readme, **digests}


def write_bundle(folder: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Write the files, README last, into a folder that ``prepare_bundle`` takes for them."""
    prepare_bundle(folder, files)
    for name in sorted(files, key=lambda name: name == README):
        write_atomically(folder / name, files[name])
    return tuple(folder / name for name in files)


def prepare_bundle(folder: Path, names: Collection[str] = NAMES) -> None:
    """Make the folder, or see that it is empty or a bundle with files of these names only.

    Raises InvalidInput naming the file that is in the way: nothing of anybody else's is overwritten, and an
    archive gets nothing that does not belong to it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = sorted(entry.name for entry in folder.iterdir())
        readme = folder / README
        ours = readme.is_file() and readme.read_bytes().startswith(_TITLE.encode())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(f"cannot use the folder {str(folder)!r}: {reason}") from error
    foreign = [name for name in found if name not in names or not ours]
    if foreign:
        raise InvalidInput(
            f"{folder} holds {foreign[0]!r}, which is not of this bundle: name an empty folder, or remove it"
        )
