"""The checker whose soundness is a theorem (proofs_checks/proved): its program, and what it says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import proofs_checks
from exactsaddle.base import InvalidInput, ProofFailed, Status, Verdict
from exactsaddle.certificates.checkers import EXACT_CHECKER

Kind = Literal["native", "JavaScript"]
FOLDER = Path(proofs_checks.__file__).parent / "proved"
MAX_WORK: Mapping[Kind, int] = {"native": 10**10, "JavaScript": 10**7}
"""Word operations that a second opinion may cost: some seconds; under node or in a browser about one."""


@dataclass(frozen=True)
class ProvedChecker:
    """A way to run it: the words of a command, and whether they name the native program or the script."""

    kind: Kind
    command: tuple[str, ...]

    @classmethod
    def here(cls, folder: Path = FOLDER) -> ProvedChecker | None:
        """The native program where it is built, else the script under node, else None."""
        native, node = folder / "check_proved", shutil.which("node")
        if native.exists():
            return cls("native", (str(native),))
        return None if node is None else cls("JavaScript", (node, str(folder / "check_proved.js")))

    def decide(self, text: str) -> Verdict | None:
        """What it says of a certificate of version 1; None where that would take more than MAX_WORK.

        Raises ProofFailed where it comes to no verdict.
        """
        command = [*self.command, "--json", "--max-work", str(MAX_WORK[self.kind]), "-"]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
        if done.returncode not in (0, 1, 3) or not done.stdout:
            said = done.stderr.decode(errors="replace").strip()[-300:]
            raise ProofFailed(f"the proved checker ({self.kind}) ended with {done.returncode}: {said}")
        report = json.loads(done.stdout)
        return None if report["beyond"] else Verdict("path", Status(report["verdict"]), report["message"])

    def confirms(self, text: str, verdict: Verdict) -> bool:
        """Whether it agrees with check_path.py's verdict; False where that was not decided within MAX_WORK.

        Raises ProofFailed where the two disagree, which is a defect of one of them.
        """
        found = self.decide(text)
        if found is None:
            return False
        if found.status is not verdict.status or not verdict.evidence.startswith(found.evidence):
            raise ProofFailed(
                f"the checkers disagree: {EXACT_CHECKER} says {verdict.status.value}: {verdict.evidence}; "
                f"the proved checker ({self.kind}) says {found.status.value}: {found.evidence}"
            )
        return True


def proved_command(
    *arguments: str, checker: str = EXACT_CHECKER, stopped: bool = False, folder: Path = FOLDER
) -> list[str]:
    """The command line of the proved checker, for ``exactsaddle check``.

    checker is the program that would decide the certificate otherwise, stopped whether it states a stop: the
    proofs are about version 1 alone.
    """
    if checker != EXACT_CHECKER or stopped:
        of = "that state a stop" if stopped else f"of {checker}"
        raise InvalidInput(f"--proved: certificates {of} have no proved checker")
    found = ProvedChecker.here(folder)
    if found is None:
        raise InvalidInput(f"--proved: build the native program (make -C {folder}), or install node")
    return [*found.command, *arguments]


def proved_script() -> str:
    """The proved checker as one script for browsers, as it ships."""
    return (FOLDER / "check_proved.js").read_text(encoding="utf-8")
