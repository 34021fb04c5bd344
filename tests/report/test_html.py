"""The HTML report as a text: escaping, structure, what it must never contain."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from exactsaddle.report.document import (
    Column,
    Document,
    Link,
    Math,
    Number,
    Paragraph,
    Section,
    Table,
    words,
)
from exactsaddle.report.renderers.html import render_html
from exactsaddle.report.text import digest_in, in_line, plain, visible
from tests.support.report_samples import (
    HOSTILE,
    diabetes_path,
    document,
    hostile_path,
    small_path,
    wide_document,
)

VOID = {"wbr", "meta", "input", "br", "img", "link", "hr", "rect", "path", "line"}


class Outline(HTMLParser):
    """Elements in order, and a complaint for each that is closed in the wrong order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.references: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        self.targets += [value for name, value in found.items() if name in ("href", "src", "action")]
        for name in ("aria-labelledby", "popovertarget", "aria-controls", "aria-describedby", "for"):
            self.references += found.get(name, "").split()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def with_words(*parts: object) -> Document:
    shown = document(small_path(), "Words")
    return replace(shown, sections=(Section("only", "Only", (Paragraph(words(*parts)),)),))  # type: ignore[arg-type]


@pytest.mark.parametrize("title", HOSTILE)
def test_structure_survives_every_name(title: str) -> None:
    outline = Outline(render_html(replace(document(hostile_path(), title), subtitle=title)))
    assert outline.wrong == []
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.references) <= set(outline.ids)


def test_nothing_is_fetched_from_elsewhere() -> None:
    page = render_html(document(hostile_path(), "t"))
    outline = Outline(page)
    elsewhere = [t for t in outline.targets if not t.startswith(("#", "data:application/json;base64,"))]
    assert elsewhere == ["https://arxiv.org/abs/2304.00488"]
    assert "url(" not in page
    assert "@import" not in page


def test_the_policy_names_the_script_by_its_hash() -> None:
    page = render_html(document(small_path(), "t"))
    script = page.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}'" in page


def test_same_document_same_bytes() -> None:
    assert render_html(document(diabetes_path(), "t")) == render_html(document(diabetes_path(), "t"))


def test_the_timeline_comes_back_as_it_was() -> None:
    shown = document(hostile_path(), "t")
    page = render_html(shown)
    data = json.loads(page.partition('id="ui-timeline">')[2].partition("</script>")[0])
    assert shown.timeline is not None
    assert data["plateaus"][-1]["duals"] == list(shown.timeline.plateaus[-1].duals)
    assert data["names"] == [visible(name) for name in HOSTILE]


def test_a_document_without_timeline_has_no_time_controls() -> None:
    page = render_html(replace(document(small_path(), "t"), timeline=None))
    assert 'id="ui-dock"' not in page
    assert 'id="ui-timeline"' not in page


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("javascript:alert(1)", False),
        ("JAVASCRIPT:alert(1)", False),
        ("\x01javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("https://example.org/a?b=c:d", True),
        ("other/report.html#a:b", True),
        ("#only", True),
    ],
)
def test_links_lead_only_where_they_may(target: str, safe: bool) -> None:
    targets = Outline(render_html(with_words(Link("here", target)))).targets
    assert (target in targets) is safe
    assert len(targets) == (3 if safe else 2)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s_k", "<var>s</var><sub><var>k</var></sub>"),
        ("t_{k+1} < 1", "<var>t</var><sub><var>k</var>+1</sub> &lt; 1"),
        ("ln α", "ln <var>α</var>"),
        ("1/λ_min", "1/<var>λ</var><sub>min</sub>"),
        ("Xβ", "<var>X</var><var>β</var>"),
        ("ℝ^{n×d}", "ℝ<sup><var>n</var>×<var>d</var></sup>"),
        ("10^−8", "10<sup>−8</sup>"),
        ("β\u0303_i", "<var>β\u0303</var><sub><var>i</var></sub>"),
    ],
)
def test_mathematics(text: str, shown: str) -> None:
    assert f'<span class="math">{shown}</span>' in render_html(with_words(Math(text, "x")))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (Number("5", "5", "="), '<span class="number">5</span>'),
        (Number("0.3", "3/10", "="), '<span class="number">3/10</span> <span class="decimals">= 0.3</span>'),
        (Number("0.3333", None, "≈"), '<span class="number">≈ 0.3333</span>'),
        (Number("0.3333", "1/" + "3" * 30, "≈"), 'class="number long"'),
        (Number("0.3333", None, "≈", "a fraction of 9,999 digits"), "≈ 0.3333: a fraction of 9,999 digits"),
    ],
)
def test_numbers(number: Number, shown: str) -> None:
    assert shown in render_html(with_words(number))


def test_long_exact_values_stand_in_the_page_once_and_whole() -> None:
    exact = f"{10**30 + 1}/{3**70}"
    page = render_html(with_words("a ", Number("1.5", exact, "≈")))
    assert page.count(exact) == 1
    assert plain(words("a ", Number("1.5", exact, "≈"))) == "a ≈ 1.5"


def test_controls_and_surrogates_become_visible() -> None:
    assert visible("a\0\n\x1b\x7f\u202e\ud800") == "a␀␊␛␡⟨U+202E⟩\ufffd"
    assert visible("a\n\tb\0", lines=True) == "a\n\tb␀"
    assert "\0" not in render_html(with_words("a\0b\ud800"))
    render_html(with_words("\ud800")).encode()


def test_what_stands_in_the_line() -> None:
    assert in_line(Number("0.25", "1/4", "=")) == ("1/4", "= 0.25")
    assert in_line(Number("0.25", "1" * 25, "≈")) == ("≈ 0.25", "")
    assert digest_in(document(small_path(), "t").made_by) == small_path().problem.digest


def test_tables_have_captions_and_headers_with_scope() -> None:
    page = render_html(document(small_path(), "t"))
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        assert table.count("<caption") == 1
        assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", table))


def test_rows_beyond_the_fold_are_in_the_page() -> None:
    page = render_html(wide_document())
    table = page.partition('id="saddles"')[2].partition("</table>")[0]
    assert table.count("<tr ") == 501
    assert table.partition('class="rest"')[0].count("<tr ") == 41


def test_no_line_ends_within_a_power_of_ten_or_before_the_name_of_an_option() -> None:
    heading = Column(words("at α = 1e-16 and <x>"), "right")
    table = Table("t", words("drawn at 2.5e-3 (--budget flow-work=9)"), (heading,), ((words("1e-2"),),))
    page = render_html(replace(document(small_path(), "t"), sections=(Section("a", "A", (table,)),)))
    for whole in ("1e-16", "2.5e-3", "1e-2", "--budget"):
        assert f'<span class="whole">{whole}</span>' in page
    assert "and &lt;x&gt;" in page
