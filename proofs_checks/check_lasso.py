"""Check the certificate of a Lasso path: standard library only, no code of the solver.

    python -I check_lasso.py lasso.json                          a certificate that holds its problem
    python -I check_lasso.py lasso.json --problem problem.json   a detached one

A certificate states knots (lambda_k, b_k), lambda_k falling. It asserts that b = 0 for lambda >= lambda_0,
and the straight line between neighbouring knots at each lambda in between, minimise

    |y - Xb|^2/(2n) + lambda * sum_i (upper_i max(b_i, 0) + lower_i max(-b_i, 0)).

CERTIFICATE.md says why the claims below suffice. The grammar is that of check_path.py, beside this file.

Exit codes: 0 verified; 1 rejected (a claim is false: knot, claim and witness are named); 2 malformed
(nothing was decided); 3 unchecked (the path stops above lambda = 0; every claim about it holds).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # run as a script: with -I its folder is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from proofs_checks.check_path import (
    INFINITE,
    Bare,
    Failure,
    Malformed,
    Problem,
    Ratio,
    Vector,
    compare,
    each,
    entry_text,
    fields,
    load,
    main,
    name,
    need,
    need_room,
    number,
    read_problem,
    read_sparse,
    show,
    unlimited_digits,
)


@dataclass(frozen=True)
class Report:
    """What was decided: "verified", "rejected" (see failure) or "unchecked" (a prefix; every claim holds)."""

    verdict: str
    knots: int
    digest: str
    failure: Failure | None

    @property
    def message(self) -> str:
        """What holds, or the claim that is false and its witness."""
        if self.failure:
            return f"knot {self.failure.saddle}: {self.failure.claim}: {self.failure.witness}"
        scope = "down to lambda = 0" if self.verdict == "verified" else "a prefix: what follows is not known"
        claims = ", ".join(claims_of(self.verdict == "verified"))
        return (
            f"{self.knots} knots of the Lasso path ({scope}), problem {self.digest}; hold exactly: {claims}"
        )


class Knot(NamedTuple):
    """As stated: lambda_k and b_k."""

    penalty: Ratio
    b: Vector


class Certificate(NamedTuple):
    """As stated; problem is the one inside, or the one given with a detached certificate."""

    complete: bool
    digest: str
    problem: Problem
    knots: list[Knot]


class State:
    """Knot k as stated, c = -grad L(b) = X'(y - Xb)/n, and its place in the box lambda * [-lower, upper]."""

    def __init__(self, problem: Problem, k: int, knot: Knot) -> None:
        self.problem, self.k, self.penalty, self.b = problem, k, knot.penalty, knot.b
        unit = self.b.scale * problem.scale
        residual = [self.b.scale * y for y in problem.target]  # y - Xb, times unit
        for b, column in zip(self.b.values, problem.columns, strict=True):
            if b != 0:
                residual = [r - b * x for r, x in zip(residual, column, strict=True)]
        c = [sum(map(mul, column, residual)) for column in problem.columns]
        self.c = Vector("c", c, len(problem.target) * unit * problem.scale)
        scale, values = self.c.scale, self.c.values
        self.above = [compare(v, scale, self.bound(c)) for v, c in zip(values, problem.upper, strict=True)]
        self.below = [compare(-v, scale, self.bound(c)) for v, c in zip(values, problem.lower, strict=True)]

    def bound(self, threshold: Ratio) -> Ratio:
        """lambda times a threshold; infinite even for lambda = 0, where it still forbids a sign of b."""
        (p, q), (a, b) = self.penalty, threshold
        return INFINITE if threshold == INFINITE else (p * a, q * b)

    def show(self, vector: Vector, i: int) -> str:
        """Entry i of a vector, for a witness."""
        return entry_text(self.problem, vector, i)

    def on_bound(self, i: int, sign: int) -> bool:
        """Whether c_i is on the bound that a nonzero b_i of this sign asks for."""
        return (self.above if sign > 0 else self.below)[i] == 1


def check(
    text: str | bytes, problem: str | bytes | None = None, names: tuple[str, str] = ("", "problem: ")
) -> Report:
    """Decide every claim of the certificate in text; problem is the JSON that a detached one is about.

    Arguments, exceptions and the digit limit are as in ``check_path.check``.
    """
    with unlimited_digits():
        given = (
            None if problem is None else load(problem, names[1], lambda found: read_problem(found, "", True))
        )
        certificate = load(text, names[0], lambda found: read_certificate(found, given))
        failure = next(refute(certificate, given), None)
    verdict = "rejected" if failure else "verified" if certificate.complete else "unchecked"
    return Report(verdict, len(certificate.knots), certificate.digest, failure)


