"""Certificates as reports: rejected, unchecked, malformed, each as loud as it must be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exactsaddle import saddle_path
from exactsaddle.base import InvalidInput, MalformedCertificate
from exactsaddle.certificates import StoredCertificate
from tests.support.command import run
from tests.support.places import CERTIFICATES
from tests.support.reports import LEAVES, text_of_pdf


@pytest.mark.parametrize(
    ("name", "witness"),
    [
        ("first-hit-late", "beyond its threshold"),
        ("loss-wrong", "loss"),
        ("uniqueness-second-sign", "second[x2]"),
    ],
)
def test_a_rejected_certificate_is_reported_as_such(name: str, witness: str, tmp_path: Path) -> None:
    place = CERTIFICATES / "rejected" / f"{name}.json"
    done = run("report", place, "-o", tmp_path, "--format", "html,pdf,json,csv,md,tex")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("rejected: saddle")
    assert witness in done.stdout
    assert not (tmp_path / "report.csv").exists()
    assert not (tmp_path / "report.tex").exists()
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "rejected"
    for text in (
        (tmp_path / "report.md").read_text(),
        text_of_pdf(tmp_path / "report.pdf"),
        re.sub("<script.*?</script>", "", (tmp_path / "report.html").read_text(), flags=re.DOTALL),
    ):
        assert "REJECTED" in text
        assert "verified:" not in text
    rows = (tmp_path / "report.md").read_text().partition("Stated, and exact.")[2].partition("##")[0]
    differing = [line.split("|")[1].strip() for line in rows.splitlines() if "≠" in line]
    assert differing == {"first-hit-late": ["1"], "loss-wrong": ["0"]}.get(name, [])


def test_an_unchecked_certificate_says_so(tmp_path: Path) -> None:
    done = run(
        "report", CERTIFICATES / "accepted" / "prefix.json", "-o", tmp_path, "--format", "md", "--no-flow"
    )
    assert done.returncode == 3
    text = (tmp_path / "report.md").read_text()
    assert "**unchecked**" in text
    assert "every claim of a prefix holds; what follows the prefix is not known" in text
    done = run("report", "planted", "--max-saddles", "3", "-o", tmp_path, "--format", "md", "--no-flow")
    assert done.returncode == 3
    assert "exactsaddle report planted --no-flow --max-saddles 3\n" in (tmp_path / "report.md").read_text()


def test_a_certificate_of_events_is_solved_again(tmp_path: Path) -> None:
    saddle_path(LEAVES, arithmetic="ball").outline().save(tmp_path / "c.json")
    done = run("report", tmp_path / "c.json", "-o", tmp_path, "--format", "md,json", "--no-flow")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.md").read_text()
    assert "check_path_interval.py" in text.replace("\\", "")
    assert (
        json.loads((tmp_path / "report.json").read_text())["checker"]["program"] == "check_path_interval.py"
    )


def test_a_stored_certificate_is_replayed_only_as_it_says(tmp_path: Path) -> None:
    saddle_path(LEAVES, arithmetic="ball").outline().save(tmp_path / "c.json")
    stored = StoredCertificate.load(tmp_path / "c.json")
    assert [s.support for s in stored.path()] == [s.support for s in saddle_path(LEAVES)]
    other = replace(stored, saddles=(*stored.saddles[:-1], {"support": [0], "hits": {}}))
    with pytest.raises(InvalidInput, match="other minimisers"):
        other.path()
    with pytest.raises(InvalidInput, match="rejected"):
        StoredCertificate.load(CERTIFICATES / "rejected" / "loss-wrong.json").path()


@pytest.mark.parametrize("name", ["truncated", "number-nan", "not-utf-8", "version-2"])
def test_a_malformed_certificate_makes_no_report(name: str, tmp_path: Path) -> None:
    done = run("report", CERTIFICATES / "malformed" / f"{name}.json", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_what_is_not_a_certificate_of_a_path_with_its_problem(tmp_path: Path) -> None:
    done = run("report", CERTIFICATES / "accepted" / "detached.json", "-o", tmp_path)
    assert done.returncode == 2
    assert "detached" in done.stderr
    assert run("lasso", "planted", "-o", tmp_path / "lasso.json").returncode == 0
    done = run("report", tmp_path / "lasso.json", "-o", tmp_path)
    assert done.returncode == 2
    assert "Lasso" in done.stderr
    done = run("report", CERTIFICATES / "accepted" / "tie.json", "--center", "-o", tmp_path)
    assert done.returncode == 2
    assert "certificate" in done.stderr


@pytest.mark.parametrize("spoil", [lambda text: text[:-40], lambda text: text.replace('"loss"', '"lost"', 1)])
def test_a_malformed_certificate_is_called_by_its_own_name_alone(
    spoil: Callable[[str], str], tmp_path: Path
) -> None:
    place = tmp_path / "mine.json"
    place.write_text(spoil(saddle_path(LEAVES).certificate().to_text()), encoding="utf-8")
    with pytest.raises(MalformedCertificate, match="^" + re.escape(str(place))) as raised:
        StoredCertificate.load(place)
    assert "certificate.json" not in str(raised.value)
