"""Reports open in a browser: going to a time, reading the state."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from exactsaddle import SaddlePath
from exactsaddle.numbers import parse_rational, to_fraction
from tests.support.browser import Report

Opener = Callable[..., Report]


def go_to(report: Report, t: str) -> None:
    report.page.fill("#ui-time", t)
    report.page.press("#ui-time", "Enter")


def show_everything(report: Report) -> None:
    report.page.click("button[aria-controls=ui-state]")
    report.page.select_option("#ui-which", "all")


EXACT_VALUES = """() => [...document.querySelectorAll("#ui-state tbody tr")].map((row) =>
  [...row.cells].slice(1, 3).map((cell) => {
    const button = cell.querySelector("button");
    if (!button) return cell.textContent.split(" ")[0];
    button.click();
    const card = document.querySelector(".exact:popover-open");
    const text = card.querySelector("code").textContent;
    card.hidePopover();
    return text;
  }))"""
"""β and s of each row: in the line, or a click away."""


def check_state(report: Report, path: SaddlePath, t: Fraction) -> None:
    shown = [
        [to_fraction(parse_rational(text)) for text in row] for row in report.page.evaluate(EXACT_VALUES)
    ]
    assert shown == [list(pair) for pair in zip(path.at(t), path.dual_at(t), strict=True)]
