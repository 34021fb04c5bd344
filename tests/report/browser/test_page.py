"""The HTML report in a browser: its controls, its manners, and the gallery as it is shipped."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from exactsaddle import saddle_path
from exactsaddle.base import Status
from exactsaddle.report.document import Paragraph, Section, words
from exactsaddle.report.gallery.exhibits import EXHIBITS, Exhibit
from tests.support.browser import Report
from tests.support.open_reports import Opener, check_state, go_to, show_everything
from tests.support.places import ROOT
from tests.support.report_samples import (
    HOSTILE,
    diabetes_path,
    document,
    hostile_path,
    huge_number,
    names_of,
    small_path,
    wide_document,
)

REPORTS = ROOT / "reports"


CHECKER = ROOT / "proofs_checks" / "check_path.py"


def shipped() -> list[Any]:
    """Two small exhibits, and the rest as evidence."""
    quick = {"exact-tie", "sign-flip"}
    return [
        pytest.param(e, id=e.slug, marks=() if e.slug in quick else pytest.mark.slow)
        for e in EXHIBITS
        if e.training is None
    ]


def drawn(report: Report) -> list[str]:
    return list(
        report.page.locator(".canvas polyline").evaluate_all(
            "all => all.filter(e => getComputedStyle(e).display !== 'none').map(e => e.classList[0])"
        )
    )


def test_coordinates_are_toggled_by_mouse_and_by_keyboard(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    page = report.page
    page.click("button[aria-controls=ui-coordinates]")
    lines = page.locator(".canvas polyline.coordinate-1")
    assert lines.first.is_visible()
    page.click("label:has-text('x1')")
    assert not lines.first.is_visible()
    page.focus("#ui-coordinate-1")
    page.keyboard.press("Space")
    assert lines.first.is_visible()
    page.click("#ui-show-none")
    assert drawn(report) == []
    page.fill("#ui-filter", "X2")
    page.click("#ui-show-all")
    assert drawn(report) == ["coordinate-2", "coordinate-2"]
    page.fill("#ui-filter", "")
    go_to(report, "0.6")
    page.click("#ui-show-support")
    assert drawn(report) == ["coordinate-0", "coordinate-0", "coordinate-1", "coordinate-1"]
    page.keyboard.press("Escape")
    assert not page.is_visible("#ui-coordinates")


def test_500_saddles_and_200_coordinates_stay_usable(open_report: Opener) -> None:
    report = open_report(wide_document())
    page = report.page
    assert page.locator("#saddles tbody tr:visible").count() == 40
    page.click("text=Show all 500 rows")
    assert page.locator("#saddles tbody tr:visible").count() == 500
    page.click("button[aria-controls=ui-coordinates]")
    page.fill("#ui-filter", "gene 19")
    assert page.locator("#ui-coordinates fieldset label:visible").count() == 10
    show_everything(report)
    page.click("#ui-next")
    assert page.locator("#ui-state tbody tr:visible").count() == 200


def test_the_saved_certificate_passes_the_checker(open_report: Opener, tmp_path: Path) -> None:
    report = open_report(document(diabetes_path(), "Diabetes", digits=17))
    with report.page.expect_download() as saving:
        report.page.click("text=Save certificate.json")
    saved = tmp_path / "saved.json"
    saving.value.save_as(saved)
    assert saving.value.suggested_filename == "certificate.json"
    assert saved.read_text() == diabetes_path().certificate().to_text()
    subprocess.run([sys.executable, "-I", str(CHECKER), str(saved)], check=True, capture_output=True)


def test_without_scripts_everything_can_be_read_and_saved(open_report: Opener, tmp_path: Path) -> None:
    report = open_report(wide_document(), java_script_enabled=False)
    page = report.page
    assert page.locator("#saddles tbody tr:visible").count() == 500
    assert page.locator("#ui-dock").count() == 0
    assert page.locator("header button").count() == 0
    with page.expect_download() as saving:
        page.click("text=Save certificate.json")
    assert saving.value.path().read_text() == small_path().certificate().to_text()


def test_without_scripts_the_exact_value_is_a_click_or_key_away(open_report: Opener) -> None:
    report = open_report(document(diabetes_path(), "Diabetes"), java_script_enabled=False)
    page = report.page
    third = page.locator("#saddles tbody tr >> nth=3").locator("button.number").first
    third.focus()
    page.keyboard.press("Enter")
    shown = page.locator(".exact:popover-open code")
    assert Fraction(shown.inner_text()) == diabetes_path()[3].jump_time


@pytest.mark.parametrize("width", [360, 390, 800])
def test_no_page_is_wider_than_its_screen(open_report: Opener, width: int) -> None:
    long = Section("long", "Long", (Paragraph(words("A number ", huge_number(), " in line.")),))
    shown = document(hostile_path(), "Hostile" * 30)
    report = open_report(replace(shown, sections=(*shown.sections, long)))
    report.page.set_viewport_size({"width": width, "height": 844})
    report.page.click("button[aria-controls=ui-state]")
    report.page.select_option("#ui-which", "all")
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not report.page.evaluate(wide)
    report.page.click("button[aria-controls=ui-coordinates]")
    assert not report.page.evaluate(wide)
    report.page.locator("#long button.number").click()
    box = report.page.locator(".exact:popover-open").bounding_box()
    assert box is not None
    assert box["width"] <= width
    assert box["height"] <= 844
    assert len(report.page.inner_text(".exact:popover-open code")) == 20_001
    assert not report.page.evaluate(wide)
    numbers = open_report(document(diabetes_path(), "Tables of long numbers"))
    numbers.page.set_viewport_size({"width": width, "height": 844})
    assert not numbers.page.evaluate(wide)


def test_hostile_names_appear_as_they_are_and_do_nothing(open_report: Opener) -> None:
    report = open_report(document(hostile_path(), HOSTILE[0]))
    page = report.page
    assert page.title() == HOSTILE[0]
    text = page.locator("main").evaluate("main => main.textContent")
    show_everything(report)
    rows = page.locator("#ui-state tbody th").all_text_contents()
    for name in HOSTILE:
        shown = (
            name.replace("\0", "␀")
            .replace("\n", "␊")
            .replace("\u202e", "⟨U+202E⟩")
            .replace("\u202c", "⟨U+202C⟩")
        )
        assert shown in text
        assert shown in rows
    assert page.locator("img, iframe, object, embed, script[src], link").count() == 0
    assert page.locator("script").count() == 2


def test_the_policy_stops_what_comes_from_elsewhere(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    blocked = report.page.evaluate(
        """async () => {
          const seen = [];
          const note = (event) => seen.push(event.effectiveDirective);
          document.addEventListener("securitypolicyviolation", note);
          const image = new Image();
          image.src = "http://127.0.0.1:9/x.png";
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(image, script);
          try { await fetch("http://127.0.0.1:9/"); } catch { }
          await new Promise((done) => setTimeout(done, 100));
          return [seen.sort(), window.ran === undefined];
        }"""
    )
    assert blocked == [["connect-src", "img-src", "script-src-elem"], True]
    assert report.complaints
    report.complaints.clear()
    report.requests = [url for url in report.requests if "127.0.0.1" not in url]


def test_colours_follow_the_system_and_the_button(open_report: Opener) -> None:
    def paper(report: Report) -> str:
        return str(report.page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    light, dark = (
        open_report(document(small_path(), "L"), color_scheme="light"),  # the choice is kept for its context
        open_report(document(small_path(), "D"), color_scheme="dark"),
    )
    assert paper(light) != paper(dark)
    light.page.focus(".theme")
    light.page.keyboard.press("Enter")
    assert paper(light) == paper(dark)
    for _ in range(20):  # the browser stores the choice in its own time
        light.page.reload()
        if paper(light) == paper(dark):
            break
    assert paper(light) == paper(dark)
    light.page.click(".theme")
    dark.page.click(".theme")
    dark.page.click(".theme")
    assert paper(light) == paper(dark)
    dark.page.emulate_media(media="print")
    assert paper(dark) == "rgba(0, 0, 0, 0)"


def test_on_paper_details_are_open_and_controls_gone(open_report: Opener) -> None:
    report = open_report(wide_document())
    report.page.emulate_media(media="print")
    assert not report.page.is_visible("#ui-dock")
    assert not report.page.is_visible(".theme")
    assert report.page.locator("#saddles tbody tr:visible").count() == 500
    report.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert report.page.is_visible("#last")
    report.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert report.page.locator("details.more[open]").count() == 0


def test_what_a_screen_reader_is_told(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    told = report.page.locator("body").aria_snapshot()
    for part in (
        'link "Skip to the content"',
        "banner",
        'navigation "Contents"',
        "main",
        "contentinfo",
        'region "Verdict"',
        'heading "Small" [level=1]',
        'slider "Accelerated time t"',
        'rowheader "1"',
        'columnheader "jump time tk"',
        'img "Steps of the limit: 3 plateaus',
        'button "Next jump"',
    ):
        assert part in told, part
    report.page.keyboard.press("Tab")
    assert report.page.evaluate("document.activeElement.className") == "skip"
    report.page.keyboard.press("Enter")
    assert report.page.evaluate("document.activeElement.id") == "ui-content"


def test_a_rejection_is_loud(open_report: Opener) -> None:
    loud = open_report(document(small_path(), "R", Status.REJECTED)).page.locator(".banner")
    calm = open_report(document(small_path(), "V")).page.locator(".banner")
    size = "e => parseFloat(getComputedStyle(e.querySelector('.verdict')).fontSize)"
    assert loud.evaluate(size) > 2 * calm.evaluate(size)
    assert "REJECTED" in loud.inner_text()


def test_names_of_the_sample_are_hostile() -> None:
    assert names_of(hostile_path()) == HOSTILE


@pytest.mark.parametrize("exhibit", shipped())
def test_the_gallery_as_it_is_shipped(context: BrowserContext, tmp_path: Path, exhibit: Exhibit) -> None:
    report = Report(context, REPORTS / exhibit.slug / "report.html")
    report.page.locator(".proved[data-verdict=verified]").wait_for()
    path = saddle_path(exhibit.problem())
    page = report.page
    assert page.locator(".picture svg").count() >= 4
    show_everything(report)
    for t in (Fraction(0), path.jump_times[-1]):
        go_to(report, str(t))
        check_state(report, path, t)
    assert page.locator(".cursor").first.is_visible()
    shown = page.locator(".canvas .coordinate-0:not(.off)").count()
    page.click("button[aria-controls=ui-coordinates]")
    page.locator("#ui-coordinates input[type=checkbox]").first.uncheck()
    assert page.locator(".canvas .coordinate-0:not(.off)").count() < shown
    with page.expect_download() as saving:
        page.click("text=Save certificate.json")
    saved = tmp_path / "saved.json"
    saving.value.save_as(saved)
    subprocess.run([sys.executable, "-I", str(CHECKER), str(saved)], check=True, capture_output=True)
    report.close()
