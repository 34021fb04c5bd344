"""The native program, built once where it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.proved.programs import FOLDER


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder, with the native program in it, for all workers of a run."""
    if (FOLDER / "check_proved").exists():
        return FOLDER
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    copied = shared / "proved"
    with (shared / "proved.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (copied / "check_proved").exists():
            shutil.copytree(FOLDER, copied, dirs_exist_ok=True)
            subprocess.run(["make", "-s", "-C", str(copied)], check=True, capture_output=True)
    return copied


@pytest.fixture(scope="session")
def checker(built: Path) -> str:
    return str(built / "check_proved")


@pytest.fixture(scope="session")
def many_checker(built: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The native program again, for a certificate on each line."""
    folder = tmp_path_factory.mktemp("lines")
    names = ["integer.ml", "json.ml", "sha256.ml", "proved.mli", "proved.ml"]
    names += ["number.ml", "reader.ml", "written.ml", "report.ml"]
    for name in names:
        shutil.copy(built / "build" / name, folder)
    shutil.copy(Path(__file__).with_name("lines.ml"), folder)
    flags = ["-w", "-20", "-package", "zarith", "-linkpkg"]
    command = ["ocamlfind", "ocamlopt", *flags, *names, "lines.ml", "-o", "lines"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return str(folder / "lines")
