"""``exactsaddle bundle``: what is in the folder verifies by itself, and nobody's file is overwritten."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exactsaddle import load_dataset
from tests.support.command import run
from tests.support.places import CERTIFICATES


def command_of(folder: Path) -> list[str]:
    """The one command that the README names."""
    text = (folder / "README.txt").read_text(encoding="utf-8")
    (command,) = re.findall(r"^    python (.*)$", text, re.MULTILINE)
    return [sys.executable, *command.split()]


@pytest.mark.parametrize(
    ("options", "checkers"),
    [
        ((), {"check_path.py"}),
        (("--depth", "3"), {"check_path.py"}),
        (("--standardize",), {"check_path.py", "check_path_interval.py"}),
    ],
)
def test_the_command_of_the_readme_verifies_the_bundle(
    options: tuple[str, ...], checkers: set[str], tmp_path: Path
) -> None:
    folder = tmp_path / "anc"
    done = run("bundle", "planted", *options, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert re.match(r"verified: \d saddles", done.stdout.splitlines()[-1])
    names = {place.name for place in folder.iterdir()}
    assert names == {"README.txt", "problem.json", "certificate.json", *checkers}
    command = command_of(folder)
    assert command[1] == "-I"
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout.split(":")[0]) == (0, "verified"), checked.stderr
    assert {place.name for place in folder.iterdir()} == names
    listed = dict(
        reversed(line.split("  "))
        for line in (folder / "README.txt").read_text().splitlines()
        if re.match("[0-9a-f]{64}  ", line)
    )
    assert listed == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names - {"README.txt"}
    }
    changed = (folder / "problem.json").read_text().replace('"1', '"2', 1)
    (folder / "problem.json").write_text(changed)
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 1


def test_json_says_the_digests(tmp_path: Path) -> None:
    done = run("bundle", "planted", "-o", tmp_path / "anc", "--json")
    document = json.loads(done.stdout)
    assert document["verdict"] == "verified"
    assert document["digest"] == load_dataset("planted").digest
    certificate = (tmp_path / "anc" / "certificate.json").read_bytes()
    assert document["certificate_sha256"] == hashlib.sha256(certificate).hexdigest()
    latex = tmp_path / "latex"
    assert run("report", "planted", "--format", "tex", "--no-flow", "-o", latex).returncode == 0
    cited = (latex / "report.tex").read_text(encoding="utf-8").replace(r"\allowbreak{}", "")
    assert document["certificate_sha256"] in cited


def test_a_bundle_is_made_again_and_files_of_others_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "anc"
    assert run("bundle", "planted", "-o", folder).returncode == 0
    before = {place.name: place.read_bytes() for place in folder.iterdir()}
    assert run("bundle", "planted", "-o", folder).returncode == 0
    assert {place.name: place.read_bytes() for place in folder.iterdir()} == before
    (folder / "mine.txt").write_text("mine")
    done = run("bundle", "planted", "--max-saddles", "3", "-o", folder)
    assert (done.returncode, "'mine.txt'" in done.stderr) == (2, True)
    (folder / "mine.txt").unlink()
    (folder / "check_path_interval.py").write_text("of another bundle")
    done = run("bundle", "planted", "--max-saddles", "3", "-o", folder)
    assert (done.returncode, "check_path_interval.py" in done.stderr) == (2, True)
    (folder / "check_path_interval.py").unlink()
    assert {place.name: place.read_bytes() for place in folder.iterdir()} == before
    own = tmp_path / "own"
    own.mkdir()
    (own / "README.txt").write_text("my project")
    assert run("bundle", "planted", "-o", own).returncode == 2
    assert (own / "README.txt").read_text() == "my project"
    assert run("bundle", "planted", "-o", own / "README.txt").returncode == 2


def test_a_prefix_is_bundled_and_unchecked(tmp_path: Path) -> None:
    done = run("bundle", "planted", "--max-saddles", "3", "-o", tmp_path)
    assert done.returncode == 3
    assert "    unchecked: 3 saddles" in (tmp_path / "README.txt").read_text()
    command = command_of(tmp_path)
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 3


def test_a_certificate_is_bundled_as_it_is_unless_it_is_rejected(tmp_path: Path) -> None:
    certificate = tmp_path / "cert.json"
    assert run("path", "planted", "-o", certificate).returncode == 0
    assert run("bundle", certificate, "-o", tmp_path / "anc").returncode == 0
    assert (tmp_path / "anc" / "certificate.json").read_bytes() == certificate.read_bytes()
    done = run("bundle", CERTIFICATES / "rejected" / "loss-wrong.json", "-o", tmp_path / "false")
    assert done.returncode == 1
    assert done.stdout.startswith("rejected: saddle")
    assert list((tmp_path / "false").iterdir()) == []
    done = run("bundle", certificate, "--center", "-o", tmp_path / "anc")
    assert (done.returncode, "takes no options" in done.stderr) == (2, True)


def test_expressions_have_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b,y\nsqrt(2),1,1\n0,1,2\n")
    done = run("bundle", tmp_path / "data.csv", "-o", tmp_path / "anc")
    assert done.returncode == 2
    assert "no certificate" in done.stderr
