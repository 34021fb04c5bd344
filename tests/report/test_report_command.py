"""The command: folders, missing extras, options that name nothing."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from exactsaddle import Problem
from exactsaddle.base import InvalidInput, MissingExtra
from exactsaddle.report.writing import FORMATS, parse_formats, prepare
from tests.support.command import run


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    done = run("report", "planted", "-o", tmp_path / "taken")
    assert done.returncode == 2
    assert "taken" in done.stderr
    assert (tmp_path / "taken").read_text() == "x"
    (tmp_path / "dir" / "report.md").mkdir(parents=True)
    done = run("report", "planted", "-o", tmp_path / "dir", "--format", "md")
    assert done.returncode == 2
    assert "directory" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InvalidInput, match="cannot"):
            prepare(tmp_path, ("md",))
    finally:
        tmp_path.chmod(0o700)


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "report.md").write_text("old")
    done = run("report", "planted", "-o", tmp_path, "--format", "md", "--no-flow", "--json")
    assert done.returncode == 0
    summary = json.loads(done.stdout)
    assert summary["verdict"] == "verified"
    assert summary["files"] == {"md": str(tmp_path / "report.md")}
    assert sorted(place.name for place in tmp_path.iterdir()) == ["mine.txt", "report.md"]
    text = (tmp_path / "report.md").read_text()
    assert "exactsaddle report planted --no-flow" in text
    assert str(tmp_path) not in text


def test_a_missing_extra_is_named_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, formats in (("typst", ("pdf",)), ("jinja2", ("html",)), ("matplotlib", ("html", "pdf"))):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(MissingExtra, match=r"install .*\[report\]"):
                prepare(tmp_path / module, formats)  # type: ignore[arg-type]
        assert not (tmp_path / module).exists()
    with monkeypatch.context() as patch:
        for module in ("typst", "jinja2", "matplotlib"):
            patch.setitem(sys.modules, module, None)
        prepare(tmp_path, ("md", "json", "csv", "tex"))


def test_options_that_name_nothing() -> None:
    for options, word in (
        (["--format", "docx"], "docx"),
        (["--format", ","], "formats"),
        (["--alphas", "2"], "alpha"),
        (["--alphas", ","], "--no-flow"),
    ):
        done = run("report", "planted", *options)
        assert (done.returncode, word in done.stderr) == (2, True), done.stderr
    assert parse_formats("md, HTML,md") == ("html", "md")
    with pytest.raises(InvalidInput, match=r"no format 'tex'; formats: html, pdf, json, csv, md$"):
        parse_formats("tex")
    assert parse_formats("tex,md", FORMATS) == ("md", "tex")


def test_columns_of_unit_norm_make_a_report_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n1,2,1\n0,1,2\n2,0,-1\n")
    options = ["--standardize", "--format", "html,json,csv,md,tex", "--json"]
    done = run("report", tmp_path / "t.csv", "--target", "y", "-o", tmp_path, *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "verified"
    text = (tmp_path / "report.md").read_text()
    assert "columns of unit norm, β in the units of X" in text
    assert "--standardize" in text
    assert "sqrt(5)" in text  # a threshold, ‖a‖
    assert "trained on the columns divided by the numbers below" in text
    assert re.search(r"columns divided by.*sqrt\(5\), sqrt\(5\)", text)
    assert "The flow was enclosed at α" in text
    assert "the Lasso path: it needs" not in text
    Problem([[1, 2], [0, 1], [2, 0]], [1, 2, -1]).standardized().save(tmp_path / "p.json")
    again = run("report", tmp_path / "p.json", "-o", tmp_path / "json", "--no-flow", "--format", "md")
    assert again.returncode == 0, again.stderr
    assert "columns divided by" in (tmp_path / "json" / "report.md").read_text()
    assert "needs a problem over the rationals" in text
