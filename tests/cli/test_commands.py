from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exactsaddle import Problem, load_dataset, read_problem, saddle_path
from tests.support.command import COMMAND, run, run_apart


def test_path_prints_the_table_and_the_checkers_verdict() -> None:
    done = run_apart("path", "diabetes")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "diabetes: 442 × 10, target progression"
    assert lines[3].split() == ["1", "221/6483913", "≈", "3.4084356e-05", "s1", "1", "2895.404", "0.7936091"]
    assert sum(line.split()[:1] == [str(k)] for k, line in enumerate(lines[2:17])) == 15
    assert lines[-1].startswith("verified: 15 saddles")


def test_path_json_is_the_documented_shape() -> None:
    document: dict[str, Any] = json.loads(run("path", "diabetes", "--json").stdout)
    whole = json.loads(run("path", "diabetes", "--json", "--with-problem").stdout)
    path = saddle_path(load_dataset("diabetes"))
    assert document["verdict"] == "verified"
    assert {"digest", "names", "reading"} <= document["problem"].keys()
    assert "X" not in document["problem"]
    assert Problem(whole["problem"].pop("X"), whole["problem"].pop("y")) == path.problem
    assert whole | {"problem": document["problem"]} == document
    assert document["saddles"][0] == {
        "jump_time": "0",
        "jump_time_decimal": "0",
        "beta": {},
        "beta_decimal": {},
        "loss": str(path[0].loss),
        "loss_decimal": path[0].loss_text(17),
        "l1_norm_decimal": "0",
        "support": [],
    }
    names = path.problem.names
    for event, jump in zip(document["events"], path.events, strict=True):
        assert event["saddle"] == jump.index
        assert event["hits"] == {names[i]: side for i, side in jump.hits.items()}
        assert (event["enters"], event["leaves"]) == (
            [names[i] for i in jump.entered],
            [names[i] for i in jump.left],
        )
    for entry, saddle in zip(document["saddles"], path, strict=True):
        assert Fraction(entry["jump_time"]) == saddle.jump_time
        assert {int(i): Fraction(b) for i, b in entry["beta"].items()} == {
            i: saddle.beta[i] for i in saddle.support
        }
        assert tuple(entry["support"]) == saddle.support
        assert Fraction(entry["loss"]) == saddle.loss
        for i, decimal in entry["beta_decimal"].items():
            assert abs(Fraction(decimal) - saddle.beta[int(i)]) <= abs(saddle.beta[int(i)]) / 10**16


def test_coefficients_are_printed_on_request() -> None:
    done = run("path", "planted", "--coefficients")
    path = saddle_path(load_dataset("planted"))
    rows = [line.split() for line in done.stdout.splitlines()]
    shown = {tuple(row[:3]) for row in rows}
    for saddle in path:
        for i in saddle.support:
            assert (str(saddle.index), path.problem.names[i], str(saddle.beta[i])) in shown
    assert len(run("path", "planted").stdout.splitlines()) < len(rows) - len(path)
    balls = run("path", "diabetes", "--coefficients", "--arithmetic", "ball", "--max-saddles", "2")
    assert re.search(r"^ *1 +s1 +≈ 0\.79360", balls.stdout, re.MULTILINE)


