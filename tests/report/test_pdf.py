"""The PDF report: what its text says, what it carries, that nothing in it runs."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader

from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.base import Status
from exactsaddle.numbers import to_decimal, to_rational
from exactsaddle.report.contents.building import facts
from exactsaddle.report.document import (
    Document,
    Link,
    Math,
    Paragraph,
    Picture,
    Points,
    Section,
    words,
)
from exactsaddle.report.renderers.pdf import render_pdf, typeset
from tests.support.report_samples import (
    HOSTILE,
    diabetes_path,
    document,
    hostile_path,
    huge_number,
    small_path,
    wide_document,
)
from tests.support.reports import document_of


def reader(shown: Document) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(shown)))


def text_of(pdf: PdfReader) -> str:
    """All text, without white space and break points: lines are broken where the paper ends."""
    return re.sub(r"[\s\u200b]+", "", "".join(page.extract_text() for page in pdf.pages))


def only(*parts: object) -> Document:
    section = Section("only", "Only", (Paragraph(words(*parts)),))  # type: ignore[arg-type]
    return replace(document(small_path(), "Only"), sections=(section,))


def test_jump_times_are_those_of_the_path() -> None:
    text = text_of(reader(document(diabetes_path(), "diabetes")))
    for saddle in diabetes_path():
        assert to_decimal(to_rational(saddle.jump_time), 10).replace("-", "\u2212") in text
    assert "1\u22483.408435616e\u221205" in text
    assert "221/6483913" not in text  # it would stand over its neighbour


def test_same_document_same_bytes_and_no_date() -> None:
    first, second = (render_pdf(document(small_path(), "t")) for _ in range(2))
    assert first == second
    assert b"CreationDate" not in first
    assert b"ModDate" not in first


def test_metadata_language_tags_and_digest() -> None:
    pdf = reader(document(small_path(), "A title", Status.UNCHECKED))
    assert pdf.metadata is not None
    assert pdf.metadata.title == "A title"
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "en"  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    for page in pdf.pages:
        assert small_path().problem.digest in page.extract_text()
    assert f"1/{len(pdf.pages)}" in text_of(pdf)
    assert "unchecked" in pdf.pages[0].extract_text()


def test_figures_carry_their_alternative_text() -> None:
    pdf = reader(document(small_path(), "t"))
    found: list[str] = []

    def walk(node: object) -> None:
        node = getattr(node, "get_object", lambda: node)()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            walk(node.get("/K", []))

    walk(pdf.trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]
    assert any("3 plateaus, the last from t = 0.5625" in alt for alt in found)
    assert "L(β) = ‖y − Xβ‖²/(2n)" in found


@pytest.mark.parametrize("status", Status)
def test_the_verdict_is_on_page_one(status: Status) -> None:
    first = reader(document(small_path(), "t", status)).pages[0].extract_text()
    assert (status.value.upper() if status is Status.REJECTED else status.value) in first


def test_the_certificate_is_attached() -> None:
    attached = reader(document(small_path(), "t")).attachments
    assert list(attached) == ["certificate.json"]
    assert attached["certificate.json"][0].decode() == small_path().certificate().to_text()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_stand_as_they_are(name: str) -> None:
    shown = only(name, " and ", Link(name, name))
    pdf = reader(replace(shown, title=name, subtitle=name))
    drawn = re.sub(r"\s+", "", name)
    if name.isascii() and name.isprintable():
        assert text_of(pdf).count(drawn) >= 3
    for page in pdf.pages:
        for annotation in page.get("/Annots") or ():
            action = annotation.get_object()["/A"]
            assert action["/S"] == "/URI"
            assert not re.match(r"[a-z]+:", str(action["/URI"]), re.IGNORECASE)


def test_what_no_font_draws_stands_as_its_code_point() -> None:
    text = text_of(reader(only("特🎉\0\u202e")))
    for code in ("U+7279", "U+1F389", "U+0000", "U+202E"):
        assert code in text
    assert "lack2characters" in text
    assert "lack" not in text_of(reader(only("plain")))


def test_names_of_all_kinds_go_through_tables() -> None:
    text = text_of(reader(document(hostile_path(), "Hostile")))
    assert '#panic("typst")\\#read("/etc/passwd")' in text
    assert "w" * 300 in text


def test_a_huge_number_stays_in_its_line() -> None:
    text = text_of(reader(only(huge_number())))
    assert "Only≈10" in text
    assert len(text) < 2000


def test_long_tables_are_counted() -> None:
    pdf = reader(wide_document())
    assert "and460morerows" in text_of(pdf)
    heads = [page for page in pdf.pages if "jump time" in page.extract_text()]
    assert len(heads) == 2, "the header is repeated where the table goes on"


def test_the_line_at_the_end_is_alone_on_no_page() -> None:
    shown = document_of(saddle_path(Problem([[2, 1], [0, 1]], [5, 1])))
    filler = Paragraph(("word " * 20,))
    for count in range(8, 15):  # somewhere among these the page was full before it
        pdf = reader(replace(shown, sections=(Section("f", "Filler", (filler,) * count), shown.sections[-1])))
        last = pdf.pages[-1].extract_text()
        assert "byte for byte" in last
        assert "How this report was made" in last  # a short section stays together


def test_a_long_table_begins_with_more_than_a_row() -> None:
    shown, filler = document(small_path(), "t"), Paragraph(("word " * 3,))
    long = facts("f", ("Caption",), [(f"row{i}", "word " * 30) for i in range(40)])
    for count in range(24, 30):  # at one of these a single row fits below the caption
        sections = (Section("f", "Filler", (*(filler,) * count, long)), shown.sections[-1])
        pdf = reader(replace(shown, sections=sections))
        begun = next(text for page in pdf.pages if "Caption" in (text := page.extract_text()))
        assert begun.count("row") >= 2


def test_a_list_is_on_the_page_of_the_words_that_announce_it() -> None:
    shown, filler = document(small_path(), "t"), Paragraph(("word " * 3,))
    points = Points(((("first",)), (("second",))))
    for count in range(20, 34):  # at one of these the page was full before the list
        listed = Section("l", "Listed", (Paragraph(("Announced:",)), points))
        pdf = reader(replace(shown, sections=(Section("f", "Filler", (filler,) * count), listed)))
        assert any("Announced" in text and "first" in text for text in (p.extract_text() for p in pdf.pages))


def test_no_row_is_cut_by_the_end_of_a_page() -> None:
    shown, filler = document(small_path(), "t"), Paragraph(("word " * 3,))
    rows = facts("f", ("Caption",), [(f"begin{i}.", "word " * 60 + f"end{i}.") for i in range(40)])
    for count in range(4):
        sections = (Section("f", "Filler", (*(filler,) * count, rows)), shown.sections[-1])
        pages = [page.extract_text() for page in reader(replace(shown, sections=sections)).pages]
        assert len([text for text in pages if "begin" in text]) > 1
        for i in range(40):
            assert any(f"begin{i}." in text and f"end{i}." in text for text in pages)


def test_a_row_longer_than_a_page_goes_on() -> None:
    shown = document(small_path(), "t")
    long = facts("f", ("Caption",), [("begin.", "word " * 4000 + "end.")])
    pages = [p.extract_text() for p in reader(replace(shown, sections=(Section("f", "F", (long,)),))).pages]
    assert any("end." in text for text in pages)
    assert sum(text.count("word") for text in pages) == 4000


def test_a_short_table_is_on_one_page() -> None:
    shown = document(small_path(), "t")
    filler, table = Paragraph(("word " * 20,)), facts("f", ("Caption",), [(f"row{i}", "x") for i in range(8)])
    for count in range(8, 18):
        pdf = reader(replace(shown, sections=(Section("f", "Filler", (*(filler,) * count, table)),)))
        pages = [page.extract_text() for page in pdf.pages]
        assert any("Caption" in text and "row0" in text and "row7" in text for text in pages)


def test_links_within_lead_to_sections_that_exist() -> None:
    pdf = reader(only(Link("there", "#only"), " ", Link("nowhere", "#absent")))
    assert sum(len(page.get("/Annots") or ()) for page in pdf.pages) == 1


def test_a_picture_is_vectors_and_texts() -> None:
    shown = document(small_path(), "t")
    pictures = [block for block in shown.sections[1].blocks if isinstance(block, Picture)]
    assert pictures
    found = reader(replace(shown, sections=(Section("p", "P", tuple(pictures)),)))
    assert "x0" in text_of(found)
    assert not any(page.images for page in found.pages)


def test_what_no_font_has_is_said_in_a_picture_too() -> None:
    shown = document(small_path(), "t")
    picture = next(block for block in shown.sections[1].blocks if isinstance(block, Picture))
    named = replace(picture, svg=picture.svg.replace(">x0<", ">年x0<"))
    assert "⟨U+5E74⟩x0" in text_of(reader(replace(shown, sections=(Section("p", "P", (named,)),))))


def test_mathematics_is_typeset() -> None:
    text = text_of(reader(only(Math("∇L(β) = 0", "nabla L(beta) = 0"))))
    assert "nabla" not in text
    assert "∇" in text


@pytest.mark.parametrize("path", [small_path(), hostile_path()], ids=["small", "hostile"])
def test_typst_finds_it_accessible(path: SaddlePath) -> None:
    shown = document(path, "t", Status.REJECTED)
    assert b"pdfuaid" in typeset(shown, ("ua-1",))
