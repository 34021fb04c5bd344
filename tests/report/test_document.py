"""Reports end to end: what the files say equals the exact path, names stay names, verdicts are loud."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdf
import pytest
from flint import arb

from exactsaddle import Problem, SaddlePath, load_dataset, saddle_path
from exactsaddle.base import InvalidInput, MalformedCertificate, MissingExtra
from exactsaddle.certificates import EXACT_CHECKER, StoredCertificate
from exactsaddle.cli import main
from exactsaddle.convergence import Convergence, Resolution
from exactsaddle.numbers import to_rational
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents.body import report_document
from exactsaddle.report.contents.building import Origin
from exactsaddle.report.contents.certificate import claim_meanings
from exactsaddle.report.contents.timeline import timeline
from exactsaddle.report.document import (
    Attachment,
    Block,
    Details,
    Document,
    Math,
    Number,
    Points,
    Section,
    Table,
)
from exactsaddle.report.findings import Absent, Certified, find
from exactsaddle.report.renderers.markdown import render_markdown
from exactsaddle.report.renderers.pdf import render_pdf
from exactsaddle.report.text import plain
from exactsaddle.report.writing import parse_formats, prepare
from exactsaddle.testing.properties import PROPERTIES
from proofs_checks.claims.path_statements import on_path
from tests.cli.test_commands import run as run_apart
from tests.report.test_numbers import is_rounded
from tests.support.places import CERTIFICATES

LEAVES = Problem([[0, -1], [1, 2]], [-1, -2])
HOSTILE = (
    "<script>alert(1)</script>",
    "a\"b'c &amp; <b>",
    "$#@*_`[]\\ \\input{x} $\\alpha$",
    "=cmd|' /C calc'!A0",
    "שלום ‮gnp 漢字 🦔",
    "x" * 300,
    "two\nlines\tand\0nul",
    '#eval("1") //',
)
ORIGIN = Origin("name", "description", "exactsaddle report name", "0")


def hostile_problem() -> Problem:
    d = len(HOSTILE)
    rows = [[Fraction((3 * i + 2 * j * j + i * j) % 11 - 5) for j in range(d)] for i in range(4)]
    return Problem(rows, [1, -2, 3, 5], names=HOSTILE)


def document_of(path: SaddlePath) -> Document:
    return report_document(find(path, flow=False), (), ORIGIN)


def tables(blocks: Iterable[Block]) -> Iterable[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Details):
            yield from tables(block.blocks)


def table_of(document: Document, anchor: str) -> Table:
    found = [t for section in document.sections for t in tables(section.blocks) if t.anchor == anchor]
    assert len(found) == 1, anchor
    return found[0]


def check_number(word: Any, exact: Fraction) -> None:
    assert isinstance(word, Number)
    assert is_rounded(word.decimal, exact)
    assert (word.relation == "=") == (Fraction(word.decimal) == exact)
    assert word.exact is None or Fraction(word.exact) == exact
    assert word.exact is not None or word.note


@pytest.mark.parametrize("name", ["planted", "diabetes"])
def test_every_number_of_the_tables_is_the_exact_one(name: str) -> None:
    path = saddle_path(load_dataset(name))
    document = document_of(path)
    rows = table_of(document, "saddles").rows
    assert len(rows) == len(path)
    for row, saddle in zip(rows, path, strict=True):
        assert row[0] == (str(saddle.index),)
        check_number(row[1][0], saddle.jump_time)
        check_number(row[5][0], saddle.loss)
        check_number(row[6][0], saddle.l1_norm)
    events = [(path[0].support, ()), *((jump.entered, jump.left) for jump in path.events)]
    named = [tuple(", ".join(path.problem.names[i] for i in who) for who in event) for event in events]
    assert [(str(row[2][0]), str(row[3][0])) for row in rows] == named
    listed = {
        (int(str(r[0][0])), int(str(r[1][0]))): r[3][0] for r in table_of(document, "coefficients").rows
    }
    assert set(listed) == {(saddle.index, i) for saddle in path for i in saddle.support}
    for (k, i), word in listed.items():
        check_number(word, path[k].beta[i])
    for row in table_of(document, "minimum-l1").rows:
        check_number(row[2][0], path.minimum_l1_solution[int(str(row[0][0]))])
    printed = render_markdown(document)
    assert all(saddle.jump_time_text(8) in printed for saddle in path)


def test_the_flow_tables_bound_and_round_what_was_enclosed() -> None:
    found = find(saddle_path(LEAVES), alphas=["1e-3", "1e-6"])
    document = report_document(found, (), ORIGIN)
    convergence, needed = found.convergence, found.resolution
    assert isinstance(convergence, Convergence)
    assert isinstance(needed, Resolution)
    rows = table_of(document, "distances").rows
    assert [row[0] for row in rows] == [(str(k),) for k in range(len(found.path))]
    for row, plateau in zip(rows, convergence.plateaus, strict=True):
        for cell, ball in zip(row[1:3], plateau.supremum, strict=True):
            bound = arb(to_rational(str(cell[0]).removeprefix("≤ ")))
            assert ball <= bound
            assert bound <= ball * arb("1.02") + arb("1e-300")
    for row, jump in zip(table_of(document, "jump-times").rows, convergence.jumps, strict=True):
        check_number(row[2][0], jump.correction.exact.time)
        assert row[3] == (str(jump.digits),) or (row[3] == ("all",) and jump.digits == 1_000_000)
    for row, shown in zip(table_of(document, "resolution").rows, needed.plateaus, strict=True):
        check_number(row[1][0], shown.length)
        assert row[5] == ("any" if not shown.decimal_exponent else f"1e-{shown.decimal_exponent}",)
    for row, stretch in zip(table_of(document, "agreement").rows, found.agreement, strict=True):  # type: ignore[arg-type]
        check_number(row[0][0], stretch.start)
        assert row[3] == ("yes" if stretch.holds else "no",)


def test_the_tables_of_a_set_of_minimisers_are_exact() -> None:
    problem = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])
    document = document_of(saddle_path(problem))
    points = {"".join(plain(cell) for cell in row[1:]) for row in table_of(document, "extremes-2").rows}
    assert points == {"x0 1, x1 3/4 = 0.75", "x0 1/4 = 0.25, x2 3/2 = 1.5"}
    for row, digits in zip(
        table_of(document, "selection-2").rows,
        ("0.712814833773", "0.462814833773", "0.574370332454"),
        strict=True,
    ):
        assert row[2] == (Number(digits, None, "≈"),)  # MATH.md §4


def test_the_claims_are_in_the_words_of_the_page() -> None:
    page = " ".join((Path("exactsaddle") / "CERTIFICATE.md").read_text().replace("`", "").split())
    claims = ("problem", "start", "first hit", "end", "uniqueness")
    for claim, meaning in claim_meanings(EXACT_CHECKER, claims):
        assert f"| {claim} | {meaning} |" in page


def test_the_states_of_the_slider_are_those_of_the_path() -> None:
    for problem in (LEAVES, LEAVES.replace(lower=2, upper="inf")):
        exact, balls = (saddle_path(problem, arithmetic=kind) for kind in ("rational", "ball"))
        line, rounded = timeline(exact), timeline(balls)
        assert line is not None
        assert rounded is not None
        assert line.exact
        assert not rounded.exact
        assert Fraction(line.end) > exact[-1].jump_time
        for saddle, state, other in zip(exact, line.plateaus, rounded.plateaus, strict=True):
            assert Fraction(state.jump_time) == saddle.jump_time
            assert {i: Fraction(b) for i, b in state.beta.items()} == {
                i: saddle.beta[i] for i in saddle.support
            }
            assert tuple(map(Fraction, state.duals)) == saddle.dual
            assert tuple(map(Fraction, state.slopes)) == tuple(-g for g in saddle.gradient)
            assert Fraction(state.loss) == saddle.loss
            for one, two in ((saddle.dual, other.duals), ([-g for g in saddle.gradient], other.slopes)):
                assert [float(v) for v in one] == pytest.approx([float(v) for v in two], abs=1e-11)


def test_a_long_path_has_no_slider_and_folds_its_tables() -> None:
    rows = [[1 if i == j else 0 for j in range(42)] for i in range(42)]
    path = saddle_path(Problem(rows, range(1, 43)), arithmetic="rational")
    assert len(path) == 43
    document = document_of(path)
    assert table_of(document, "saddles").fold_after < 43
    assert document.timeline is not None
    text = " ".join(str(w) for s in document.sections for b in s.blocks for w in getattr(b, "words", ()))
    assert "too many" not in text
    assert document_of(saddle_path(Problem([[1]], [0]))).timeline is not None


def test_a_long_fraction_stays_out_of_the_page() -> None:
    document = report_document(
        find(saddle_path(Problem([[1, 3], [2, 1]], [1, Fraction(1, 3**3000)])), flow=False), (), ORIGIN
    )
    notes = [row[1][0].note for row in table_of(document, "saddles").rows if isinstance(row[1][0], Number)]
    assert any("digits" in note for note in notes)
    for number in (
        word for t in document.sections for b in tables(t.blocks) for r in b.rows for c in r for word in c
    ):
        assert not isinstance(number, Number) or len(number.exact or "") <= 1_002


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command within this process."""

    def call(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["exactsaddle", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        caught = capsys.readouterr()
        code = ended.value.code
        return Done(0 if code is None else int(code), caught.out, caught.err)

    return call


# --- files ------------------------------------------------------------------------------------


def text_of_pdf(place: Path) -> str:
    """The text of all pages, in the order in which it is drawn."""
    pages = pypdf.PdfReader(place).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u200b", "")


class Page(HTMLParser):
    """The elements of a page, and all the text it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.shown: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.shown.append(data)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One report in every format of a problem with hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile_problem().save(folder / "data.json")
    done = run_apart(
        "report",
        folder / "data.json",
        "-o",
        folder,
        "--format",
        "html,pdf,json,csv,md",
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


def test_the_certificate_inside_is_the_one_that_was_checked(hostile: Path, tmp_path: Path, run: Run) -> None:
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
    command = [sys.executable, "-c", "from exactsaddle.cli import main; main()", "report", "data.json"]
    options = ["--format", "html,pdf,json,csv,md", "--alphas", "1e-2,1e-3"]
    here = {"PYTHONHASHSEED": "1"}
    there = {
        "PYTHONHASHSEED": "7",
        "COLUMNS": "90",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C.UTF-8",
        "HOME": "/nowhere",
    }
    for folder, changed in (("here", here), ("there", there)):
        subprocess.run(
            [*command, *options, "-o", folder],
            check=True,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, **changed},
        )
    for fmt in ("html", "pdf", "json", "csv", "md"):
        one, other = ((tmp_path / folder / f"report.{fmt}").read_bytes() for folder in ("here", "there"))
        assert one == other, fmt
    document = json.loads((tmp_path / "here" / "report.json").read_text())
    assert document["convergence"]["alphas"] == ["1/100", "1/1000"]


# --- certificates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "witness"),
    [
        ("first-hit-late", "beyond its threshold"),
        ("loss-wrong", "loss"),
        ("uniqueness-second-sign", "second_2"),
    ],
)
def test_a_rejected_certificate_is_reported_as_such(
    name: str, witness: str, tmp_path: Path, run: Run
) -> None:
    place = CERTIFICATES / "rejected" / f"{name}.json"
    done = run("report", place, "-o", tmp_path, "--format", "html,pdf,json,csv,md")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("rejected: saddle")
    assert witness in done.stdout
    assert not (tmp_path / "report.csv").exists()
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "rejected"
    for text in (
        (tmp_path / "report.md").read_text(),
        text_of_pdf(tmp_path / "report.pdf"),
        (tmp_path / "report.html").read_text(),
    ):
        assert "REJECTED" in text
        assert "verified:" not in text
    rows = (tmp_path / "report.md").read_text().partition("Stated, and exact.")[2].partition("##")[0]
    differing = [line.split("|")[1].strip() for line in rows.splitlines() if "≠" in line]
    assert differing == {"first-hit-late": ["1"], "loss-wrong": ["0"]}.get(name, [])


def test_an_unchecked_certificate_says_so(tmp_path: Path, run: Run) -> None:
    done = run(
        "report", CERTIFICATES / "accepted" / "prefix.json", "-o", tmp_path, "--format", "md", "--no-flow"
    )
    assert done.returncode == 3
    text = (tmp_path / "report.md").read_text()
    assert "**unchecked**" in text
    assert "every claim of a prefix holds; what follows the prefix is not known" in text
    done = run("report", "planted", "--max-saddles", "3", "-o", tmp_path, "--format", "md", "--no-flow")
    assert done.returncode == 3
    assert "exactsaddle report planted --no-flow --max-saddles 3\n" in (tmp_path / "report.md").read_text()


def test_a_certificate_of_events_is_solved_again(tmp_path: Path, run: Run) -> None:
    saddle_path(LEAVES, arithmetic="ball").outline().save(tmp_path / "c.json")
    done = run("report", tmp_path / "c.json", "-o", tmp_path, "--format", "md,json", "--no-flow")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.md").read_text()
    assert "check_path_interval.py" in text.replace("\\", "")
    assert (
        json.loads((tmp_path / "report.json").read_text())["checker"]["program"] == "check_path_interval.py"
    )


def test_a_stored_certificate_is_replayed_only_as_it_says(tmp_path: Path) -> None:
    saddle_path(LEAVES, arithmetic="ball").outline().save(tmp_path / "c.json")
    stored = StoredCertificate.load(tmp_path / "c.json")
    assert [s.support for s in stored.path()] == [s.support for s in saddle_path(LEAVES)]
    other = replace(stored, saddles=(*stored.saddles[:-1], {"support": [0], "hits": {}}))
    with pytest.raises(InvalidInput, match="other minimisers"):
        other.path()
    with pytest.raises(InvalidInput, match="rejected"):
        StoredCertificate.load(CERTIFICATES / "rejected" / "loss-wrong.json").path()


@pytest.mark.parametrize("name", ["truncated", "number-nan", "not-utf-8", "version-2"])
def test_a_malformed_certificate_makes_no_report(name: str, tmp_path: Path, run: Run) -> None:
    done = run("report", CERTIFICATES / "malformed" / f"{name}.json", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_what_is_not_a_certificate_of_a_path_with_its_problem(tmp_path: Path, run: Run) -> None:
    done = run("report", CERTIFICATES / "accepted" / "detached.json", "-o", tmp_path)
    assert done.returncode == 2
    assert "detached" in done.stderr
    assert run("lasso", "planted", "-o", tmp_path / "lasso.json").returncode == 0
    done = run("report", tmp_path / "lasso.json", "-o", tmp_path)
    assert done.returncode == 2
    assert "Lasso" in done.stderr
    done = run("report", CERTIFICATES / "accepted" / "tie.json", "--center", "-o", tmp_path)
    assert done.returncode == 2
    assert "certificate" in done.stderr


# --- places, extras, options -------------------------------------------------------------------


def test_a_file_in_the_place_of_the_folder(tmp_path: Path, run: Run) -> None:
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


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path, run: Run) -> None:
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
            with pytest.raises(MissingExtra, match=r"pip install 'exactsaddle\[report\]'"):
                prepare(tmp_path / module, formats)  # type: ignore[arg-type]
        assert not (tmp_path / module).exists()
    with monkeypatch.context() as patch:
        for module in ("typst", "jinja2", "matplotlib"):
            patch.setitem(sys.modules, module, None)
        prepare(tmp_path, ("md", "json", "csv"))


def test_options_that_name_nothing(run: Run) -> None:
    for options, word in (
        (["--format", "docx"], "docx"),
        (["--format", ","], "formats"),
        (["--alphas", "2"], "alpha"),
        (["--alphas", ","], "--no-flow"),
    ):
        done = run("report", "planted", *options)
        assert (done.returncode, word in done.stderr) == (2, True), done.stderr
    assert parse_formats("md, HTML,md") == ("html", "md")


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


def test_absence_is_said_with_its_reason() -> None:
    found = find(saddle_path(LEAVES), flow=False)
    text = render_markdown(report_document(found, Absent("no paper left"), ORIGIN))
    assert "no paper left" in text
    assert "not to look at the flow" in text


def test_indexed_letters_of_every_statement_are_typeset() -> None:
    """Typst accepts each formula, and no raw index is left on the page for the claims of a certificate."""
    path = saddle_path(Problem([[2, 1], [0, 1]], [5, 1]))
    claims = Certified.of(path).claims
    statements = [meaning for _, meaning in claim_meanings(EXACT_CHECKER, claims)]
    statements += [entry.statement for entry in PROPERTIES.values()]
    statements += [claim.statement for claim, _ in on_path(path)]
    printed = [formula.typeset(statement) for statement in statements]
    assert sum(isinstance(word, Math) for words in printed for word in words) > 40
    for words in printed[: len(claims)]:
        assert not any("_" in word for word in words if isinstance(word, str))
    document = replace(document_of(path), sections=(Section("a", "All", (Points(tuple(printed)),)),))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(render_pdf(document))).pages)
    assert "_{" not in text.replace("Σ_{", "").replace("∪_{", "")


@pytest.mark.parametrize("spoil", [lambda text: text[:-40], lambda text: text.replace('"loss"', '"lost"', 1)])
def test_a_malformed_certificate_is_called_by_its_own_name_alone(
    spoil: Callable[[str], str], tmp_path: Path
) -> None:
    place = tmp_path / "mine.json"
    place.write_text(spoil(saddle_path(LEAVES).certificate().to_text()), encoding="utf-8")
    with pytest.raises(MalformedCertificate, match="^" + re.escape(str(place))) as raised:
        StoredCertificate.load(place)
    assert "certificate.json" not in str(raised.value)
