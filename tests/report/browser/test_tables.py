"""Tables in a browser: none is wider than its box, names break where they may, decimal points are in line."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.report.document import Column, Listing, Number, Section, Table, words
from exactsaddle.report.text import breakable, paddings
from tests.support.browser import Report
from tests.support.figures import DIABETES
from tests.support.open_reports import Opener
from tests.support.report_samples import document, small_path
from tests.support.reports import document_of, hostile_problem

WIDER = """() => [...document.querySelectorAll(".table")]
  .map((box) => [box.id, box.querySelector("table").scrollWidth, box.querySelector(".scroll").clientWidth])
  .filter(([, table, room]) => table > room)"""
"""The tables that scroll sideways, of all that a page has, those within details included."""


@cache
def wine() -> SaddlePath:
    """Names with underscores, decimals of very different sizes, fractions of every length."""
    data = pytest.importorskip("sklearn.datasets").load_wine()
    rows = [[str(value) for value in row] for row in data.data]
    target = [str(value) for value in data.target]
    return saddle_path(Problem(rows, target, names=data.feature_names))


@cache
def hostile() -> SaddlePath:
    return saddle_path(hostile_problem())


PATHS = {"wine": wine, "diabetes": lambda: DIABETES, "hostile": hostile, "small": small_path}


def opened(open_report: Opener, name: str) -> Report:
    report = open_report(document_of(PATHS[name]()))
    report.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    return report


@pytest.mark.parametrize("name", [pytest.param("wine", marks=pytest.mark.slow), *list(PATHS)[1:]])
def test_no_table_is_wider_than_its_box(open_report: Opener, name: str) -> None:
    report = opened(open_report, name)
    assert report.page.locator(".table").count() >= 3
    for width in (1400, 390):
        report.page.set_viewport_size({"width": width, "height": 900})
        assert report.page.evaluate(WIDER) == []
        assert not report.page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_listing_of_one_long_line_does_not_scroll(open_report: Opener) -> None:
    long = Section(
        "cite", "To cite", (Listing("", "the path of these data (digest " + "0123456789" * 20 + ")"),)
    )
    report = open_report(replace(document(small_path(), "t"), sections=(long,)))
    for width in (1400, 390):
        report.page.set_viewport_size({"width": width, "height": 900})
        assert report.page.locator("pre").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_on_a_phone_every_cell_has_its_heading_beside_it(open_report: Opener) -> None:
    report = opened(open_report, "small")
    report.page.set_viewport_size({"width": 390, "height": 900})
    cell = report.page.locator("#saddles tbody tr").nth(1).locator("td").first
    assert cell.evaluate("e => getComputedStyle(e, '::before').content") == '"jump time tₖ"'
    assert cell.evaluate("e => getComputedStyle(e).display") == "block"
    assert 'rowheader "k 1"' in report.page.locator("#saddles").aria_snapshot()


def test_decimal_points_of_a_column_are_in_line(open_report: Opener) -> None:
    numbers = [Number("1.5", "3/2", "="), Number("0.33333", "1/3", "≈"), Number("12345", "12345", "=")]
    numbers += [Number("0.0123456", "9" * 12 + "/" + "8" * 14, "≈")]
    rows = tuple((words(str(i)), words(number)) for i, number in enumerate(numbers))
    shown = document(small_path(), "Points")
    block = Table("points", words("Points."), (Column(words("n")), Column(words("x"), "right")), rows)
    report = open_report(replace(shown, sections=(Section("s", "S", (block,)),), timeline=None))
    ends = report.page.evaluate("""() => [...document.querySelectorAll("#points td")].map((cell) => {
      const parts = [...cell.querySelectorAll("button, .number, .decimals")];
      const text = parts.at(-1).firstChild, found = text.data.match(/\\d+(?=\\.|$)/);
      const range = document.createRange();
      range.setStart(text, found.index); range.setEnd(text, found.index + found[0].length);
      return range.getBoundingClientRect().right;
    })""")
    assert len(ends) == 4
    assert max(ends) - min(ends) < 1


def test_what_pads_a_cell_is_what_it_lacks() -> None:
    columns = (Column(words("k")), Column(words("x"), "right"))
    cells = ["1", "0.25", "≈ 31.5", "1e-05", "none", ""]
    table = Table("t", words("T."), columns, tuple((words(cell), words(cell)) for cell in cells))
    assert [row[1] for row in paddings(table)] == ["e-00", "0", "00", "", "", ""]
    assert {row[0] for row in paddings(table)} == {""}


def test_names_break_at_underscores_and_only_endless_ones_anywhere() -> None:
    assert breakable("nonflavanoid_phenols") == [("nonflavanoid_", False), ("phenols", False)]
    assert breakable("a" * 25) == [("a" * 25, True)]
    assert breakable("a" * 20 + "-" + "b" * 20) == [("a" * 20 + "-" + "b" * 20, False)]
    assert "".join(piece for piece, _ in breakable("__x__y z_")) == "__x__y z_"


def test_the_state_panel_can_be_made_small(open_report: Opener) -> None:
    page = open_report(document(small_path(), "Small")).page
    page.set_viewport_size({"width": 390, "height": 700})
    page.click("button[aria-controls=ui-state]")
    page.select_option("#ui-which", "all")
    height = "document.querySelector('#ui-state').getBoundingClientRect().height"
    before = page.evaluate(height)
    page.click("#ui-small")
    assert page.get_attribute("#ui-small", "aria-pressed") == "true"
    assert page.evaluate(height) < 0.6 * before
    page.click("#ui-small")
    assert page.evaluate(height) == before
