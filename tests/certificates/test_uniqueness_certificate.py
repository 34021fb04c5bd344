"""The claim `uniqueness`: two programs that share no code agree on every mutation of every proof."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactsaddle import Problem, saddle_path
from exactsaddle.base import CertificateRejected, InvalidInput
from exactsaddle.certificates import Certificate
from proofs_checks.check_path import Malformed, check, is_unit
from tests.minimisers.test_minimiser_set import degenerate_problems
from tests.support.problems import general_problems

# β_1 = (1, 0) on thresholds with column 1 idle: w = (0, 1). β_2 does not exist.
IDLE = Problem([[2, 1], [0, 1]], [2, 0], upper=[1, "1/2"])
# β_2 = (1, 3/4, 0), and (1/4, 0, 3/2) is the other end of M_2.
MEAN = Problem([[4, 0, 2], [0, 4, 2]], [4, 3])


def stated(problem: Problem) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(saddle_path(problem).certificate(uniqueness=True).to_text())
    return document


def by_checker(document: dict[str, Any]) -> str:
    try:
        report = check(json.dumps(document))
    except Malformed:
        return "malformed"
    if report.failure is not None:
        assert report.failure.claim == "uniqueness"
    return report.verdict


def by_engine(document: dict[str, Any]) -> str:
    try:
        Certificate.from_text(json.dumps(document)).path()
    except InvalidInput:
        return "malformed"
    except CertificateRejected as error:
        return "rejected" if error.claim == "uniqueness" else error.claim
    return "verified"


@settings(max_examples=40)
@given(st.one_of(degenerate_problems(), general_problems()))
def test_every_proof_of_the_engine_is_verified(problem: Problem) -> None:
    path = saddle_path(problem)
    certificate = path.certificate(uniqueness=True)
    report = check(certificate.to_text())
    assert report.verdict == "verified"
    assert report.message.endswith("end, uniqueness")
    assert Certificate.from_text(certificate.to_text()) == certificate
    assert len(certificate.path()) == len(path)


@settings(max_examples=40)
@given(st.one_of(degenerate_problems(), general_problems()), st.data())
def test_engine_and_checker_agree_on_mutated_proofs(problem: Problem, data: st.DataObject) -> None:
    document = stated(problem)
    proof = data.draw(st.sampled_from(document["saddles"]))["uniqueness"]
    proofs = [saddle["uniqueness"] for saddle in document["saddles"]]
    mutation = data.draw(st.sampled_from(["swap", "w", "rows", "prime", "second", "lie"]))
    if mutation == "swap":
        other = dict(data.draw(st.sampled_from(proofs)))
        proof.clear()
        proof.update(other)
    elif mutation == "lie":
        proof.clear()
        if data.draw(st.booleans()):
            entries = data.draw(st.dictionaries(st.integers(0, problem.d - 1), st.sampled_from([1, -1, 2])))
            proof.update(unique=False, second={str(i): str(entries[i]) for i in sorted(entries)})
        else:
            w = data.draw(st.lists(st.integers(-2, 2).map(str), min_size=problem.n, max_size=problem.n))
            rows = data.draw(st.lists(st.integers(0, problem.n - 1), max_size=problem.n))
            proof.update(unique=True, w=w, prime=data.draw(st.sampled_from(["2", "101"])), rows=rows)
    elif mutation in proof:
        if mutation == "prime":
            proof["prime"] = data.draw(st.sampled_from(["2", "3", "5", "1", "0", "-7", "1/2"]))
        elif mutation == "second":
            key = data.draw(st.integers(0, problem.d).map(str))
            proof["second"][key] = data.draw(st.sampled_from(["1", "-1", "1/3"]))
            proof["second"] = dict(sorted(proof["second"].items()))
        else:
            entry = st.integers(-1, problem.n) if mutation == "rows" else st.sampled_from(["0", "1", "-1"])
            proof[mutation] = data.draw(st.lists(entry, max_size=len(proof[mutation]) + 1))
    assert by_checker(document) == by_engine(document)


@pytest.mark.parametrize(
    ("change", "witness"),
    [
        (
            {"w": ["0", "0"]},
            "beta[x1] = 0 and s[x1] = 1/2 is on its upper threshold, but X[x1].w is of sign 0",
        ),
        (
            {"w": ["0", "-1"]},
            "beta[x1] = 0 and s[x1] = 1/2 is on its upper threshold, but X[x1].w is of sign -1",
        ),
        ({"w": ["1", "1"]}, "beta[x0] = 1 and s[x0] = 1 is on its upper threshold, but X[x0].w is of sign 1"),
        ({"rows": [1]}, "rows [1] do not show X independent where beta != 0"),
        ({"rows": []}, "rows [] do not show X independent where beta != 0"),
        ({"rows": [0, 1]}, "rows [0, 1] do not show X independent where beta != 0"),
    ],
)
def test_a_false_proof_is_rejected_with_its_witness(change: dict[str, Any], witness: str) -> None:
    document = stated(IDLE)
    document["saddles"][1]["uniqueness"] |= change
    assert check(json.dumps(document)).message == f"saddle 1: uniqueness: {witness}"
    with pytest.raises(CertificateRejected):
        Certificate.from_text(json.dumps(document)).path()


@pytest.mark.parametrize(
    ("second", "witness"),
    [
        ({"0": "1", "1": "3/4"}, "second is beta itself"),
        ({"0": "1/4", "2": "1"}, "X second differs from X beta in row 0"),
        ({"0": "7/4", "1": "3/2", "2": "-3/2"}, "second[x2] = -3/2 but s[x2] = 1 is on its upper threshold"),
    ],
)
def test_a_false_second_minimiser_is_rejected_with_its_witness(second: dict[str, str], witness: str) -> None:
    document = stated(MEAN)
    document["saddles"][2]["uniqueness"]["second"] = second
    assert check(json.dumps(document)).message.startswith(f"saddle 2: uniqueness: {witness}")
    with pytest.raises(CertificateRejected):
        Certificate.from_text(json.dumps(document)).path()


def test_a_second_point_where_the_gradient_does_not_vanish_is_rejected() -> None:
    """y = −1 drives s_0 down from its upper threshold for ever (c⁻ = ∞): β = 0 and g = (1, 0)."""
    problem = Problem([[1, 0]], [-1], lower=["inf", 1], upper=1, dual=[1, 0])
    document = stated(problem)
    assert saddle_path(problem)[0].gradient[0] > 0
    document["saddles"][0]["uniqueness"] = {"unique": False, "second": {"0": "1"}}
    assert (
        "second[x0] = 1 but s[x0] = 1 is on its upper threshold and g[x0] = 1"
        in check(json.dumps(document)).message
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unique": "true"}, "uniqueness: unknown field"),
        ({"unique": 1}, "uniqueness: unknown field"),
        ({"w": ["0"]}, "uniqueness.w: has 1 entries, not 2"),
        ({"w": [0, 1]}, "uniqueness.w[0]: a number must be a string"),
        ({"prime": "1"}, "uniqueness.prime: must be an integer above 1"),
        ({"prime": "7/2"}, "uniqueness.prime: must be an integer above 1"),
        ({"prime": 7}, "uniqueness.prime: a number must be a string"),
        ({"rows": ["0"]}, "uniqueness.rows[0]: not a row: 0 to 1"),
        ({"rows": [2]}, "uniqueness.rows[0]: not a row: 0 to 1"),
        ({"rows": [-1]}, "uniqueness.rows[0]: not a row: 0 to 1"),
        ({"rows": "0"}, "uniqueness.rows: must be an array"),
        ({"second": {}}, "uniqueness: unknown field"),
    ],
)
def test_malformed_proofs_are_not_decided(change: dict[str, Any], message: str) -> None:
    document = stated(IDLE)
    document["saddles"][1]["uniqueness"] |= change
    with pytest.raises(Malformed) as error:
        check(json.dumps(document))
    assert str(error.value).startswith(f"saddles[1].{message}")
    with pytest.raises(InvalidInput):
        Certificate.from_text(json.dumps(document)).path()


def test_the_claim_is_all_or_nothing() -> None:
    document = stated(IDLE)
    del document["saddles"][1]["uniqueness"]
    assert by_checker(document) == by_engine(document) == "malformed"
    document = stated(IDLE)
    document["claims"].remove("uniqueness")
    assert by_checker(document) == by_engine(document) == "malformed"
    plain = json.loads(saddle_path(IDLE).certificate().to_text())
    plain["claims"].append("uniqueness")
    assert by_checker(plain) == by_engine(plain) == "malformed"


def test_a_prefix_may_claim_uniqueness() -> None:
    text = saddle_path(MEAN, max_saddles=2).certificate(uniqueness=True).to_text()
    report = check(text)
    assert report.verdict == "unchecked"
    assert report.message.endswith("loss, uniqueness")
    assert len(Certificate.from_text(text).path()) == 2


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(2, 12), st.data())
def test_elimination_never_calls_a_singular_matrix_regular(
    size: int, modulus: int, data: st.DataObject
) -> None:
    """Whatever the modulus, prime or not."""
    entries = st.lists(st.integers(-3, 3), min_size=size, max_size=size)
    rows = data.draw(st.lists(entries, min_size=size, max_size=size))
    singular = [*rows[:-1], [2 * a - b for a, b in zip(rows[0], rows[-2 % size], strict=True)]]
    if size > 1:
        assert not is_unit([list(row) for row in singular], modulus)
    assert is_unit([[int(i == j) for j in range(size)] for i in range(size)], modulus)