def refute(certificate: Certificate, given: Problem | None) -> Iterator[Failure]:
    """Every claim at every knot; nothing when the document is a Lasso path of the problem."""
    problem, knots = certificate.problem, certificate.knots
    for checked in (problem, given or problem):
        if checked.digest != certificate.digest:
            yield Failure(0, "problem", f"stated {certificate.digest}, the problem has {checked.digest}")
        if any(checked.dual.values):
            yield Failure(0, "problem", "the initial dual of a Lasso path is 0")
    later: State | None = State(problem, 0, knots[0])
    while state := later:
        k = state.k + 1
        later = State(problem, k, knots[k]) if k < len(knots) else None
        for claim in claims_of(certificate.complete)[1:]:
            for witness in TESTS[claim](state, later):
                yield Failure(state.k, claim, witness)


# --- The claims: each function yields the witnesses that its claim is false at a knot ---------------------


def start(state: State, later: State | None) -> Iterator[str]:
    """At the first knot: b_0 = 0, so that every larger lambda has the solution 0 too."""
    if state.k == 0:
        yield from (state.show(state.b, i) for i, b in enumerate(state.b.values) if b != 0)


def bounds(state: State, later: State | None) -> Iterator[str]:
    """lambda >= 0 and -lambda * lower <= c <= lambda * upper."""
    if state.penalty[0] < 0:
        yield f"lambda = {show(state.penalty)} is negative"
    for i, sides in enumerate(zip(state.above, state.below, strict=True)):
        if 2 in sides:
            yield f"{state.show(state.c, i)} is beyond its bound at lambda = {show(state.penalty)}"


def segment(state: State, later: State | None) -> Iterator[str]:
    """lambda falls to the next knot; where b_i != 0 at one of them, c_i is on the bound of that sign at both.

    c and lambda are affine along the segment: on a bound at both ends is on it throughout.
    """
    if later is None:
        return
    (p, q), (a, b) = state.penalty, later.penalty
    if a * q >= p * b:
        yield f"the next lambda {show(later.penalty)} is not below {show(state.penalty)}"
    for i, (here, there) in enumerate(zip(state.b.values, later.b.values, strict=True)):
        if here * there < 0:
            yield f"{state.show(state.b, i)} and then {later.show(later.b, i)}"
        elif here + there != 0:
            for end in (state, later):
                if not end.on_bound(i, here + there):
                    at = f"{end.show(end.c, i)} is not on its bound at lambda = {show(end.penalty)}"
                    yield f"{state.show(state.b, i)} and then {later.show(later.b, i)}, but {at}"


def end(state: State, later: State | None) -> Iterator[str]:
    """The last knot is at lambda = 0."""
    if later is None and state.penalty[0] != 0:
        yield f"the last lambda is {show(state.penalty)}, not 0"


TESTS = {"start": start, "bounds": bounds, "segment": segment, "end": end}


def claims_of(complete: bool) -> list[str]:
    """The names of the claims a certificate makes, in order; `end` only of a complete path."""
    return ["problem", *TESTS] if complete else ["problem", *TESTS][:-1]


# --- The grammar ------------------------------------------------------------------------------------------


def read_certificate(document: Any, given: Problem | None) -> Certificate:
    """The certificate about the problem inside, else about the one given."""
    required = {"format", "version", "complete", "claims", "digest", "knots"}
    found = fields(document, "", required, {"problem"})
    version, digest, complete = found["version"], found["digest"], found["complete"]
    stated = found["format"] == "exactsaddle lasso certificate"
    need(stated, "format", 'must be "exactsaddle lasso certificate"')
    need(type(version) is Bare and version == "1", "version", f"must be 1, not {name(version)}")
    need(type(complete) is bool, "complete", f"must be true or false, not {name(complete)}")
    claims = claims_of(complete)
    need(found["claims"] == claims, "claims", f"must be {json.dumps(claims)}")
    hexadecimal = type(digest) is str and re.fullmatch("[0-9a-f]{64}", digest)
    need(hexadecimal, "digest", "must be 64 lower-case hexadecimal digits")
    problem = read_problem(found["problem"], "problem") if "problem" in found else given
    if problem is None:
        raise Malformed("problem: absent (a detached certificate): give it, with --problem FILE")
    if "problem" not in found and problem.digest != digest:
        return Certificate(complete, digest, problem, [])  # refuted; its columns are not those of the problem
    d = len(problem.columns)
    need_room(found["knots"], d, "knots")
    return Certificate(
        complete, digest, problem, each(lambda value, at: read_knot(value, at, d), found["knots"], "knots")
    )


def read_knot(document: Any, path: str, d: int) -> Knot:
    """A knot: its penalty and the nonzero entries of its solution."""
    found = fields(document, path, {"penalty", "beta"})
    return Knot(
        number(found["penalty"], f"{path}.penalty"), read_sparse(found["beta"], f"{path}.beta", "b", d)
    )


if __name__ == "__main__":
    sys.exit(main(None, check, __doc__))
