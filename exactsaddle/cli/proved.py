"""The command line of the checker whose soundness is a theorem (proofs_checks/proved)."""

from __future__ import annotations

import shutil
from pathlib import Path

import proofs_checks
from exactsaddle.base import InvalidInput
from exactsaddle.certificates import EXACT_CHECKER

FOLDER = Path(proofs_checks.__file__).parent / "proved"


def proved_command(*arguments: str, checker: str = EXACT_CHECKER, folder: Path = FOLDER) -> list[str]:
    """The native program where it is built, else the script that ships, under node.

    checker is the program that would decide the certificate otherwise: the proofs are about version 1 alone.
    """
    if checker != EXACT_CHECKER:
        raise InvalidInput(f"--proved: certificates of {checker} have no proved checker")
    native, node = folder / "check_proved", shutil.which("node")
    if native.exists():
        return [str(native), *arguments]
    if node is None:
        raise InvalidInput(f"--proved: build the native program (make -C {folder}), or install node")
    return [node, str(folder / "check_proved.js"), *arguments]
