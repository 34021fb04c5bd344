"""What tests of reports are given: pictures drawn once, an open report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from exactsaddle import lasso_path
from exactsaddle.convergence import converge
from exactsaddle.lasso import lasso_agreement
from exactsaddle.report.document import Document, Picture
from exactsaddle.report.drawing import draw
from exactsaddle.report.figures import pictures
from exactsaddle.report.renderers.html import render_html
from tests.support.browser import Report, chromium
from tests.support.figures import DIABETES, README, by_anchor
from tests.support.open_reports import Opener


@pytest.fixture(scope="session")
def readme() -> dict[str, Picture]:
    return by_anchor(
        pictures(
            README,
            drawing=draw(README),
            convergence=converge(README, ["1e-5", "1e-10"], digits=5),
            lasso=lasso_path(README.problem),
            agreement=lasso_agreement(README),
            selected={},
        )
    )


@pytest.fixture(scope="session")
def diabetes() -> dict[str, Picture]:
    return by_anchor(
        pictures(
            DIABETES,
            lasso=lasso_path(DIABETES.problem),
            agreement=lasso_agreement(DIABETES),
            only=["coordinates", "dual", "support", "lasso"],
        )
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    opened: list[Report] = []

    def opener(shown: Document, **context: object) -> Report:
        file = tmp_path / f"report-{len(opened)}.html"
        file.write_text(render_html(shown), encoding="utf-8")
        opened.append(Report(browser, file, **context))
        return opened[-1]

    yield opener
    for report in opened:
        report.close()
