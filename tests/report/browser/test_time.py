"""Time in a browser: the state shown is exact, and every way of moving through it works."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from exactsaddle.numbers import parse_rational, to_decimal, to_fraction, to_rational
from tests.support.open_reports import Opener, check_state, go_to, show_everything
from tests.support.report_samples import (
    diabetes_path,
    document,
    small_path,
)


def test_the_state_is_exact(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    show_everything(report)
    for t in ("0", "1/5", "0.25", "0.2500000000000001", "0.5624999", "9/16", "6e-1", "0.703"):
        go_to(report, t)
        check_state(report, small_path(), to_fraction(parse_rational(t)))


def test_the_state_is_exact_where_numbers_are_long(open_report: Opener) -> None:
    report = open_report(document(diabetes_path(), "Diabetes"))
    show_everything(report)
    for t in ("3e-5", "0.1063705671", "2"):
        go_to(report, t)
        check_state(report, diabetes_path(), to_fraction(parse_rational(t)))
    go_to(report, "0")
    for saddle in diabetes_path()[1:]:
        report.page.click("#ui-next")
        check_state(report, diabetes_path(), saddle.jump_time)
        assert f"{saddle.index} of 14" in report.page.inner_text("[data-show=k]")


@pytest.mark.parametrize("digits", [8, 17])
def test_decimals_are_right_to_the_last_digit_shown(open_report: Opener, digits: int) -> None:
    path = diabetes_path()
    report = open_report(document(path, "Diabetes", digits=digits))
    show_everything(report)
    for t in ("2e-5", "1e-3", "0.0079", "0.3", "1.75", "3.1"):
        go_to(report, t)
        time = to_fraction(parse_rational(t))
        rows = report.page.locator("#ui-state tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].slice(1, 3).map(cell => cell.textContent))"
        )
        for texts, *values in zip(rows, path.at(time), path.dual_at(time), strict=True):
            for text, value in zip(texts, values, strict=True):
                check_digits(text, value)


def check_digits(text: str, value: Fraction) -> None:
    shown = text.removeprefix("≈ ")
    if shown.startswith("0 (below "):
        assert abs(value) < Fraction(shown.split()[2].rstrip(")"))
        return
    significant = len(re.sub(r"^-?[0.]*|\.|e.*", "", shown)) or 1
    assert shown == to_decimal(to_rational(value), significant)
    assert text.startswith("≈") or Fraction(shown) == value


def test_rounding_is_that_of_python(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    hard = ("1/3", "99999999995/100000000000", "1/1024", "12345678905", "12345678915/10", "-5/100000")
    more = ("2/3", "1/7000000", "123456789012345", "0", "1e-40", "-99999999999/10", "5e9", "1/8")
    for text in hard + more:
        value = parse_rational(text)
        for digits in (1, 4, 10):
            assert report.page.evaluate("([x, n]) => decimal(parse(x), n)", [text, digits]) == to_decimal(
                value, digits
            )


def test_jumps_by_mouse_and_by_keyboard(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    page = report.page
    page.click("#ui-next")
    assert page.input_value("#ui-time") == "1/4"
    page.click("#ui-next")
    assert page.input_value("#ui-time") == "9/16"
    page.click("#ui-previous")
    assert page.input_value("#ui-time") == "1/4"
    page.focus("#ui-slider")
    page.keyboard.press("PageDown")
    assert page.input_value("#ui-time") == "9/16"
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    assert Fraction(page.input_value("#ui-time")) > Fraction(1, 4)
    page.keyboard.press("PageUp")
    assert page.input_value("#ui-time") == "1/4"
    page.keyboard.press("End")
    assert Fraction(page.input_value("#ui-time")) == Fraction(document(small_path(), "").timeline.end)  # type: ignore[union-attr]
    assert "plateau 2 of 2" in (page.get_attribute("#ui-slider", "aria-valuetext") or "")


def test_the_slider_moves_every_cursor(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    box = report.page.locator("#ui-slider").bounding_box()
    assert box is not None
    report.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    t = Fraction(report.page.input_value("#ui-time"))
    assert Fraction(1, 4) < t < Fraction(9, 16)
    places = report.page.locator(".cursor").evaluate_all("all => all.map(one => one.style.left)")
    end = Fraction(document(small_path(), "").timeline.end)  # type: ignore[union-attr]
    assert len(places) == 2
    assert all(abs(float(place.rstrip("%")) - float(100 * t / end)) < 1e-3 for place in places)


MOVE = """value => {
  const slider = document.querySelector("#ui-slider");
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
}"""


def test_early_jumps_are_within_reach_over_six_decades(open_report: Opener) -> None:
    report = open_report(document(diabetes_path(), "Diabetes", digits=17, scale="log"))
    page = report.page
    for scale in ("log", "saddle"):
        page.select_option("#ui-scale", scale)
        reached = set()
        for value in range(0, 2001, 20):
            page.evaluate(MOVE, value)
            reached.add((page.get_attribute("#ui-slider", "aria-valuetext") or "").split("plateau ")[1])
        assert len(reached) >= (12 if scale == "log" else 15)
    assert page.locator(".cursor").first.is_visible()


def test_a_panel_answers_to_pointer_and_keys(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    page = report.page
    page.locator(".sensor").first.hover(position={"x": 300, "y": 30})
    tip = page.inner_text("#ui-tip")
    t = Fraction(tip.splitlines()[0].split("= ")[1])
    assert f"plateau {small_path().saddle_at(t).index} of 2" in tip
    assert "x0: β = -4/5 = -0.8" in tip
    page.locator(".sensor").first.click(position={"x": 300, "y": 30})
    assert Fraction(page.input_value("#ui-time")) == t
    page.locator(".sensor").nth(1).focus()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    assert page.input_value("#ui-time") == "1/4"
    page.keyboard.press("ArrowLeft")
    assert Fraction(page.input_value("#ui-time")) < Fraction(1, 4)
    assert page.is_visible("#ui-tip")
    page.keyboard.press("Escape")
    assert not page.is_visible("#ui-tip")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("soon", "is not a time"),
        ("1/0", "is not a time"),
        ("1e999999999", "is not a time"),
        ("-1", "starts at 0"),
        ("7", "up to"),
    ],
)
def test_what_is_no_time_is_refused(open_report: Opener, text: str, complaint: str) -> None:
    report = open_report(document(small_path(), "Small"))
    go_to(report, text)
    assert complaint in report.page.inner_text("#ui-time-message")
    assert report.page.get_attribute("#ui-time", "aria-invalid") == "true"
    go_to(report, "3/10")
    assert report.page.inner_text("#ui-time-message") == ""


def test_real_time(open_report: Opener) -> None:
    report = open_report(document(small_path(), "Small"))
    show_everything(report)
    go_to(report, "0.5")
    report.page.fill("#ui-alpha", "1e-1000")
    assert report.page.inner_text("[data-show=real]") == "t·ln(1/α) ≈ 1151.29"
    report.page.fill("#ui-alpha", "2")
    assert "between 0 and 1" in report.page.inner_text("[data-show=real]")
