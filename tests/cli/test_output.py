"""What all commands have in common: --help, --quiet, --json, output without boxes, completion."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from exactsaddle import Problem
from exactsaddle.cli import app
from exactsaddle.cli.commands import COMMANDS, EXIT_CODES
from tests.support.campaign_workers import SMALL, InProcess
from tests.support.command import COMMAND, run, run_apart
from tests.support.training import X, Y, train

BOXES = re.compile("[\u2500-\u259f]")
LISTINGS = ("datasets", "guide")
SAMPLES: dict[str, str] = {
    "path": "planted",
    "report": "planted --format md --no-flow -o out",
    "bundle": "planted -o anc",
    "check": "cert.json",
    "lasso": "planted --relation",
    "minimisers": "planted --general-position",
    "flow": "planted --alpha 1e-20 --times 1/100 --digits 10",
    "converge": "small.csv --alphas 1e-10 --digits 20",
    "resolve": "planted",
    "claims": "--only conservation",
    "audit": "data.json run.npz --alpha 1e-4 --no-flow --step 0.01",
    "fuzz": "--examples 1 --families near-tie",
    "gallery": "--only exact-tie",
    "datasets": "",
    "guide": "api",
    "campaign new": "again.toml",
    "campaign run": "spec.toml -o done",
    "campaign resume": "done",
    "campaign status": "done",
    "campaign report": "done -o out --format md",
    "campaign search": "--size 1x2 --grid 1 --method exhaustive",
}
"""Arguments for every command, in the folder of the fixture ``place``."""


def commands() -> Iterator[str]:
    tree: Any = typer.main.get_command(app)
    for name in COMMANDS:
        below = getattr(tree.get_command(None, name), "commands", None)
        yield from [name] if below is None else [f"{name} {sub}" for sub in below]


def samples() -> list[Any]:
    slow = {"gallery"}
    return [pytest.param(name, marks=pytest.mark.slow) if name in slow else name for name in SAMPLES]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the samples read."""
    folder = tmp_path_factory.mktemp("samples")
    Problem(X, Y).save(folder / "data.json")
    (folder / "small.csv").write_text("a,y\n1,1\n", encoding="utf-8")
    (folder / "spec.toml").write_text(SMALL.format(count=1, chunk=4), encoding="utf-8")
    np.savez(folder / "run.npz", **train(1e-4, 0.01, 2000))
    return folder


