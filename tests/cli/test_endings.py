"""How the command ends when the world is against it: a stated exit code, at most one line, no traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from exactsaddle.cli import INTERRUPTED, NOBODY_READS, UNFORESEEN
from proofs_checks import check_path
from tests.support.command import run

COMMAND = [sys.executable, "-c", "from exactsaddle.cli import main; main()"]


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which $X is the command."""
    quoted = f"{sys.executable} -c 'from exactsaddle.cli import main; main()'"
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; x() {{ {quoted} "$@"; }}; {line}'],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done


@pytest.mark.parametrize("command", ["path planted", "--help"])
def test_a_full_disk_behind_standard_output_is_not_a_verdict(command: str) -> None:
    done = shell(f"x {command} > /dev/full")
    assert done.returncode == UNFORESEEN
    assert done.stderr == "error: cannot write standard output: No space left on device\n"


@pytest.mark.parametrize("command", ["path planted --json", "--version"])
def test_a_closed_standard_output_is_not_a_verdict(command: str) -> None:
    done = shell(f"x {command} >&-")
    assert done.returncode == UNFORESEEN
    assert done.stderr == "error: cannot write standard output: it is closed\n"


@pytest.mark.parametrize("command", ["path diabetes --json", "datasets"])
def test_a_reader_that_leaves_is_left_in_silence(command: str) -> None:
    done = shell(f"x {command} | true")
    assert (done.returncode, done.stderr) == (NOBODY_READS, "")


def test_lost_standard_error_changes_no_verdict_and_stops_no_error() -> None:
    assert shell("x path planted 2>/dev/full").returncode == 0
    assert shell("x path planted 2>&-").returncode == 0
    assert shell("x path nothing 2>/dev/full").returncode == UNFORESEEN


def test_an_encoding_without_the_characters_gets_escapes() -> None:
    done = shell("x path planted", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert "\\xd7" in done.stdout
    found = json.loads(shell("x path planted --json", PYTHONIOENCODING="ascii", PYTHONUTF8="0").stdout)
    assert found == json.loads(run("path", "planted", "--json").stdout)


def test_what_nobody_foresaw_is_one_bounded_line_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a\x1b[31m\nb" + "c" * 9999)

    monkeypatch.setattr("exactsaddle.path.algorithm.iterate_saddles", broken)
    done = run("path", "planted")
    assert (done.returncode, done.stdout) == (UNFORESEEN, "")
    assert done.stderr.startswith("error: unforeseen ZeroDivisionError: a\\x1b[31m\\nbccc")
    assert "algorithm.py:" in done.stderr
    assert (done.stderr.count("\n"), len(done.stderr) < 1000) == (1, True)


def test_no_room_for_temporary_files_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d.csv").write_text("a,y\n1,2\n")
    cert = tmp_path / "c.json"

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("mkstemp", "mkdtemp", "TemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, full)
    for arguments in (["path", tmp_path / "d.csv"], ["path", tmp_path / "d.csv", "-o", cert]):
        done = run(*arguments)
        assert done.returncode in (2, UNFORESEEN)
        said = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
        assert len(said) == 1
        assert "No space left" in said[0]


@pytest.mark.parametrize("milliseconds", [200, 700])
def test_ctrl_c_while_modules_are_loaded_says_nothing(milliseconds: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "slow.npz", X=rng.normal(size=(80, 160)), y=rng.normal(size=80))
    # a shell's background job is started with SIGINT ignored, and so would be what it starts
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code = heard + "from exactsaddle.cli import main\nprint('begun', flush=True); main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "path", str(tmp_path / "slow.npz"), "--arithmetic", "rational"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(milliseconds / 1000)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert said == ""
    assert process.returncode in (INTERRUPTED, 3)  # 3: it was solving already, and kept the prefix


def test_the_command_begins_before_anything_is_loaded() -> None:
    code = "import sys, exactsaddle.cli; print([m for m in ('flint', 'numpy', 'typer') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_control_characters_of_a_file_are_shown_and_do_not_act(tmp_path: Path) -> None:
    place = tmp_path / "names.csv"
    place.write_text('"\x1b[31mred","a\u202eb",y\n1,0,1\n0,1,3\n')
    done = shell(f"x path {place}")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "␛[31mred" in done.stdout
    printed = run("path", place, "--json").stdout
    assert "\u202e" not in printed
    assert json.loads(printed)["problem"]["names"] == ["\x1b[31mred", "a\u202eb"]


def test_a_checker_that_stops_has_not_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "c.json"
    assert run("path", "planted", "-o", place).returncode == 0
    stops = [sys.executable, "-c", "raise KeyError(5)"]
    monkeypatch.setattr("exactsaddle.cli.check.checker_command", lambda *_, **__: stops)
    done = run("check", place)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (UNFORESEEN, "", 1)
    alone = Path(check_path.__file__)
    full = shell(f"{sys.executable} -I {alone} {place} > /dev/full")
    assert full.returncode == UNFORESEEN
    assert full.stderr == "cannot write standard output: No space left on device\n"
    assert shell(f"{sys.executable} -I {alone} {place} | true").stderr == ""
