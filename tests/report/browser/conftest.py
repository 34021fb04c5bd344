"""What tests in a browser are given: one browser for all of them, and reports open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from exactsaddle.report.document import Document
from exactsaddle.report.renderers.html import render_html
from tests.support.browser import Report, chromium, new_context
from tests.support.open_reports import Opener


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def context(browser: Browser) -> BrowserContext:
    """What all reports without options of their own are opened in."""
    return new_context(browser)


@pytest.fixture
def open_report(browser: Browser, context: BrowserContext, tmp_path: Path) -> Iterator[Opener]:
    opened: list[Report] = []

    def opener(shown: Document, **options: object) -> Report:
        file = tmp_path / f"report-{len(opened)}.html"
        file.write_text(render_html(shown), encoding="utf-8")
        opened.append(Report(new_context(browser, **options) if options else context, file))
        return opened[-1]

    yield opener
    for report in opened:
        report.close()
