"""--stop on the command line: verified up to there, exit code 0, and nowhere said to be complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import run

DATA = "a,b,c,y\n0.5,0.1,0.3,0.3\n0.2,0.7,-0.4,1.1\n1.5,-0.2,0.9,-0.6\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "d.csv").write_text(DATA)
    return tmp_path / "d.csv"


def test_a_path_up_to_its_stop_is_verified_and_checked_again(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    done = run("path", place, "--stop", "loss<=0.1", "-o", file)
    assert done.returncode == 0
    assert "verified: 2 saddles up to the stop loss <= 1/10 (not a complete path" in done.stdout
    assert "the path is not complete: it ends at its stop, the rule loss <= 1/10" in done.stdout
    again = run("check", file)
    assert (again.returncode, again.stdout.split(":")[0]) == (0, "verified")
    assert "not a complete path" in again.stdout
    assert "cut nothing off" not in done.stdout
    assert run("check", file, "--proved").returncode == 2
    whole = run("path", place, "--stop", "t<=1e9")
    assert "not complete" not in whole.stdout
    assert "the path is complete: the rule t <= 1000000000 cut nothing off" in whole.stdout
    assert whole.returncode == 0


def test_json_names_the_rule(place: Path) -> None:
    found = json.loads(run("path", place, "--stop", "saddles<=3", "--json").stdout)
    assert (found["stop"], found["complete"], found["verdict"]) == ({"saddles": "3"}, False, "verified")
    assert len(found["saddles"]) == 3
    whole = json.loads(run("path", place, "--json").stdout)
    assert (whole["stop"], whole["complete"]) == (None, True)
    rough = json.loads(run("path", place, "--stop", "rounding", "--resolution", "0.5", "--json").stdout)
    assert rough["stop"] == {"rounding": {"X": ["1/2"] * 3, "y": ["1/2"]}}
    assert len(rough["saddles"]) == rough["explained_at"] + 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--stop", "t<10"), "'--stop': stop 't<10' is none of rounding, t<=10"),
        (("--stop", "rounding", "--resolution", "exact"), "the data are exact"),
        (("--stop", "t<=10", "--step", "1/100"), "leave"),
    ],
)
def test_what_cannot_stop_is_refused(place: Path, options: tuple[str, ...], said: str) -> None:
    done = run("path", place, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_certain_events_are_marked_and_the_first_open_one_named(place: Path, tmp_path: Path) -> None:
    done = run("path", place, "--certain", "--resolution", "1e-3")
    marked = [line for line in done.stdout.splitlines() if "◂" in line]
    assert marked[0].split()[:2] == ["3", "◂"]
    assert marked[1].startswith(
        "◂ supports, signs and order of hits up to saddle 3 are the same for all data"
    )
    assert "not certain: who carries saddle 4" in marked[1]
    found = json.loads(run("path", place, "--certain", "--resolution", "1e-3", "--json").stdout)["certain"]
    assert (found["last"], found["resolution"]) == (3, {"X": ["1/1000"] * 3, "y": ["1/1000"]})
    assert len(found["times"]) == 4
    assert set(found["open"]) == {"kind", "saddle", "expected", "competitors"}
    assert "certain" not in json.loads(run("path", place, "--json").stdout)
    refused = run("path", place, "--certain", "--resolution", "exact")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "the data are exact" in refused.stderr
    assert run("path", place, "--certain", "--decay", "1").returncode == 2
    options = ("--no-flow", "--format", "md,json", "--resolution", "1e-3", "-o", tmp_path)
    assert run("report", place, *options).returncode == 0
    told = (tmp_path / "report.md").read_text()
    assert "\n| 3 ◂ |" in told
    assert "not certain: who carries saddle 4" in told
    assert json.loads((tmp_path / "report.json").read_text())["certain"] == found
    assert run("report", place, *options, "--resolution", "exact").returncode == 0
    assert "◂" not in (tmp_path / "report.md").read_text()


def test_a_report_up_to_a_stop_says_so(place: Path, tmp_path: Path) -> None:
    options = ("--stop", "t<=3.5", "--no-flow", "--format", "html,md,tex", "-o", tmp_path)
    assert run("report", place, *options).returncode == 0
    told = (tmp_path / "report.md").read_text()
    assert "The path is not complete: it ends at its stop, the rule t " in told
    assert "every claim of a complete certificate" not in told
    assert "of the path up to its stop" in told
    assert "--stop" in told
    page = (tmp_path / "report.html").read_text()
    assert "No checker whose soundness is a theorem reads a certificate that states a stop" in page
    assert "ui-proved" not in page
    assert "verified up to its stop" in (tmp_path / "report.tex").read_text()
    (tmp_path / "again").mkdir()
    run("path", place, "--stop", "t<=3.5", "-o", tmp_path / "c.json")
    options = ("--no-flow", "--format", "md", "-o", tmp_path / "again")
    assert run("report", tmp_path / "c.json", *options).returncode == 0
    assert "it ends at its stop" in (tmp_path / "again" / "report.md").read_text()
