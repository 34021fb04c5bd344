"""Reports as files: every format says the exact path, names stay names, bytes are the same anywhere."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pypdf
import pytest

from exactsaddle import saddle_path
from exactsaddle.report.document import (
    Attachment,
)
from tests.report.test_numbers import is_rounded
from tests.support.command import COMMAND, run
from tests.support.reports import HOSTILE, LEAVES, Page, document_of, hostile_problem, text_of_pdf


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One report in every format of a problem with hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile_problem().save(folder / "data.json")
    done = run(
        "report",
        folder / "data.json",
        "-o",
        folder,
        "--format",
        "html,pdf,json,csv,md,tex",
        "--no-flow",
    )
    assert done.returncode == 0, done.stderr
    assert all(f"report in {folder / f'report.{fmt}'}" in done.stdout for fmt in ("html", "pdf", "json"))
    return folder


def test_hostile_names_stay_names_in_html(hostile: Path) -> None:
    text = (hostile / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    plain = Page(text.replace("alert(1)", ""))
    assert page.tags.count("script") == plain.tags.count("script")
    assert "<script>alert" not in text
    assert "\0" not in text
    assert "‮" not in text
    assert any("<script>alert(1)</script>" in shown for shown in page.shown)
    assert not re.search(r"""(src|href)\s*=\s*["'](https?:)?//""", text)


def test_hostile_names_stay_names_on_paper_and_in_tables(hostile: Path) -> None:
    printed = text_of_pdf(hostile / "report.pdf")
    assert "alert(1)" in printed
    assert "=cmd|' /C calc'!A0" in printed
    rows = list(csv.reader(io.StringIO((hostile / "report.csv").read_text(encoding="utf-8"))))
    assert [
        cell.partition(" ")[2] for cell in rows[0] if re.fullmatch(r"beta_\d+ .*(?<! decimal)", cell, re.S)
    ] == [*HOSTILE]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    document = json.loads((hostile / "report.json").read_text(encoding="utf-8"))
    assert tuple(document["problem"]["names"]) == HOSTILE
    markdown = (hostile / "report.md").read_text(encoding="utf-8")
    assert "<script>" not in markdown
    widths = {
        line.count("|") - line.count("\\|") for line in markdown.splitlines() if line.startswith("| 1 |")
    }
    assert widths
    assert "\0" not in markdown


def test_csv_and_json_hold_the_exact_path(hostile: Path) -> None:
    path = saddle_path(hostile_problem())
    rows = list(csv.DictReader(io.StringIO((hostile / "report.csv").read_text(encoding="utf-8"))))
    document = json.loads((hostile / "report.json").read_text(encoding="utf-8"))
    assert document["verdict"] == "verified"
    assert len(rows) == len(path) == len(document["saddles"])
    for row, entry, saddle in zip(rows, document["saddles"], path, strict=True):
        assert Fraction(row["jump_time"]) == Fraction(entry["jump_time"]) == saddle.jump_time
        assert Fraction(row["loss"]) == Fraction(entry["loss"]) == saddle.loss
        assert Fraction(row["l1_norm"]) == saddle.l1_norm
        assert is_rounded(row["jump_time_decimal"], saddle.jump_time)
        assert is_rounded(row["loss_decimal"], saddle.loss)
        assert is_rounded(row["l1_norm_decimal"], saddle.l1_norm)
        assert row["support"] == ";".join(map(str, saddle.support))
        before = set(path[saddle.index - 1].support) if saddle.index else set()
        assert row["entered"] == ";".join(map(str, sorted(set(saddle.support) - before)))
        assert row["left"] == ";".join(map(str, sorted(before - set(saddle.support))))
        for i, name in enumerate(HOSTILE):
            assert Fraction(row[f"beta_{i} {name}"]) == saddle.beta[i]
            assert is_rounded(row[f"beta_{i} {name} decimal"], saddle.beta[i])
    assert document["checker"]["program"] == "check_path.py"
    assert [entry["name"] for entry in document["claims"]]


def test_the_jump_times_on_paper_are_those_of_the_path(hostile: Path) -> None:
    printed = text_of_pdf(hostile / "report.pdf")
    path = saddle_path(hostile_problem())
    for saddle in path:
        shown = saddle.jump_time_text(8)
        assert shown in printed or str(saddle.jump_time) in printed, saddle
    assert "verified" in printed.lower()


def test_the_certificate_inside_is_the_one_that_was_checked(hostile: Path, tmp_path: Path) -> None:
    found = [
        block
        for section in document_of(saddle_path(hostile_problem())).sections
        for block in section.blocks
        if isinstance(block, Attachment)
    ]
    assert len(found) == 1
    (tmp_path / "certificate.json").write_bytes(found[0].content)
    assert run("check", tmp_path / "certificate.json").returncode == 0
    inside = pypdf.PdfReader(hostile / "report.pdf").attachments
    assert inside["certificate.json"][0] == found[0].content


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    LEAVES.save(tmp_path / "data.json")
    command = ["report", "data.json", "--format", "html,pdf,json,csv,md,tex", "--alphas", "1/3,1e-1"]
    assert run(*command, "-o", "here", cwd=tmp_path).returncode == 0
    elsewhere = {
        "PYTHONHASHSEED": "7",
        "COLUMNS": "90",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C.UTF-8",
        "HOME": "/nowhere",
    }
    subprocess.run(
        [*COMMAND, *command, "-o", "there"],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, **elsewhere},
    )
    for fmt in ("html", "pdf", "json", "csv", "md", "tex"):
        one, other = ((tmp_path / folder / f"report.{fmt}").read_bytes() for folder in ("here", "there"))
        assert one == other, fmt
    document = json.loads((tmp_path / "here" / "report.json").read_text())
    assert document["convergence"]["alphas"] == ["1/3", "1/10"]


def test_notebooks_show_tables_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("typst", "jinja2", "matplotlib", "markupsafe"):
        monkeypatch.setitem(sys.modules, module, None)
    path = saddle_path(hostile_problem())
    for thing in (path.problem, path, path.certificate().check()):
        shown = thing._repr_html_()
        page = Page(shown)
        assert set(page.tags) <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "p", "strong"}
        assert "\0" not in shown
    assert path._repr_html_().count("<tr>") == len(path) + 1
    assert all(saddle.jump_time_text(8) in path._repr_html_() for saddle in path)
