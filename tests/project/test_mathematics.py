"""MATHEMATICS.md: what cites it finds its section, and its sessions run."""

from __future__ import annotations

import doctest
import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from exactsaddle import Problem, saddle_path
from proofs_checks.claims.ledger import CLAIMS
from tests.support.places import ROOT

PAGE = ROOT / "exactsaddle" / "MATHEMATICS.md"
TEXT = {".cfg", ".csv", ".html", ".json", ".md", ".py", ".svg", ".toml", ".txt", ".typ"}
NAME = re.escape(PAGE.name)
CITATION = re.compile(rf"{NAME}\s+§(\d+)(?:(–| and §|, §)(\d+))?")
LINK = re.compile(rf"\[[^]]*\]\(([^)]*{NAME})\)")
SECTION = re.compile(r"^## (\d+)\. \S", re.MULTILINE)


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project but this one; some test data are not UTF-8 on purpose."""
    rooms = ("exactsaddle", "proofs_checks", "tests", "reports")
    for place in (*ROOT.iterdir(), *(place for room in rooms for place in (ROOT / room).rglob("*"))):
        if place.suffix in TEXT and place != Path(__file__).resolve():
            yield place, place.read_text(errors="replace")


def cited(text: str) -> set[int]:
    """The sections that a text cites."""
    found = set()
    for first, joint, last in CITATION.findall(text):
        found |= {int(first)} if not joint else {int(first), int(last)}
        if joint == "–":
            found |= set(range(int(first), int(last)))
    return found


def sections() -> list[int]:
    return [int(number) for number in SECTION.findall(PAGE.read_text())]


def test_citations_are_read() -> None:
    page = PAGE.name
    assert cited(f"({page} §3; {page}\n    §12)") == {3, 12}
    assert cited(f"{page} §1–4 and {page} §6 and §8") == {1, 2, 3, 4, 6, 8}
    assert cited("README.md §3") == set()


def test_sections_are_numbered_in_order() -> None:
    assert sections() == list(range(1, 12))


def test_every_citation_finds_its_section() -> None:
    known, count = set(sections()), 0
    for place, text in texts():
        missing = cited(text) - known
        assert not missing, f"{place.relative_to(ROOT)} cites {sorted(missing)}, which {PAGE.name} has not"
        count += len(CITATION.findall(text))
    assert count > 100


def test_no_program_cites_the_page_as_a_whole() -> None:
    for place, text in texts():
        if place.suffix in {".py", ".json"}:
            assert len(re.findall(NAME, text)) == len(CITATION.findall(text)), place.relative_to(ROOT)


def test_links_to_the_page_resolve() -> None:
    linking = set()
    for place, text in texts():
        if place.suffix == ".md":
            for target in LINK.findall(text):
                assert (place.parent / target).resolve() == PAGE, place.relative_to(ROOT)
                linking.add(place.relative_to(ROOT).as_posix())
    assert {"README.md", "exactsaddle/README.md"} <= linking


def test_nothing_cites_a_page_that_is_not_here() -> None:
    elsewhere = re.compile(r"\b(MATH|DESIGN|HOUSE)\.md\b")
    assert elsewhere.search("MATH.md §3")
    assert [place for place, text in texts() if elsewhere.search(text)] == []


def test_underscores_and_signs_are_not_taken_for_markup() -> None:
    rendered = MarkdownIt("commonmark").enable("table").render(PAGE.read_text())
    emphasised = re.findall(r"<em>(.*?)</em>", rendered, re.DOTALL)
    assert "Strict saddles" in emphasised
    assert [phrase for phrase in emphasised if re.search(r"[=_{}]", phrase)] == []
    assert "*" not in re.sub(r"<pre>.*?</pre>", "", rendered, flags=re.DOTALL)


def test_files_and_tests_named_on_the_page_exist() -> None:
    page = PAGE.read_text()
    files = re.findall(r"\b[a-z_]+(?:/[\w-]+)+\.(?:py|json)\b", page)
    assert len(files) >= 5
    assert [name for name in files if not any((base / name).is_file() for base in (ROOT, PAGE.parent))] == []
    tests = set(re.findall(r"\btest_[a-z_]+\b(?!\.py)", page))
    defined = {
        name
        for place in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (\w+)", place.read_text())
    }
    assert len(tests) >= 3
    assert tests <= defined


def test_claims_named_on_the_page_are_in_the_ledger() -> None:
    lists = re.findall(r"[Cc]laims?\s+((?:`[a-z0-9-]+`(?:,\s+|\s+and\s+)?)+)", PAGE.read_text())
    named = {name for found in lists for name in re.findall(r"`([^`]+)`", found)}
    assert len(named) >= 10
    assert named <= set(CLAIMS)


def test_the_sessions_on_the_page_run() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted >= 10
    assert result.failed == 0


def test_the_readme_says_first_what_is_meant() -> None:
    first_screen = "".join((ROOT / "README.md").read_text().partition("```")[0])
    for said in ("β = u ⊙ v", "u(0) = √2·α", "v(0) = 0", "‖y − Xβ‖²/2n", f"(exactsaddle/{PAGE.name})"):
        assert said in first_screen


def measured_rows() -> list[tuple[int, int, int, float, float]]:
    """(n, d, problems, share where a coordinate leaves, share where a support shrinks), as printed in §3."""
    row = re.compile(r"^\| (\d+) × (\d+) \| ([\d,]+) \| ([\d.]+) % \| ([\d.]+)(?: %)? \|$", re.MULTILINE)
    return [
        (int(n), int(d), int(count.replace(",", "")), float(leaves), float(shrinks))
        for n, d, count, leaves, shrinks in row.findall(PAGE.read_text())
    ]


def test_the_measured_table_is_found() -> None:
    assert [(n, d) for n, d, *_ in measured_rows()] == [(2, 2), (3, 3), (5, 8), (6, 6)]


@pytest.mark.slow
@pytest.mark.parametrize(("n", "d", "count", "leaves", "shrinks"), measured_rows())
def test_how_often_a_coordinate_leaves(n: int, d: int, count: int, leaves: float, shrinks: float) -> None:
    source = random.Random(f"{n}x{d}")
    left = smaller = 0
    for _ in range(count):
        X = [[source.randint(-5, 5) for _ in range(d)] for _ in range(n)]
        y = [source.randint(-5, 5) for _ in range(n)]
        supports = [set(saddle.support) for saddle in saddle_path(Problem(X, y))]
        left += any(before - after for before, after in pairwise(supports))
        smaller += any(len(after) < len(before) for before, after in pairwise(supports))
    assert 100 * left / count == pytest.approx(leaves, abs=0.051)
    assert 100 * smaller / count == pytest.approx(shrinks, abs=0.0051 if n == 3 else 0.051)