def test_an_answer_is_held_against_the_path(tmp_path: Path) -> None:
    path = saddle_path(load_dataset("planted"))
    times, betas = path.to_arrays()[:2]
    np.savez(tmp_path / "right.npz", times=times, betas=betas)
    done = run("path", "planted", "--compare", "right.npz", cwd=tmp_path)
    assert done.returncode == 0
    assert f"numerical evidence: it agrees on {len(path)} of {len(path)} plateaus" in done.stdout
    betas[2] *= 1.01
    np.savez(tmp_path / "wrong.npz", times=times, betas=betas)
    done = run("path", "planted", "--compare", "wrong.npz", cwd=tmp_path)
    assert done.returncode == 1
    assert "rejected: wrong.npz at saddle 2: at t = " in done.stdout
    found = json.loads(run("path", "planted", "--compare", "wrong.npz", "--json", cwd=tmp_path).stdout)
    assert (found["comparison"]["saddle"], found["verdict"]) == (2, "verified")
    np.savez(tmp_path / "named.npz", t=times)
    (tmp_path / "text.npz").write_text("no archive")
    for name, options, message in (
        ("named.npz", (), "error: named.npz: no array 'times'; there are: t"),
        ("text.npz", (), "text.npz: "),
        ("nothing.npz", (), "No such file"),
        ("right.npz", ("--upper", "2"), "thresholds 1 and initial dual 0"),
    ):
        done = run("path", "planted", "--compare", name, *options, cwd=tmp_path)
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_an_answer_is_compared_without_hypothesis(tmp_path: Path) -> None:
    times, betas = saddle_path(load_dataset("planted")).to_arrays()[:2]
    np.savez(tmp_path / "answer.npz", times=times, betas=betas)
    without = "import sys; sys.modules['hypothesis'] = None; from exactsaddle.cli import main; main()"
    answer = str(tmp_path / "answer.npz")
    done = subprocess.run(
        [sys.executable, "-c", without, "path", "planted", "--compare", answer],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "numerical evidence: it agrees on" in done.stdout


def test_uniqueness_of_unit_norm_columns_is_decided(tmp_path: Path) -> None:
    done = run("path", "diabetes", "--standardize", "--uniqueness")
    assert done.returncode == 0
    assert "every saddle is the only minimiser (decided exactly; no certificate states it)" in done.stdout
    (tmp_path / "twice.csv").write_text("a,b,c,y\n1,1,0,1\n2,2,1,3\n")
    found = json.loads(
        run("path", "twice.csv", "--standardize", "--uniqueness", "--json", cwd=tmp_path).stdout
    )
    assert found["unique"][0]
    assert False in found["unique"]


def test_certificate_round_trip_and_detached(tmp_path: Path) -> None:
    whole, detached = tmp_path / "c.json", tmp_path / "d.json"
    assert run("path", "planted", "-o", whole).returncode == 0
    done = run("check", whole)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "verified")
    load_dataset("planted").save(tmp_path / "p.json")
    assert run("path", tmp_path / "p.json", "-o", detached, "--detached").returncode == 0
    assert run("check", detached, "--problem", tmp_path / "p.json").returncode == 0
    assert run("check", detached).returncode == 2
    report = json.loads(run("check", whole, "--json").stdout)
    assert (report["verdict"], report["saddles"]) == ("verified", 6)
    given = run("check", detached, "--center")
    assert (given.returncode, "--problem DATA is missing" in given.stderr) == (2, True)


def test_a_detached_certificate_is_checked_with_the_data_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("price,a,b\n1,0.5,2\n3,1.25,1\n2,4,0.1\n", encoding="utf-8")
    reading = ("--target", "price", "--center")
    made = ("-o", "c.json", "--detached", "--problem-out", "p.json")
    assert run("path", "d.csv", *reading, *made, cwd=tmp_path).returncode == 0
    assert "problem" not in json.loads((tmp_path / "c.json").read_text())
    for problem in (("p.json",), ("d.csv", *reading)):
        done = run("check", "c.json", "--problem", *problem, cwd=tmp_path)
        assert (done.returncode, done.stdout.split()[0]) == (0, "verified:"), done.stderr
    other = run("check", "c.json", "--problem", "d.csv", "--target", "price", cwd=tmp_path)
    assert (other.returncode, "rejected: saddle 0: problem: stated" in other.stdout) == (1, True)


def test_a_rejected_certificate_exits_1_with_the_witness(tmp_path: Path) -> None:
    place = tmp_path / "c.json"
    run("path", "planted", "-o", place)
    place.write_text(place.read_text().replace('"jump_time": "4/481"', '"jump_time": "5/481"'))
    done = run("check", place)
    assert done.returncode == 1
    assert "saddle 0: first hit: at the next jump time 5/481, s[x2] = " in done.stdout


