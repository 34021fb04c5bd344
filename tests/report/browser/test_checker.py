"""The proved checker in a report: run by the page itself, on the certificate that the page holds."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
from dataclasses import replace

import pytest

from exactsaddle import SaddlePath
from exactsaddle.base import Status, Verdict
from exactsaddle.certificates import EXACT_CHECKER, INTERVAL_CHECKER, MAX_WORK, proved_script
from exactsaddle.report.contents.origin import check_section
from exactsaddle.report.document import Document
from exactsaddle.report.findings import Certified
from exactsaddle.report.renderers import html
from exactsaddle.report.renderers.html import render_html
from tests.support.open_reports import Opener, go_to
from tests.support.report_samples import diabetes_path, document, small_path

PLACE = ".banner .proved"


def checkable(
    path: SaddlePath, text: str = "", status: Status = Status.VERIFIED, checker: str = EXACT_CHECKER
) -> Document:
    """A report with the section that real ones have, of the path's certificate or of another text."""
    certified = Certified(text or path.certificate().to_text(), checker, Verdict("path", status, ""))
    shown = document(path, "Checked here", status)
    return replace(shown, sections=(*shown.sections[:-1], check_section(certified)))


def false_loss() -> str:
    certificate = json.loads(small_path().certificate().to_text())
    certificate["saddles"][1]["loss"] = "7"
    return json.dumps(certificate)


def test_a_small_certificate_is_checked_as_the_page_opens(open_report: Opener) -> None:
    page = open_report(checkable(diabetes_path())).page
    page.locator(f"{PLACE}[data-verdict=verified]").wait_for()
    said = page.inner_text(PLACE)
    assert "verified in this browser by the proved checker: 15 saddles" in said
    assert diabetes_path().problem.digest in said
    assert "stationary, dual sign, first hit, loss, end." in said
    assert f"{round(len(proved_script().encode()) / 1000)} kB of script" in said
    page.click("text=Check it here, again")
    page.locator(f"{PLACE}[data-verdict=verified]").wait_for()


def test_a_larger_one_waits_for_its_button(open_report: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_WORK", {"JavaScript": 10})
    page = open_report(checkable(small_path())).page
    page.locator("text=Check it here, now").wait_for()
    assert "has not run yet: it would take about 36 word operations" in page.inner_text(PLACE)
    assert "verified in this browser" not in page.inner_text(PLACE)
    page.click("text=Check it here, now")
    page.locator(f"{PLACE}[data-verdict=verified]").wait_for()


def test_a_false_claim_is_rejected_with_its_witness(open_report: Opener) -> None:
    page = open_report(checkable(small_path(), false_loss(), Status.REJECTED)).page
    page.locator(f"{PLACE}[data-verdict=rejected]").wait_for()
    said = page.inner_text(PLACE)
    assert "rejected in this browser by the proved checker: saddle 1: loss: stated 7, recomputed 2/5" in said
    assert "report it" not in said
    assert page.locator(PLACE).evaluate(
        "e => getComputedStyle(e.querySelector('button')).color"
    ) != page.locator(PLACE).evaluate("e => getComputedStyle(e.querySelector('button')).backgroundColor")


def test_a_disagreement_is_loud(open_report: Opener) -> None:
    page = open_report(checkable(small_path(), false_loss(), Status.VERIFIED)).page
    page.locator(f"{PLACE}[data-verdict=rejected]").wait_for()
    assert "check_path.py said verified: one of the two is wrong" in page.inner_text(PLACE)


def test_what_cannot_be_read_is_named(open_report: Opener) -> None:
    page = open_report(checkable(small_path(), '{"claims": []}')).page
    page.locator(f"{PLACE}[data-verdict=malformed]").wait_for()
    assert "lacks complete, digest, format, saddles, version" in page.inner_text(PLACE)


def test_the_page_never_waits_for_the_checker(open_report: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "proved_script", lambda: "for (;;);")
    report = open_report(checkable(small_path()))
    go_to(report, "1/2")
    assert "plateau 1 of 2" in report.page.inner_text("#ui-dock .now")
    report.page.click("text=Stop")
    assert "Nothing was decided in this browser: it was stopped" in report.page.inner_text(PLACE)
    assert report.page.get_attribute(PLACE, "data-verdict") is None


def test_a_broken_script_decides_nothing(open_report: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "proved_script", lambda: "provedCheck = () => { throw Error('out of luck'); };")
    page = open_report(checkable(small_path())).page
    page.locator("text=Check it here, now").wait_for()
    assert "Nothing was decided in this browser" in page.inner_text(PLACE)
    assert "out of luck" in page.inner_text(PLACE)


def test_the_worker_reaches_nothing(open_report: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        script = f"""
          provedCheck = () => {{
            const say = (message) => JSON.stringify({{ verdict: "malformed", message }});
            const request = new XMLHttpRequest();
            request.open("GET", "{address}", false);
            try {{ request.send(); }} catch (error) {{ return say(String(error)); }}
            return say("it went out");
          }};"""
        monkeypatch.setattr(html, "proved_script", lambda: script)
        report = open_report(checkable(small_path()))
        report.page.locator(f"{PLACE}[data-verdict=malformed]").wait_for()
        assert "NetworkError" in report.page.inner_text(PLACE)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    report.requests = [url for url in report.requests if not url.startswith(address)]


def test_without_scripts_there_is_no_word_of_it(open_report: Opener) -> None:
    page = open_report(checkable(small_path()), java_script_enabled=False).page
    assert page.locator(PLACE).count() == 0
    assert "browser" not in page.inner_text("body")


def test_the_policy_opens_for_a_worker_alone() -> None:
    page = render_html(checkable(small_path()))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts]
    assert len(hashes) == 2
    assert policy[1].split("; ") == [
        "default-src 'none'",
        f"script-src {' '.join(hashes)}",
        "worker-src blob:",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert "worker-src" not in render_html(document(small_path(), "Nothing to check"))


def test_the_script_stands_in_the_page_as_it_ships() -> None:
    page = render_html(checkable(small_path()))
    held = (
        page.partition('<script type="text/plain" id="ui-proved"')[2]
        .partition(">")[2]
        .partition("</script>")[0]
    )
    assert held == proved_script()
    assert "<!--" not in held
    assert f'data-work="{MAX_WORK["JavaScript"]}"' in page


def test_events_have_no_button_and_the_page_says_why() -> None:
    page = render_html(checkable(small_path(), checker=INTERVAL_CHECKER))
    assert 'id="ui-proved"' not in page
    assert "data-checked" not in page
    assert "No checker whose soundness is a theorem reads a certificate of events." in page
    assert "No checker" not in render_html(checkable(small_path()))
