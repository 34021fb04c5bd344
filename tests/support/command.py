"""The command line, as a shell runs it: within this process, which is fast, or in one of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from exactsaddle.cli import main
from exactsaddle.cli.terminal import out as console

COMMAND = [sys.executable, "-c", "from exactsaddle.cli import main; main()"]


@dataclass(frozen=True)
class Done:
    """What the command left."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str | Path, cwd: Path | None = None, columns: int = 120) -> Done:
    """The command within this process, on a terminal so wide. What it does not expect, it raises."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with (
        patch.object(sys, "argv", ["exactsaddle", *map(str, arguments)]),
        patch.dict(os.environ, {"COLUMNS": str(columns)}),
        patch.object(console, "_width", columns),  # whatever it was when somebody first loaded it
        chdir(cwd or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    return Done(int(code or 0), out.getvalue(), err.getvalue())


def run_apart(*arguments: str | Path, cwd: Path | None = None) -> Done:
    """The command in a process of its own."""
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env={**os.environ, "COLUMNS": "120"}
    )
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)