def test_a_prefix_exits_3(tmp_path: Path) -> None:
    done = run("path", "diabetes", "--max-saddles", "4", "-o", tmp_path / "c.json")
    assert done.returncode == 3
    assert "unchecked: 4 saddles" in done.stdout
    assert "stopped by max_saddles = 4" in done.stdout
    assert run("check", tmp_path / "c.json").returncode == 3


def test_targets_thresholds_and_centering(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("y,a,b\n2,1,0\n1,0,2\n")
    document = json.loads(run("path", table, "--target", "y", "--upper", "b=3", "--json").stdout)
    assert [s["jump_time"] for s in document["saddles"]] == ["0", "1", "3"]
    document = json.loads(
        run(
            "path", table, "--target", "0", "--lower", "inf", "--dual", "a=1/2", "--json", "--with-problem"
        ).stdout
    )
    assert document["problem"]["lower"] == ["inf", "inf"]
    assert [s["jump_time"] for s in document["saddles"]] == ["0", "1/2", "1"]
    document = json.loads(run("path", table, "--center", "--json", "--with-problem").stdout)
    assert document["problem"]["y"] == ["-1", "1"]
    assert "the target is 'b', the last column (--target NAME)" in run("path", table).stderr


def test_no_name_is_cut_where_the_terminal_is_narrow(tmp_path: Path) -> None:
    table = tmp_path / "wide.csv"
    table.write_text(
        "alcalinity_of_ash,proanthocyanins,od280/od315_of_diluted_wines,y\n1,2,4,1.5\n2,1,0,3.7\n"
    )
    for command in (["path"], ["lasso"], ["path", "--step", "1/100"]):
        lines = run(*command, table, columns=80).stdout.splitlines()
        rows = lines[1 : next(i for i, line in enumerate(lines) if i and ": " in line)]
        assert max(map(len, rows)) <= 80
        assert "…" not in "".join(rows)
        pieces = [piece for line in rows for piece in line.split()]
        assert any(piece.endswith("wines") for piece in pieces)
        for name in ("od280/od315_of_diluted_wines", "alcalinity_of_ash"):
            (first,) = (piece for piece in pieces if piece.startswith(name[:5]))
            assert name == first or (name.startswith(first) and first[-1] in "_/")
    wide = run("path", table, columns=200).stdout
    assert "od280/od315_of_diluted_wines  " in wide


def test_floats_are_declared(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", X=np.array([[0.1]]), y=np.array([1.0]))
    assert "binary64 floats at their exact dyadic value" in run("path", tmp_path / "f.npz").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["path", "missing.csv"], "no such file, nor a packaged data set"),
        (["path", "diabetes", "--target", "price"], "no column 'price'; columns: age"),
        (["path", "diabetes", "--lower", "price=1"], "--lower price=1: no column 'price'"),
        (["path", "diabetes", "--lower", "bmi=0"], "--lower bmi=0: a threshold must be positive"),
        (["path", "diabetes", "--dual", "bmi=2"], "outside its box"),
        (["path", "diabetes", "--decay", "bmi=-2"], "--decay bmi=-2: must be at least 0"),
        (["path", "diabetes", "--step", "-1"], "--step -1: step must be positive"),
        (["path", "diabetes", "--sharpness", "-1"], "--sharpness -1: radius must be at least 0"),
        (["path", "diabetes", "--depth", "3", "--scales", "bmi=x"], "--scales bmi=x: 'x' is not a rational"),
        (["flow", "diabetes", "--alpha", "2", "--times", "1"], "--alpha 2: alpha must lie"),
        (["flow", "diabetes", "--alpha", "1e-3", "--times", "1,x"], "--times 1,x: 'x' is not a rational"),
        (["flow", "diabetes", "--alpha", "1e-3", "--times", "2,1"], "--times 2,1: "),
        (["converge", "diabetes", "--alphas", "1e-3,2"], "--alphas 1e-3,2: alpha must lie"),
        (["report", "diabetes", "--alphas", "x"], "--alphas x: 'x' is not a rational"),
        (["path", "diabetes", "-o", "missing/cert.json"], "cannot write missing/cert.json: No such file"),
        (["path", "diabetes", "-o", "."], "cannot write .: it is a directory"),
        (["path", "diabetes", "--max-saddles", "0"], "max-saddles"),
        (["check", "missing.json"], "missing.json"),
        (["solve", "diabetes"], "No such command"),
    ],
)
def test_bad_usage_is_one_message_and_exit_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        "1,2\n3,1e999999999\n",
        "1,2\n3," + "1" * 1_000_000 + "\n",
        "1,2\n3\n",
        "1,2\n3,nan\n",
    ],
)
def test_bad_files_are_one_message_and_exit_2(tmp_path: Path, content: str) -> None:
    table = tmp_path / "bad.csv"
    table.write_text(content)
    done = run("path", table)
    assert done.returncode == 2
    assert "bad.csv" in done.stderr
    assert len(done.stderr.strip()) < 500


