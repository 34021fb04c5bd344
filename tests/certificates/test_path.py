from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from exactsaddle import Certificate, Problem, Status, load_dataset, saddle_path
from exactsaddle.base import CertificateRejected, InvalidInput, MalformedCertificate
from tests.support.problems import general_problems

DIABETES = saddle_path(load_dataset("diabetes"))
SMALL = saddle_path(Problem([[-3, 4, -4], [-1, -4, 2]], [2, 2]))


def document(certificate: Certificate) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(certificate.to_text())
    return found


def test_the_document_is_the_one_certificate_md_describes() -> None:
    assert document(SMALL.certificate()) == {
        "format": "exactsaddle certificate",
        "version": 1,
        "complete": True,
        "claims": ["problem", "start", "cone", "stationary", "dual sign", "first hit", "loss", "end"],
        "digest": SMALL.problem.digest,
        "problem": {
            "X": [["-3", "4", "-4"], ["-1", "-4", "2"]],
            "y": ["2", "2"],
            "lower": ["1"] * 3,
            "upper": ["1"] * 3,
            "dual": ["0"] * 3,
            "names": ["x0", "x1", "x2"],
        },
        "saddles": [
            {"jump_time": "0", "beta": {}, "loss": "2"},
            {"jump_time": "1/4", "beta": {"0": "-4/5"}, "loss": "2/5"},
            {"jump_time": "9/16", "beta": {"0": "-1", "1": "-1/4"}, "loss": "0"},
        ],
    }


@given(general_problems())
@settings(max_examples=40)
def test_load_gives_back_what_was_saved(problem: Problem) -> None:
    certificate = saddle_path(problem).certificate()
    text = certificate.to_text()
    assert saddle_path(problem).certificate().to_text() == text
    again = Certificate.from_text(text)
    assert again == certificate
    assert again.to_text() == text
    assert [(s.jump_time, s.beta, s.dual) for s in again.path()] == [
        (s.jump_time, s.beta, s.dual) for s in saddle_path(problem)
    ]
    assert Certificate.from_text(certificate.detached().to_text()) == certificate.detached()


@given(general_problems())
@settings(max_examples=4)
def test_the_independent_checker_verifies_whole_paths_and_leaves_prefixes_unchecked(problem: Problem) -> None:
    path = saddle_path(problem)
    assert path.certificate().check().status is Status.VERIFIED
    prefix = saddle_path(problem, max_saddles=1)
    expected = Status.VERIFIED if prefix.complete else Status.UNCHECKED
    assert prefix.certificate().check().status is expected


def test_detached_needs_its_own_problem() -> None:
    detached = DIABETES.certificate().detached()
    assert "problem" not in document(detached)
    assert detached.check(DIABETES.problem).status is Status.VERIFIED
    assert detached.check(SMALL.problem).status is Status.REJECTED
    with pytest.raises(MalformedCertificate, match="problem"):
        detached.check()
    with pytest.raises(InvalidInput, match="needs its problem"):
        detached.path()
    assert len(detached.path(DIABETES.problem)) == 15
    with pytest.raises(CertificateRejected, match="digest"):
        detached.path(SMALL.problem)


def test_save_replaces_only_when_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "cert.json"
    DIABETES.certificate().save(place)
    before = place.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InvalidInput, match="No space left"):
        SMALL.certificate().save(place)
    assert place.read_bytes() == before
    assert list(tmp_path.iterdir()) == [place]
    monkeypatch.undo()
    SMALL.certificate().save(place)
    assert Certificate.load(place) == SMALL.certificate()


def changed(**fields: Any) -> str:
    return json.dumps({**document(SMALL.certificate()), **fields})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1"),
        ("[]", "not a certificate"),
        ('{"X": [[1]], "y": [1]}', "not a certificate"),
        ("[" * 200_000, "nested too deeply"),
        (changed(version=2), "version 2; this package reads 1"),
        (changed(extra=1), "unknown keys \\['extra'\\]"),
        (changed(complete=1), "must be true or false"),
        (changed(claims=[]), "claims"),
        (changed(saddles=[]), "at least one"),
        (changed(saddles=[{"jump_time": "0", "beta": {}}]), r"saddles\[0\] must have exactly"),
        (changed(saddles=[{"jump_time": "0", "beta": {"a": "1"}, "loss": "2"}]), "must map columns"),
        (changed(saddles=[{"jump_time": "0/1", "beta": {}, "loss": "2"}]), "not a number in lowest terms"),
        (changed(saddles=[{"jump_time": 0, "beta": {}, "loss": "2"}]), "not a number in lowest terms"),
        (changed(problem=3), "must be an object"),
        (changed(problem={"X": [[1]]}), "needs 'y'"),
    ],
)
def test_malformed_documents_are_not_loaded(tmp_path: Path, text: str, message: str) -> None:
    place = tmp_path / "bad.json"
    place.write_text(text)
    with pytest.raises(MalformedCertificate, match=message) as error:
        Certificate.load(place)
    assert str(place) in str(error.value)


@pytest.mark.parametrize(
    ("saddle", "field", "value", "claim"),
    [
        (1, "jump_time", "1/5", "first hit"),
        (1, "beta", {"0": "4/5"}, "cone"),
        (1, "beta", {"0": "-3/5"}, "stationary"),
        (1, "beta", {}, "dual sign"),
        (1, "loss", "1/5", "loss"),
    ],
)
def test_replaying_a_false_statement_names_saddle_and_claim(
    saddle: int, field: str, value: Any, claim: str
) -> None:
    content = document(SMALL.certificate())
    content["saddles"][saddle][field] = value
    certificate = Certificate.from_text(json.dumps(content))
    with pytest.raises(CertificateRejected) as error:
        certificate.path()
    assert (error.value.saddle, error.value.claim) == (saddle, claim)
    assert certificate.check().status is Status.REJECTED


def test_a_prefix_that_claims_to_be_whole_is_rejected() -> None:
    content = document(SMALL.certificate())
    content["saddles"].pop()
    certificate = Certificate.from_text(json.dumps(content))
    with pytest.raises(CertificateRejected, match="can still hit"):
        certificate.path()
    assert certificate.check().status is Status.REJECTED
