"""Headless Chromium for the tests of the HTML report: Debian's, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, not sandboxed as tests may run as root; absent, tests fail in CI, are skipped elsewhere."""
    # the first, which has no windows to draw, takes a third of the time of the others
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        reason = "no Chromium on this machine: apt-get install chromium-headless-shell"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A profile of its own, which takes longer than the pages in it."""
    return browser.new_context(viewport={"width": 1200, "height": 900}, **options)


class Report:
    """An open report, and all that it must not do: complain, or ask for anything beyond its own file."""

    def __init__(self, context: BrowserContext, file: Path) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.url = file.as_uri()
        self.page.goto(self.url)

    def close(self) -> None:
        """Close it, and see that it kept quiet: blob: and data: are the page's own."""
        self.page.close()
        assert self.complaints == []
        assert self.dialogs == []
        assert [url for url in self.requests if not url.startswith((self.url, "blob:", "data:"))] == []