def test_names_with_markup_are_printed_as_they_are(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("[bold]α[/bold],y\n1,2\n")
    assert "[bold]α[/bold]" in run("path", table).stdout


def test_datasets_and_version() -> None:
    assert "442 × 10, target progression" in run("datasets").stdout
    assert "columns: age, sex, bmi, bp, s1, s2, s3, s4, s5, s6" in run("datasets").stdout
    assert {entry["name"] for entry in json.loads(run("datasets", "--json").stdout)} == {
        "diabetes",
        "planted",
    }
    assert run("--version").stdout.startswith("exactsaddle 0.")
    assert "exactsaddle path diabetes" in run("path", "--help").stdout


def test_ctrl_c_keeps_the_prefix_and_progress_is_shown(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "slow.npz", X=rng.normal(size=(80, 160)), y=rng.normal(size=80))
    place = tmp_path / "c.json"
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "path", str(tmp_path / "slow.npz"), "-o", str(place), "--arithmetic", "rational"],
        stdout=subprocess.PIPE,
        stderr=child,
        text=True,
    )
    os.close(child)
    screen = b""
    while b"saddle" not in screen:  # else the terminal closes, and reading raises OSError
        screen += os.read(parent, 65536)
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=120)
    os.close(parent)
    assert b"solving" in screen
    assert process.returncode == 3
    assert "stopped by request" in stdout
    assert json.loads(place.read_text())["complete"] is False