@pytest.fixture
def place(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("exactsaddle.campaign.driver._engine", lambda workers, scheduler: InProcess())
    monkeypatch.setattr("exactsaddle.cli.terminal.err._force_terminal", False)
    return shutil.copytree(template, tmp_path, dirs_exist_ok=True)


def sample(name: str, place: Path, *options: str) -> Any:
    """A command with the arguments of its sample, after what it needs."""
    if name == "check":
        run("path", "planted", "-o", "cert.json", cwd=place)
    if name in ("campaign resume", "campaign status", "campaign report"):
        run("campaign", "run", *SAMPLES["campaign run"].split(), cwd=place)
    return run(*name.split(), *SAMPLES[name].split(), *options, cwd=place)


def test_every_command_has_a_sample() -> None:
    assert set(SAMPLES) == set(commands())


@pytest.mark.parametrize("name", samples())
def test_quiet_leaves_the_verdict_and_nothing_is_framed(name: str, place: Path) -> None:
    whole = sample(name, place)
    assert not BOXES.search(whole.stdout + whole.stderr)
    if name in LISTINGS:
        assert len(whole.stdout.splitlines()) > 1
        assert run(*name.split(), "--quiet").returncode == 2
        return
    quiet = sample(name, place, *(["--force"] if name == "campaign new" else []), "--quiet")
    assert quiet.returncode == whole.returncode, whole.stderr
    assert quiet.stderr == ""
    lines = quiet.stdout.splitlines()
    assert len(lines) == (name != "campaign new")
    if name not in ("campaign run", "campaign resume", "campaign status", "fuzz"):  # which state seconds
        assert set(lines) <= set(whole.stdout.splitlines())


@pytest.mark.parametrize("name", ["", "campaign", *SAMPLES])
def test_help_states_the_exit_codes_and_is_plain(name: str) -> None:
    done = run(*name.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.split())
    assert words.count(EXIT_CODES) == 1
    assert not BOXES.search(done.stdout)
    assert ("--quiet" in words) == (name not in ("", "campaign", *LISTINGS))


def test_usage_errors_on_a_pipe_are_plain() -> None:
    done = run_apart("path", "planted", "--frob")
    assert done.returncode == 2
    assert "No such option: --frob" in done.stderr
    assert not BOXES.search(done.stdout + done.stderr)


def test_quiet_leaves_errors(tmp_path: Path) -> None:
    done = run("path", tmp_path / "nothing.csv", "-q")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert run("path", "planted").stdout.count("\n") > 1  # quiet ended with the command that asked for it


def test_json_into_jq_is_all_there_is_on_standard_output(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("# made by hand\na;b;y\n1;0;1\n0;;2\n0;1;3\n", encoding="utf-8")
    arguments = ("d.csv", "--missing", "drop", "--json")
    done = run_apart("path", *arguments, cwd=tmp_path)
    assert done.returncode == 0
    assert "1 of 3 rows left out" in done.stderr
    document, end = json.JSONDecoder().raw_decode(done.stdout)
    assert (document["verdict"], done.stdout[end:]) == ("verified", "\n")
    quiet = run("path", *arguments, "--quiet", cwd=tmp_path)
    assert (quiet.stdout, quiet.stderr) == (done.stdout, "")


@pytest.mark.parametrize(
    "command",
    [
        "flow --alpha 1e-5 --times 1 --digits 8",
        "converge --alphas 1e-5 --digits 15",
        "resolve",
        "minimisers",
    ],
)
def test_json_says_how_the_table_was_read(tmp_path: Path, command: str) -> None:
    (tmp_path / "d.csv").write_text("a;y\n1;1\n;2\n", encoding="utf-8")
    name, *options = command.split()
    shared = ("d.csv", "--missing", "drop", "--json")
    found = json.loads(run(name, *shared, *options, cwd=tmp_path).stdout)["problem"]
    of_path = json.loads(run("path", *shared, cwd=tmp_path).stdout)["problem"]
    assert any("1 of 2 rows left out" in sentence for sentence in found["reading"])
    for key in ("digest", "names", "reading"):
        assert found[key] == of_path[key]


def test_help_in_a_terminal_is_framed() -> None:
    terminal, side = pty.openpty()
    process = subprocess.Popen([*COMMAND, "resolve", "--help"], stdout=side, stderr=side, stdin=side)
    os.close(side)
    said = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            said += os.read(terminal, 65536)
        except OSError:  # Linux: the other side is closed
            break
    os.close(terminal)
    assert process.wait() == 0
    assert BOXES.search(said.decode())


def test_completion_is_shown_installed_and_completes(tmp_path: Path) -> None:
    script = tmp_path / "exactsaddle"
    script.write_text(f"#!{sys.executable}\nfrom exactsaddle.cli import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def bash(line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", f"{line}; exit $?"], capture_output=True, text=True, check=True, env=environment
        )
        assert done.stderr == ""
        return done.stdout

    shown = bash("exactsaddle --show-completion")
    assert "complete -o default -F _exactsaddle_completion exactsaddle" in shown
    assert "bash completion installed" in bash("exactsaddle --install-completion")
    installed = (tmp_path / ".bash_completions" / "exactsaddle.sh").read_text(encoding="utf-8")
    assert installed.strip() == shown.strip()
    typed = '. "$HOME/.bash_completions/exactsaddle.sh"; COMP_WORDS=(exactsaddle res) COMP_CWORD=1'
    assert bash(f'{typed}; _exactsaddle_completion exactsaddle; echo "${{COMPREPLY[@]}}"') == "resolve\n"
