"""Certificates of paths up to a stop: verified where the rule first holds, rejected early and late."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import proofs_checks
from exactsaddle import Problem, SaddlePath, saddle_path
from exactsaddle.base import CertificateRejected, InvalidInput, MalformedCertificate, Status
from exactsaddle.certificates import Certificate, StoredCertificate, checked, proved_command, states_stop
from exactsaddle.numbers import to_fraction
from exactsaddle.path import Stop
from proofs_checks import check_path, check_path_interval
from tests.path.test_stop import BENT, first, rules
from tests.support.problems import general_problems

FORMS = ("exact", "events")


def claimed(path: SaddlePath, last: int, stop: Stop) -> SaddlePath:
    """The first saddles of a path with the claim that the rule stops them there, whether or not it does."""
    rule = stop.on(path.problem)
    return SaddlePath(path.problem, path[: last + 1], rule.reason, path.decisions, rule)


def document(path: SaddlePath, form: str) -> dict[str, Any]:
    certificate = path.certificate() if form == "exact" else path.outline()
    found: dict[str, Any] = json.loads(certificate.to_text())
    return found


def verdict(stated: dict[str, Any], max_bits: int = 256) -> tuple[str, str]:
    text = json.dumps(stated)
    if stated["version"] in (1, 3):
        exact = check_path.check(text)
        return exact.verdict, exact.message
    events = check_path_interval.check(text, max_bits=max_bits)
    return events.verdict, events.message


def needs_equality(path: SaddlePath, stop: Stop) -> bool:
    """Whether some saddle meets the limit exactly, or the path is complete at the stop: no interval tells."""
    if first(path, stop) == len(path) - 1 or stop.rule == "rounding":
        return True  # general problems meet these bounds exactly
    return stop.rule != "saddles" and any(stop.limit in (s.jump_time, s.loss) for s in path)


def check_everywhere(problem: Problem) -> None:
    path = saddle_path(problem, arithmetic="rational")
    for stop in rules(path):
        right = first(path, stop)
        for last in range(len(path)):
            for form in FORMS:
                said, message = verdict(document(claimed(path, last, stop), form))
                if last == right:
                    if form == "exact" or said == "verified" or not needs_equality(path, stop):
                        assert said == "verified"
                        assert f"up to the stop {stop} (not a complete path" in message
                else:
                    assert said == "rejected" or (form == "events" and needs_equality(path, stop)), (
                        stop,
                        last,
                    )


def test_only_the_first_saddle_where_the_rule_holds_is_verified() -> None:
    check_everywhere(BENT)


@settings(max_examples=5)
@given(general_problems(3, 3))
def test_whatever_the_thresholds(problem: Problem) -> None:
    check_everywhere(problem.replace(resolution={"X": "1/100", "y": "1/3"}))


NEAR = Problem([[0.5, 0.1, 0.3], [0.2, 0.7, -0.4], [1.5, -0.2, 0.9]], [0.3, 1.1, -0.6])
RULES = ("saddles<=2", "t<=3.5", "loss<=0.2", "rounding")
"""Rules that hold before the end of NEAR, for its resolution below."""
ROUGH = NEAR.replace(resolution={"X": "0.05", "y": "0.5"})


def changes(stop: Stop) -> list[Stop]:
    """The same rule with a limit that another saddle meets, and the other rules."""
    if stop.rule == "rounding":
        return [Stop.from_json({"rounding": {"X": "binary32", "y": "exact"}}), Stop("loss", Fraction(0))]
    return [Stop(stop.rule, stop.limit * 50), Stop("saddles", Fraction(1))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rule", RULES)
def test_a_changed_rule_is_rejected(rule: str, form: str) -> None:
    path = saddle_path(ROUGH, stop=rule)
    assert path.stop is not None
    assert not path.complete
    stated = document(path, form)
    assert verdict(stated)[0] == "verified"
    for other in changes(path.stop):
        said, message = verdict({**stated, "stop": other.to_json()})
        assert (said, "stop: the rule" in message) == ("rejected", True)
    earlier = {**stated, "saddles": stated["saddles"][:-1]}
    if earlier["saddles"]:
        assert "does not hold at the last saddle" in verdict(earlier)[1]


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        ("binary64", "1", Fraction(1, 2**53)),
        ("binary64", "-1.5", Fraction(1, 2**53)),
        ("binary64", "0.9999", Fraction(1, 2**54)),
        ("binary64", "0", Fraction(1, 2**1075)),
        ("binary64", "1e-320", Fraction(1, 2**1075)),
        ("binary32", "3", Fraction(1, 2**23)),
        ("binary16", "1e-9", Fraction(1, 2**25)),
    ],
)
def test_half_units_are_those_of_the_format(part: str, value: str, expected: Fraction) -> None:
    bits, least = check_path.FORMATS[part]
    assert Fraction(*check_path.half_unit(Fraction(value), bits, least)) == expected
    problem = Problem([[value]], [1], resolution={"X": part})
    assert to_fraction(problem.resolution.of_entry(problem.design_matrix[0, 0], 0)) == expected


@pytest.mark.parametrize("form", FORMS)
def test_the_rounding_of_floats_and_decimals(form: str) -> None:
    floats = noiseless("binary64")
    some = {"X": ["binary64"] * 11 + ["0"], "y": "binary64"}
    for path in map(saddle_path, (floats, noiseless("decimals"), floats.replace(resolution=some))):
        stop = Stop("rounding")
        last = path.explained_at
        assert last is not None
        assert 1 < last + 1 < len(path)
        for k, expected in ((last - 1, "rejected"), (last, "verified"), (last + 1, "rejected")):
            assert verdict(document(claimed(path, k, stop), form))[0] == expected
        assert path.above_rounding.outline(8).check().status is Status.VERIFIED


def noiseless(kind: str) -> Problem:
    import numpy as np

    rng = np.random.default_rng(5)  # where half units alone do not explain what the sum of products lost
    X, beta = rng.normal(size=(8, 12)), np.zeros(12)
    beta[[3, 7]] = [2, -1]
    if kind == "binary64":
        return Problem(X, X @ beta)
    return Problem([[f"{x:.3f}" for x in row] for row in X], [f"{v:.3f}" for v in X @ beta])


BASE = {form: document(saddle_path(NEAR, stop="loss<=0.2"), form) for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "changed",
    [
        {"complete": True},
        {"stop": {}},
        {"stop": "loss <= 1"},
        {"stop": {"loss": "1", "time": "1"}},
        {"stop": {"loss": "-1"}},
        {"stop": {"loss": "0.5"}},
        {"stop": {"loss": 1}},
        {"stop": {"end": "1"}},
        {"stop": {"saddles": "3/2"}},
        {"stop": {"saddles": "0"}},
        {"stop": {"rounding": {"X": "binary64"}}},
        {"stop": {"rounding": {"X": "binary8", "y": "exact"}}},
        {"stop": {"rounding": {"X": ["1"], "y": "exact"}}},
        {"stop": {"rounding": {"X": "exact", "y": ["-1"]}}},
        {"stop": {"rounding": {"X": "exact", "y": ["binary8"]}}},
        {"claims": ["problem"]},
    ],
    ids=str,
)
def test_what_is_no_stop_is_malformed(form: str, changed: dict[str, Any]) -> None:
    with pytest.raises(check_path.Malformed):
        verdict({**BASE[form], **changed})
    if form == "exact":
        with pytest.raises(MalformedCertificate):
            Certificate.from_text(json.dumps({**BASE[form], **changed}))


@pytest.mark.parametrize("form", FORMS)
def test_a_stop_belongs_to_its_versions(form: str) -> None:
    stated = BASE[form]
    assert stated["version"] == {"exact": 3, "events": 4}[form]
    assert (stated["complete"], stated["claims"][-1]) == (False, "stop")
    with pytest.raises(check_path.Malformed, match='unknown field "stop"'):
        verdict({**stated, "version": stated["version"] - 2})
    with pytest.raises(check_path.Malformed, match="lacks stop"):
        verdict({key: value for key, value in stated.items() if key != "stop"})


def test_a_certificate_is_read_again(tmp_path: Path) -> None:
    for rule in RULES:
        path = saddle_path(ROUGH, stop=rule)
        certificate = path.certificate(uniqueness=True)
        assert certificate.check().status is Status.VERIFIED
        assert Certificate.from_text(certificate.to_text()) == certificate
        assert certificate.path().stop == path.stop
        wrong = claimed(saddle_path(ROUGH), len(path) - 2, Stop.read(rule)).certificate()
        with pytest.raises(CertificateRejected, match="stop"):
            wrong.path()
        for form in (certificate, path.outline(6)):
            form.save(tmp_path / "c.json")
            stored = StoredCertificate.load(tmp_path / "c.json")
            again = stored.path()
            assert (stored.verdict.status, again.stop, len(again)) == (Status.VERIFIED, path.stop, len(path))
            assert again.problem.resolution == ROUGH.resolution or rule != "rounding"
            assert states_stop(tmp_path / "c.json")


def test_equality_left_open_by_intervals_is_decided_exactly() -> None:
    path = saddle_path(NEAR, arithmetic="ball")
    stopped = path.until(Stop("time", path[2].jump_time))
    assert len(stopped) == 3
    events = stopped.outline()
    assert "unchecked: " in f"{events.check(max_bits=256).status.value}: "
    decided = checked(
        stopped, events, check=lambda made, bits: made.check(**({"max_bits": 256} if made is events else {}))
    )
    assert (decided.certificate.to_text(), decided.verdict.status) == (
        stopped.certificate().to_text(),
        Status.VERIFIED,
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="not installed: node")
def test_the_proved_checker_decides_nothing_about_it(tmp_path: Path) -> None:
    saddle_path(NEAR, stop="loss<=0.2").certificate().save(tmp_path / "c.json")
    script = Path(proofs_checks.__file__).parent / "proved" / "check_proved.js"
    done = subprocess.run(
        ["node", str(script), str(tmp_path / "c.json")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("malformed:")
    with pytest.raises(InvalidInput, match="that state a stop have no proved checker"):
        proved_command("c.json", stopped=True)