def test_a_path_of_balls_is_certified_by_its_events(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", X=rng.normal(size=(20, 40)), y=rng.normal(size=20))
    place = tmp_path / "c.json"
    done = run("path", tmp_path / "d.npz", "-o", place, "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert json.loads(place.read_text())["version"] == 2
    exact = saddle_path(read_problem(tmp_path / "d.npz"), arithmetic="rational")
    assert [s["jump_time_decimal"] for s in found["saddles"]] == [s.jump_time_text(17) for s in exact]
    assert found["saddles"][3]["beta_decimal"] == {
        str(i): exact[3].beta_text(i, 17) for i in exact[3].support
    }
    checked = run("check", place)
    assert checked.returncode == 0
    assert "proved by intervals" in checked.stdout
    assert run("path", tmp_path / "d.npz", "--uniqueness", "--certificate", "events").returncode == 2


def test_standardised_columns_are_verified_and_said(tmp_path: Path) -> None:
    certificate = tmp_path / "c.json"
    done = run("path", "diabetes", "--center", "--standardize", "-o", certificate)
    assert done.returncode == 0
    assert "columns of unit norm, β in the units of X" in done.stdout
    assert "verified: 12 saddles; proved by intervals" in done.stdout
    assert run("check", certificate).returncode == 0
    document = json.loads(
        run("path", "diabetes", "--center", "--standardize", "--json", "--with-problem").stdout
    )
    assert document["problem"]["upper"][0].startswith("sqrt(")
    assert document["saddles"][1]["support"] == [2]
    assert document["saddles"][1]["jump_time_decimal"].startswith("0.46553990")


def test_a_standardised_problem_round_trips_through_its_file(tmp_path: Path) -> None:
    load_dataset("planted").standardized().save(tmp_path / "p.json")
    here = json.loads(run("path", tmp_path / "p.json", "--json").stdout)
    there = json.loads(run("path", "planted", "--standardize", "--json").stdout)
    assert here["saddles"] == there["saddles"]
    for command in (("lasso",), ("minimisers",), ("flow", "--alpha", "1e-2", "--times", "1/10")):
        assert run(command[0], tmp_path / "p.json", *command[1:], "--quiet").returncode == 0
    (tmp_path / "pi.csv").write_text("a,y\npi,1\n")
    done = run("lasso", tmp_path / "pi.csv")
    assert done.returncode == 2
    assert "irrational numbers, which only `exactsaddle path` takes" in done.stderr
    again = run("path", tmp_path / "p.json", "--standardize")
    assert (again.returncode, "divided by their norms already" in again.stderr) == (2, True)


def test_expressions_are_unchecked_in_words(tmp_path: Path) -> None:
    data = tmp_path / "p.csv"
    data.write_text("a,b,y\nsqrt(2),0,1\n0,2,sqrt(2)/2\n")
    done = run("path", data)
    assert done.returncode == 3
    assert "real numbers given by expressions" in done.stdout
    assert "decisions that took algebra to prove an equality: 1" in done.stdout
    assert "no independent program checks real entries" in done.stdout
    document = json.loads(run("path", data, "--json", "--with-problem").stdout)
    assert document["verdict"] == "unchecked"
    assert document["problem"]["X"] == [["sqrt(2)", "0"], ["0", "2"]]
    assert document["saddles"][0]["hits"] == {"0": 1, "1": 1}
    assert document["saddles"][1]["beta_decimal"] == {"0": "0.70710678118654752", "1": "0.35355339059327376"}


def test_thresholds_may_be_expressions_on_the_command_line() -> None:
    roots = run("path", "planted", "--upper", "x2=sqrt(3)")
    assert roots.returncode == 0
    assert "proved by intervals" in roots.stdout
    assert run("path", "planted", "--upper", "x2=pi/3").returncode == 3


def test_a_tie_that_nothing_decides_names_the_candidates(tmp_path: Path) -> None:
    data = tmp_path / "p.csv"
    data.write_text("a,b,y\n1,0,1\n0,sin(1)**2+cos(1)**2,1\n")
    done = run("path", data, "--max-bits", "2000")
    assert done.returncode == 3
    assert "unchecked: after saddle 0, columns a, b were not told apart" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("planted", "--upper", "pi", "--uniqueness"), "--uniqueness needs rational X and y"),
        (("diabetes", "--standardize", "--certificate", "exact"), "--certificate exact needs rational"),
        (("diabetes", "--standardize", "--arithmetic", "rational"), "arithmetic must be auto or ball"),
        (("planted", "--upper", "pi", "-o", "c.json"), "no certificate for entries that are expressions"),
        (("planted", "--upper", "x2=__import__"), "'__import__' is not known"),
    ],
)
def test_what_irrational_numbers_do_not_allow_is_said(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run("path", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_the_path_starts_at_zero_exactly_and_bad_columns_are_named(tmp_path: Path) -> None:
    done = run("path", "diabetes", "--arithmetic", "ball", "--max-saddles", "3")
    first, second = (line for line in done.stdout.splitlines() if line.split()[:1] in (["0"], ["1"]))
    assert first.split()[:2] == ["0", "0"]
    assert "≈" in second
    done = run("path", "diabetes", "--dual", "bmi=2")
    assert (done.returncode, "dual of column 'bmi': 2 is outside" in done.stderr) == (2, True)
    done = run("path", "diabetes", "--lower", "bp=inf", "--upper", "bp=inf")
    assert (done.returncode, "column 'bp': at most one" in done.stderr) == (2, True)
