"""Check the certificate of a saddle path: standard library only, one file, no code of the solver.

    python -I check_path.py cert.json                          a certificate that holds its problem
    python -I check_path.py cert.json --problem problem.json   a detached one

A certificate states the saddles beta_k, at times t_k, through which the gradient flow of a diagonal linear
network passes as its initialisation shrinks to 0. This file decides whether they are that path: part 1 is the
verdict, part 2 the replay, part 3 a function per claim, part 4 the grammar. CERTIFICATE.md says it in words.
All is exact: a vector over Q is a list of integers over one denominator; integers alone are compared.

A certificate of version 5 states a penalty of each column too: its path is that of weight decay, which is the
same recursion on 2d non-negative columns, X and -X, with the penalties added to g.

Exit codes: 0 verified (a complete path, or one up to the stop that the certificate states: the message says
which); 1 rejected (a claim is false: saddle, claim and witness are named); 2 malformed (nothing was decided);
3 unchecked (a prefix of a path; every claim about it holds).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import gcd, isqrt, lcm
from operator import mul
from typing import Any, NamedTuple, TypeVar

MAX_BYTES = 64 * 2**20
MAX_ENTRIES = 4_000_000
MAX_DIGITS = 200_000
MAX_BITS = 2**30  # of the numerators of one vector, or of X and y, over their common denominator
MAX_CELLS = 10_000_000  # columns times saddles: each beta is held dense
INFINITE = (1, 0)  # a threshold p/q = 1/0: with u/v < p/q meaning uq < pv, every dual is below it
Ratio = tuple[int, int]
T = TypeVar("T")


# --- 1. The verdict ---------------------------------------------------------------------------------------


class Malformed(ValueError):
    """The document is not of version 1, 3 or 5; the message names the field. Nothing was decided."""


@dataclass(frozen=True)
class Failure:
    """A claim that is false, at which saddle, and the numbers that show it."""

    saddle: int
    claim: str
    witness: str


@dataclass(frozen=True)
class Report:
    """What was decided: "verified", "rejected" (see failure) or "unchecked" (a prefix; every claim holds)."""

    verdict: str
    saddles: int
    digest: str
    failure: Failure | None
    proved: bool = False  # it also claims, with proof, whether each beta is the only minimiser
    beyond: str = ""  # the estimate of the work, when it is beyond the budget and nothing was checked

    @property
    def message(self) -> str:
        """What holds, or the claim that is false and its witness."""
        if self.beyond:
            return self.beyond
        if self.failure:
            return f"saddle {self.failure.saddle}: {self.failure.claim}: {self.failure.witness}"
        scope, claims = self.holding
        count = f"{self.saddles} saddle{'s' * (self.saddles > 1)}"
        return f"{count}{scope}, problem {self.digest}; hold exactly: {', '.join(claims)}"

    @property
    def holding(self) -> tuple[str, list[str]]:
        """What all claims are about, and their names."""
        scope = " (a prefix: what follows is not known)" if self.verdict == "unchecked" else ""
        return scope, claims_of(self.verdict == "verified", self.proved)


@dataclass(frozen=True)
class StoppedReport(Report):
    """What was decided of a path up to its stop (version 3): verified is not of a complete path."""

    stop: str = ""  # the rule

    @property
    def holding(self) -> tuple[str, list[str]]:
        """What all claims are about, and their names."""
        return f" {up_to(self.stop)}", claims_of(False, self.proved, True)


@dataclass(frozen=True)
class PenalisedReport(Report):
    """What was decided of a path with a penalty (version 5)."""

    @property
    def holding(self) -> tuple[str, list[str]]:
        """What all claims are about, and their names."""
        scope, claims = super().holding
        return f"{scope} {WITH_PENALTY}", claims


WITH_PENALTY = "of the path with the penalty stated"


def up_to(stop: str) -> str:
    """What is verified where a stop is: words that nobody takes for a complete path."""
    return f"up to the stop {stop} (not a complete path: what follows is not claimed)"


def check(
    text: str | bytes,
    problem: str | bytes | None = None,
    names: tuple[str, str] = ("", "problem: "),
    max_work: int = 10**11,
) -> Report:
    """Decide every claim of the certificate in text; problem is the JSON that a detached one is about.

    If the certificate holds a problem too, it must be the same. names begin the messages about the two.
    Raises Malformed. Lifts Python's limit on digits while it runs: ``number`` counts before it converts.
    """
    with unlimited_digits():
        given = (
            None if problem is None else load(problem, names[1], lambda found: read_problem(found, "", True))
        )
        certificate = load(text, names[0], lambda found: read_certificate(found, given))
        work = cost(certificate)
        if work > max_work:
            beyond = f"it would take about {work:,} word operations, more than --max-work {max_work:,}"
            return Report("unchecked", len(certificate.saddles), certificate.digest, None, beyond=beyond)
        failure = next(refute(certificate, given), None)
    about = len(certificate.saddles), certificate.digest, failure, certificate.proved
    if certificate.stop:
        return StoppedReport("rejected" if failure else "verified", *about, stop=certificate.stop.text)
    kind = PenalisedReport if certificate.penalty else Report
    return kind("rejected" if failure else "verified" if certificate.complete else "unchecked", *about)


_digits_lock, _digits_users, _digits_limit = threading.Lock(), 0, 0


@contextmanager
def unlimited_digits() -> Iterator[None]:
    """No limit on the digits of an integer while any thread is inside; the last one out restores it."""
    global _digits_users, _digits_limit
    with _digits_lock:
        if _digits_users == 0:
            _digits_limit = sys.get_int_max_str_digits()
            sys.set_int_max_str_digits(0)
        _digits_users += 1
    try:
        yield
    finally:
        with _digits_lock:
            _digits_users -= 1
            if _digits_users == 0:
                sys.set_int_max_str_digits(_digits_limit)


def cost(certificate: Certificate) -> int:
    """Roughly how many products of 32-bit words checking takes: X by a long number for each saddle."""
    problem, words = certificate.problem, 0
    for saddle in certificate.saddles:
        words += (max(map(abs, saddle.jump_time)).bit_length() + saddle.beta.scale.bit_length()) // 32 + 2
    entry = max(map(abs, (x for column in problem.columns for x in column))).bit_length() // 32 + 1
    if certificate.stop and certificate.stop.halves:
        entry += max(half for column in certificate.stop.halves for half in column).bit_length() // 32 + 1
    sides = len(problem.columns) * (2 if certificate.penalty else 1)
    work = len(problem.target) * sides * entry * words
    for saddle in certificate.saddles:
        if isinstance(saddle.proof, Only) and saddle.proof.prime.bit_length() > 64:
            size, long = len(saddle.proof.rows), saddle.proof.prime.bit_length() // 32 + 1
            work += size * (size**2 + 512) * long**2  # elimination, and an inverse for each pivot
    return work


# --- 2. The replay: Algorithm 1, with the argmin replaced by its optimality conditions --------------------


class Root(NamedTuple):
    """√(p/q), or −√(−p/q) for p < 0, irrational: a threshold or dual, in certificates of version 2 alone."""

    p: int
    q: int


class Problem(NamedTuple):
    """X = columns/scale (d columns of n), y = target/scale, -lower <= s <= upper, s_0 = dual.

    In certificates of version 2 lower and upper may hold Roots, and roots are the irrational s_0,i by column.
    called is what messages call the columns.
    """

    columns: list[list[int]]
    target: list[int]
    scale: int
    lower: list[Ratio]
    upper: list[Ratio]
    dual: Vector
    digest: str
    roots: dict[int, Root]
    called: list[str]


class Saddle(NamedTuple):
    """As stated: t_k, beta_k, its loss, and whether it is the only minimiser."""

    jump_time: Ratio
    beta: Vector
    loss: Ratio
    proof: Only | Vector | None


class Only(NamedTuple):
    """What is stated to prove that beta_k is the only minimiser; a Vector in its place is a second one."""

    w: list[int]
    rows: list[int]
    prime: int


class Stop(NamedTuple):
    """The rule by which a path ends: a limit, or for rounding half a unit of each number of X and y.

    halves/scale are columns like those of the problem, the target's last; summed says of each column whether
    it and the target are floats.
    """

    rule: str
    limit: Ratio
    halves: list[list[int]]
    scale: int
    summed: list[bool]

    def counts(self, j: int, size: int) -> int:
        """How often the half units of column j count where size coefficients are not 0."""
        return 1 + 2 * size * self.summed[j]

    @property
    def text(self) -> str:
        """The rule as it is written for people."""
        what = {"time": "t"}.get(self.rule, self.rule)
        return self.rule if self.halves else f"{what} <= {show(self.limit)}"


class Certificate(NamedTuple):
    """As stated; problem is the one inside, or the one given with a detached certificate."""

    complete: bool
    proved: bool
    digest: str
    problem: Problem
    saddles: list[Saddle]
    stop: Stop | None
    penalty: list[Ratio] | None = None


class Vector:
    """A vector over Q: values/scale, in lowest terms. The signs of its entries are those of values."""

    def __init__(self, name: str, values: list[int], scale: int) -> None:
        common = gcd(scale, *values)
        self.name, self.scale, self.values = name, scale // common, [v // common for v in values]


class State:
    """Saddle k as stated, and what follows from the problem: s_k, its place in the box, g_k and L(beta_k)."""

    def __init__(
        self, problem: Problem, k: int, saddle: Saddle, s: Vector, stop: Stop | None, penalty: Vector
    ) -> None:
        self.problem, self.k, self.t, self.beta, self.s = problem, k, saddle.jump_time, saddle.beta, s
        self.stated_loss, self.proof, self.stop, self.penalty = saddle.loss, saddle.proof, stop, penalty
        n, unit = len(problem.target), self.beta.scale * problem.scale
        misfit = [-self.beta.scale * y for y in problem.target]  # X beta - y, times unit
        for b, column in zip(self.beta.values, problem.columns, strict=True):
            if b != 0:
                misfit = [m + b * x for m, x in zip(misfit, column, strict=True)]
        self.misfit = misfit
        g = [sum(map(mul, column, misfit)) for column in problem.columns]
        scale = n * unit * problem.scale
        shifted = [v * penalty.scale + p * scale for v, p in zip(g, penalty.values, strict=True)]
        self.g = Vector("g", shifted, scale * penalty.scale)  # X'(X beta - y)/n + penalty
        self.loss = (sum(map(mul, misfit, misfit)), 2 * n * unit**2)  # |X beta - y|^2/(2n)
        self.sides = sides_of(problem, s)

    def show(self, vector: Vector, i: int) -> str:
        """Entry i of a vector, for a witness."""
        return entry_text(self.problem, vector, i)

    def place(self, i: int) -> str:
        """Dual i among its thresholds, for a witness."""
        side = {0: "inside its thresholds", 1: "on its upper threshold", -1: "on its lower threshold"}
        return f"{self.show(self.s, i)} is {side.get(self.sides[i], 'beyond its threshold')}"


def entry_text(problem: Problem, vector: Vector, i: int) -> str:
    """Entry i of a vector by its column's name, for a witness."""
    return f"{vector.name}[{problem.called[i]}] = {show((vector.values[i], vector.scale))}"


def sides_of(problem: Problem, s: Vector) -> list[int]:
    """For each coordinate 1 or -1 on its upper or lower threshold, 2 or -2 beyond it, 0 inside."""
    box = zip(s.values, problem.lower, problem.upper, strict=True)
    return [compare(v, s.scale, upper) - compare(-v, s.scale, lower) for v, lower, upper in box]


def compare(numerator: int, denominator: int, threshold: Ratio) -> int:
    """0 below the threshold, 1 on it, 2 beyond it."""
    excess = numerator * threshold[1] - threshold[0] * denominator
    return 0 if excess < 0 else 1 if excess == 0 else 2


def moved(state: State, until: Ratio) -> Vector:
    """s_{k+1} = s_k - (t_{k+1} - t_k) g_k."""
    (p, q), (a, b) = until, state.t
    duration = Fraction(p * b - a * q, q * b * state.g.scale)
    scale = lcm(state.s.scale, duration.denominator)
    keep, move = scale // state.s.scale, duration.numerator * (scale // duration.denominator)
    pairs = zip(state.s.values, state.g.values, strict=True)
    return Vector("s", [keep * s - move * g for s, g in pairs], scale)


def doubled(problem: Problem, penalty: list[Ratio]) -> tuple[Problem, Vector]:
    """The problem of 2d non-negative columns, x and -x of each, and the penalty of each of them.

    s+ begins at s_0 and s- at -s_0; s+ <= upper and s- <= lower are their only thresholds. Entry 2i of
    a vector is of side + of column i, entry 2i + 1 of side -.
    """
    columns = [side for column in problem.columns for side in (column, [-x for x in column])]
    upper = [c for pair in zip(problem.upper, problem.lower, strict=True) for c in pair]
    dual = Vector("s", [v for s in problem.dual.values for v in (s, -s)], problem.dual.scale)
    values, scale = over_one_denominator([p for p in penalty for _ in range(2)], "penalty")
    lower = [INFINITE] * len(upper)
    sides = problem._replace(
        columns=columns, lower=lower, upper=upper, dual=dual, called=sides_called(problem)
    )
    return sides, Vector("", values, scale)


def sides_called(problem: Problem) -> list[str]:
    """What messages call the 2d sides of its columns."""
    return [f"{column} (side {side})" for column in problem.called for side in "+-"]


def split(saddle: Saddle) -> Saddle:
    """The saddle with beta = b+ - b-, both non-negative."""
    parts = [v for b in saddle.beta.values for v in (max(b, 0), max(-b, 0))]
    return saddle._replace(beta=Vector("beta", parts, saddle.beta.scale))


def refute(certificate: Certificate, given: Problem | None) -> Iterator[Failure]:
    """Every claim at every saddle; nothing when the document is a run of Algorithm 1 on the problem."""
    problem, saddles, stop = certificate.problem, certificate.saddles, certificate.stop
    for checked in (problem, given or problem):
        if checked.digest != certificate.digest:
            yield Failure(0, "problem", f"stated {certificate.digest}, the problem has {checked.digest}")
    claims = claims_of(certificate.complete, certificate.proved, stop is not None)[1:]
    penalty = Vector("", [0] * len(problem.columns), 1)
    if certificate.penalty:
        problem, penalty = doubled(problem, certificate.penalty)
        saddles = list(map(split, saddles))
    later: State | None = State(problem, 0, saddles[0], problem.dual, stop, penalty)
    while state := later:
        k = state.k + 1
        later = None
        if k < len(saddles):
            later = State(problem, k, saddles[k], moved(state, saddles[k].jump_time), stop, penalty)
        for claim in claims:
            for witness in TESTS[claim](state, later):
                yield Failure(state.k, claim, witness)


# --- 3. The claims: each function yields the witnesses that its claim is false at a saddle ----------------


def start(state: State, later: State | None) -> Iterator[str]:
    """At the first saddle: t_0 = 0 and -lower <= s_0 <= upper."""
    if state.k == 0:
        if state.t[0] != 0:
            yield f"t_0 = {show(state.t)}, not 0"
        yield from (state.place(i) for i, side in enumerate(state.sides) if abs(side) == 2)


def cone(state: State, later: State | None) -> Iterator[str]:
    """Wherever beta_i != 0, s_i is on the threshold of its sign."""
    for i, b in enumerate(state.beta.values):
        if b != 0 and b * state.sides[i] <= 0:
            yield f"{state.show(state.beta, i)} but {state.place(i)}"


def stationary(state: State, later: State | None) -> Iterator[str]:
    """g_i = 0 wherever beta_i != 0."""
    for i, b in enumerate(state.beta.values):
        if b != 0 and state.g.values[i] != 0:
            yield f"{state.show(state.beta, i)} but {state.show(state.g, i)}"


def dual_sign(state: State, later: State | None) -> Iterator[str]:
    """g_i >= 0 where s_i is on its upper threshold, g_i <= 0 where on its lower one."""
    for i, side in enumerate(state.sides):
        if side * state.g.values[i] < 0:
            yield f"{state.place(i)} but {state.show(state.g, i)}"


def first_hit(state: State, later: State | None) -> Iterator[str]:
    """Before the last: t_{k+1} > t_k, s_{k+1} in the box, and some i with g_i != 0 lands where it heads."""
    if later:
        (p, q), (a, b), then = state.t, later.t, f"at the next jump time {show(later.t)}"
        if a * q <= p * b:
            yield f"the next jump time {show(later.t)} is not after {show(state.t)}"
        yield from (f"{then}, {later.place(i)}" for i, side in enumerate(later.sides) if abs(side) == 2)
        if not any(side * g < 0 for side, g in zip(later.sides, state.g.values, strict=True)):
            yield f"{then}, no moving coordinate is on its threshold"


def loss(state: State, later: State | None) -> Iterator[str]:
    """The stated loss is L(beta_k)."""
    (p, q), (a, b) = state.stated_loss, state.loss
    if p * b != a * q:
        yield f"stated {show((p, q))}, recomputed {show((a, b))}"


def end(state: State, later: State | None) -> Iterator[str]:
    """At the last saddle each i has g_i = 0 or heads for an infinite threshold."""
    for i, g in enumerate(state.g.values):
        ahead = state.problem.upper[i] if g < 0 else state.problem.lower[i]
        if later is None and g != 0 and ahead != INFINITE:
            who = state.problem.called[i]
            yield f"{state.show(state.g, i)}, so s[{who}] still moves towards a finite threshold"


def uniqueness(state: State, later: State | None) -> Iterator[str]:
    """beta is the only minimiser, or the stated second one is another: CERTIFICATE.md says why this suffices.

    The minimisers are the b with X b = X beta, and b_i = 0 or of the sign of side i, and 0 where g_i != 0.
    """
    sides, beta = state.sides, state.beta
    columns, called = state.problem.columns, state.problem.called
    if isinstance(state.proof, Only):
        for i, (side, g, b) in enumerate(zip(sides, state.g.values, beta.values, strict=True)):
            product = sum(map(mul, columns[i], state.proof.w))
            if (side != 0 and g == 0 and side * product <= 0) if b == 0 else product != 0:
                sign = compare(product, 1, (0, 1)) - 1
                yield f"{state.show(beta, i)} and {state.place(i)}, but X[{called[i]}].w is of sign {sign}"
        support = [column for b, column in zip(beta.values, columns, strict=True) if b != 0]
        minor = [[column[row] // (gcd(*column) or 1) for row in state.proof.rows] for column in support]
        if len(state.proof.rows) != len(support) or not is_unit(minor, state.proof.prime):
            yield f"rows {cut(str(state.proof.rows))} do not show X independent where beta != 0"
    elif state.proof is not None:
        for i, v in enumerate(state.proof.values):
            if v != 0 and (v * sides[i] <= 0 or state.g.values[i] != 0):
                yield f"{state.show(state.proof, i)} but {state.place(i)} and {state.show(state.g, i)}"
        pairs = zip(state.proof.values, beta.values, strict=True)
        move = [v * beta.scale - b * state.proof.scale for v, b in pairs]
        if not any(move):
            yield "second is beta itself"
        for j, row in enumerate(zip(*columns, strict=True)):
            if sum(map(mul, row, move)) != 0:
                yield f"X second differs from X beta in row {j}"


def stop(state: State, later: State | None) -> Iterator[str]:
    """The rule holds at the last saddle, and at none before."""
    found = state.stop
    if found and holds(found, state, later) != (later is None):
        where = "does not hold at the last saddle" if later is None else "holds here, before the last saddle"
        yield f"the rule {found.text} {where}: {stop_witness(found, state, later)}"


def holds(found: Stop, state: State, later: State | None) -> bool:
    """Whether the rule of a stop holds at a saddle; CERTIFICATE.md says what each means."""
    p, q = found.limit
    if found.rule == "saddles":
        return (state.k + 1) * q >= p
    if found.rule == "loss":
        return bool(state.loss[0] * q <= p * state.loss[1])
    if found.rule == "time":  # t_{k+1} > p/q: nothing that moves has landed by then
        if later:
            return later.t[0] * q > p * later.t[1]
        then = sides_of(state.problem, moved(state, found.limit))
        return not any(side * g < 0 for side, g in zip(then, state.g.values, strict=True))
    return all(room >= 0 for room in rooms(found, state))


def rooms(found: Stop, state: State) -> Iterator[int]:
    """In each row what the half units of X and y allow, less |y - X beta|: times a positive number."""
    *columns, target = found.halves
    beta, unit = state.beta, state.problem.scale
    size = sum(b != 0 for b in beta.values)
    sized = [(abs(b) * found.counts(j, size), columns[j]) for j, b in enumerate(beta.values) if b != 0]
    for i, (misfit, half) in enumerate(zip(state.misfit, target, strict=True)):
        allowed = half * beta.scale + sum(b * column[i] for b, column in sized)
        yield allowed * unit - abs(misfit) * found.scale


def stop_witness(found: Stop, state: State, later: State | None) -> str:
    """What shows that the rule holds at a saddle, or does not."""
    if found.rule == "saddles":
        return f"it is number {state.k + 1}"
    if found.rule == "loss":
        return f"the loss is {show(state.loss)}"
    if found.rule == "time":
        return f"the next jump is {f'at {show(later.t)}' if later else 'not after that'}"
    row = next((i for i, room in enumerate(rooms(found, state)) if room < 0), None)
    return "every residual is within" if row is None else f"the residual in row {row} is not within"


def is_unit(rows: list[list[int]], modulus: int) -> bool:
    """Elimination modulo modulus finds a unit as every pivot; so the determinant is one, and not 0."""
    while rows:
        pivot = next((row for row in rows if gcd(row[0], modulus) == 1), None)
        if pivot is None:
            return False
        rows.remove(pivot)
        inverse = pow(pivot[0], -1, modulus)
        factors = [row[0] * inverse for row in rows]
        rows = [
            [(a - factor * b) % modulus for a, b in zip(row[1:], pivot[1:], strict=True)]
            for factor, row in zip(factors, rows, strict=True)
        ]
    return True


ALL_TESTS = (start, cone, stationary, dual_sign, first_hit, loss, end, uniqueness, stop)
TESTS = {test.__name__.replace("_", " "): test for test in ALL_TESTS}


def claims_of(complete: bool, uniqueness: bool, stopped: bool = False) -> list[str]:
    """The names of the claims a certificate makes, in order; the last three only where they apply."""
    left_out = {"end": not complete, "uniqueness": not uniqueness, "stop": not stopped}
    return ["problem", *(claim for claim in TESTS if not left_out.get(claim))]


# --- 4. The grammar ---------------------------------------------------------------------------------------


class Bare(str):
    """A JSON number as written: a certificate has none but its version, a problem file may have."""


def read_certificate(document: Any, given: Problem | None) -> Certificate:
    """The certificate about the problem inside, else about the one given."""
    required = {"format", "version", "complete", "claims", "digest", "saddles"}
    stopped, penalised = is_of_version(document, "3"), is_of_version(document, "5")
    more = ({"stop"} if stopped else set()) | ({"penalty"} if penalised else set())
    found = fields(document, "", required | more, {"problem"})
    version, digest, complete = found["version"], found["digest"], found["complete"]
    need(found["format"] == "exactsaddle certificate", "format", 'must be "exactsaddle certificate"')
    right = type(version) is Bare and version in ("1", "3", "5")
    need(right, "version", f"must be 1, not {name(version)}")
    need(type(complete) is bool, "complete", f"must be true or false, not {name(complete)}")
    need(not (stopped and complete), "complete", "must be false: up to a stop is not a complete path")
    claims, unique = (claims_of(complete, uniqueness, stopped) for uniqueness in (False, True))
    perhaps = f"must be {json.dumps(claims)}{'' if penalised else ', perhaps with uniqueness'}"
    need(found["claims"] == claims or (found["claims"] == unique and not penalised), "claims", perhaps)
    hexadecimal = type(digest) is str and re.fullmatch("[0-9a-f]{64}", digest)
    need(hexadecimal, "digest", "must be 64 lower-case hexadecimal digits")
    problem = read_problem(found["problem"], "problem") if "problem" in found else given
    if problem is None:
        raise Malformed("problem: absent (a detached certificate): give it, with --problem FILE")
    shape, proved = (len(problem.target), len(problem.columns)), found["claims"] == unique
    if "problem" not in found and problem.digest != digest:
        return Certificate(
            complete, proved, digest, problem, [], None
        )  # refuted; its columns are of another problem
    need_room(found["saddles"], shape[1] * (1 + penalised), "saddles")
    saddles = each(lambda value, at: read_saddle(value, at, shape, proved), found["saddles"], "saddles")
    rule = read_stop(found["stop"], "stop", problem) if stopped else None
    penalty = read_penalty(found["penalty"], shape[1]) if penalised else None
    return Certificate(complete, proved, digest, problem, saddles, rule, penalty)


def read_penalty(stated: Any, d: int) -> list[Ratio]:
    """The penalty of each of d columns, at least 0."""
    found = each(number, stated, "penalty", d)
    for i, value in enumerate(found):
        need(value[0] >= 0, f"penalty[{i}]", "must not be negative")
    return found


def is_of_version(document: Any, version: str) -> bool:
    """Whether a document says it is of this version."""
    stated = dict(document).get("version") if type(document) is tuple else None
    return type(stated) is Bare and stated == version


FORMATS = {"binary64": (53, -1075), "binary32": (24, -150), "binary16": (11, -25)}


def read_stop(document: Any, path: str, problem: Problem) -> Stop:
    """The rule of a stop, as an object of one field."""
    need(type(document) is tuple and len(document) == 1, path, "must be an object of one field, the rule")
    ((rule, value),) = document
    at = f"{path}.{rule}"
    if rule == "rounding":
        found = fields(value, at, {"X", "y"})
        units = [
            *read_units(found["X"], f"{at}.X", len(problem.columns)),
            *read_units(found["y"], f"{at}.y", 1),
        ]
        given = zip(units, [*problem.columns, problem.target], strict=True)
        halves = [half for unit, column in given for half in halves_of(unit, column, problem.scale)]
        values, scale = over_one_denominator(halves, at)
        n, floats = len(problem.target), [unit in FORMATS for unit in units]
        columns = [values[j : j + n] for j in range(0, len(values), n)]
        return Stop(rule, (0, 1), columns, scale, [x and floats[-1] for x in floats])
    need(rule in ("saddles", "time", "loss"), path, f"unknown rule {name(rule)}")
    limit = number(value, at)
    need(limit[0] >= 0, at, "must not be negative")
    need(rule != "saddles" or (limit[1] == 1 and limit[0] > 0), at, "must be a positive integer")
    return Stop(rule, limit, [], 1, [])


def read_units(stated: Any, path: str, count: int) -> list[str | Ratio]:
    """How sharply each of some columns was given: a binary format, or half a unit."""
    if type(stated) is str and stated in FORMATS:
        return [stated] * count
    if stated == "exact":
        return [(0, 1)] * count
    need(type(stated) is list, path, f"must be exact, {', '.join(FORMATS)} or a list, not {name(stated)}")
    return each(read_unit, stated, path, count)


def read_unit(stated: Any, path: str) -> str | Ratio:
    """Of one column."""
    if type(stated) is str and stated in FORMATS:
        return stated
    half = number(stated, path)
    need(half[0] >= 0, path, "must not be negative")
    return half


def halves_of(unit: str | Ratio, column: list[int], scale: int) -> list[Ratio]:
    """Half a unit of each number of a column."""
    if isinstance(unit, str):
        bits, least = FORMATS[unit]
        return [half_unit(Fraction(v, scale), bits, least) for v in column]
    return [unit] * len(column)


def half_unit(value: Fraction, bits: int, least: int) -> Ratio:
    """Half a unit in the last of so many binary places of a number, at least 2^least."""
    p, q = abs(value.numerator), value.denominator
    exponent = p.bit_length() - q.bit_length()  # 2^exponent <= |value| < 2^(exponent + 1), or one less
    exponent -= p << max(-exponent, 0) < q << max(exponent, 0)
    return (Fraction(2) ** (max(exponent - bits, least) if p else least)).as_integer_ratio()


def need_room(items: Any, d: int, path: str) -> None:
    """Refuse more dense vectors of d entries than are held."""
    size = len(items) * d if type(items) is list else 0
    need(size <= MAX_CELLS, path, f"{size} entries with the zeros, more than {MAX_CELLS}")


def read_saddle(document: Any, path: str, shape: tuple[int, int], proved: bool) -> Saddle:
    """A saddle, with its uniqueness if that is claimed."""
    found = fields(document, path, {"jump_time", "beta", "loss"} | ({"uniqueness"} if proved else set()))
    beta = read_sparse(found["beta"], f"{path}.beta", "beta", shape[1])
    proof = read_proof(found["uniqueness"], f"{path}.uniqueness", shape) if proved else None
    t, stated = number(found["jump_time"], f"{path}.jump_time"), number(found["loss"], f"{path}.loss")
    return Saddle(t, beta, stated, proof)


def read_sparse(entries: Any, path: str, label: str, d: int) -> Vector:
    """A vector from its nonzero entries by column 0, ..., d - 1, ascending."""
    need(type(entries) is tuple, path, f"must be an object, not {name(entries)}")
    ratios, last = [(0, 1)] * d, -1
    for key, value in entries:
        at = f"{path}[{name(key)}]"
        need(re.fullmatch("0|[1-9][0-9]{0,8}", key) and int(key) < d, at, f"not a column: 0 to {d - 1}")
        need(int(key) > last, at, "columns must ascend, each once")
        last = int(key)
        ratios[last] = number(value, at)
        need(ratios[last][0], at, "zero entries must be left out")
    return Vector(label, *over_one_denominator(ratios, path))


def read_proof(document: Any, path: str, shape: tuple[int, int]) -> Only | Vector:
    """What is stated of uniqueness: w, prime and rows if unique, else second."""
    unique = isinstance(document, tuple) and dict(document).get("unique")
    required = {"unique", "w", "prime", "rows"} if unique is True else {"unique", "second"}
    found = fields(document, path, required)
    need(type(unique) is bool, f"{path}.unique", f"must be true or false, not {name(unique)}")
    if not unique:
        return read_sparse(found["second"], f"{path}.second", "second", shape[1])
    w, _ = over_one_denominator(each(number, found["w"], f"{path}.w", shape[0]), f"{path}.w")
    p, q = number(found["prime"], f"{path}.prime")
    need(q == 1 and p > 1, f"{path}.prime", "must be an integer above 1")
    need(type(found["rows"]) is list, f"{path}.rows", f"must be an array, not {name(found['rows'])}")
    for j, row in enumerate(found["rows"]):
        inside = type(row) is Bare and re.fullmatch("0|[1-9][0-9]{0,8}", row) and int(row) < shape[0]
        need(inside, f"{path}.rows[{j}]", f"not a row: 0 to {shape[0] - 1}")
    return Only(w, [int(row) for row in found["rows"]], p)


def read_problem(document: Any, path: str, plain: bool = False, roots: bool = False) -> Problem:
    """A problem in canonical form, or if plain with any numbers, one for all columns, and defaults.

    With roots thresholds and dual may be square roots too.
    """
    required, optional = {"X", "y"}, {"lower", "upper", "dual"}
    named = {"names", "network"} if plain else {"names"}
    found = fields(document, path, required if plain else required | optional, optional | named)
    dot = f"{path}." if path else ""
    stated = "network" not in found or found.keys() >= {"lower", "upper"}  # its scales may be thresholds
    need(stated, f"{dot}network", "nothing is read from it: state lower and upper too")

    expanded = sum(exponents(list(found.values())))
    need(not plain or expanded <= MAX_DIGITS, path, f"exponents add {expanded} digits, over {MAX_DIGITS}")

    def entry(value: Any, at: str) -> Ratio:
        return number(value, at, plain)

    def real(value: Any, at: str) -> Ratio:
        match = ROOT.fullmatch(value) if roots and type(value) is str else None
        return read_root(match, at, plain) if match else entry(value, at)

    def threshold(value: Any, at: str) -> Ratio:
        c = INFINITE if value == "inf" else real(value, at)
        need(c[0] > 0, at, "a threshold must be positive")
        return c

    def label(value: Any, at: str) -> str:
        need(type(value) is str, at, f"must be text, not {name(value)}")
        need(not re.search("[\ud800-\udfff]", value), at, f"{name(value)} holds half a character")
        return str(value)

    y = each(entry, found["y"], f"{dot}y")
    X = each(lambda row, at: each(entry, row, at), found["X"], f"{dot}X", len(y))
    d = len(X[0])
    for i, row in enumerate(X):
        need(len(row) == d, f"{dot}X[{i}]", f"has {len(row)} entries, X[0] has {d}")
    for key, default in (("lower", "1"), ("upper", "1"), ("dual", "0")) if plain else ():
        value = found.get(key, default)
        found[key] = value if type(value) is list else [value] * d
    lower, upper = (each(threshold, found[key], dot + key, d) for key in ("lower", "upper"))
    dual = each(real, found["dual"], f"{dot}dual", d)
    for i in range(d):
        need((lower[i], upper[i]) != (INFINITE, INFINITE), f"{dot}upper[{i}]", "infinite, like lower")
    names = each(label, found.get("names", [""] * d), f"{dot}names", d)
    content: dict[str, Any] = {"X": [list(map(text, row)) for row in X], "y": list(map(text, y))}
    content |= {
        "lower": list(map(text, lower)),
        "upper": list(map(text, upper)),
        "dual": list(map(text, dual)),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode("ascii")).hexdigest()
    values, scale = over_one_denominator([*y, *(x for row in X for x in row)], f"{dot}X")
    columns = [values[len(y) + j :: d] for j in range(d)]
    irrational = {i: value for i, value in enumerate(dual) if isinstance(value, Root)}
    rational = [(0, 1) if isinstance(value, Root) else value for value in dual]
    s = Vector("s", *over_one_denominator(rational, f"{dot}dual"))
    return Problem(columns, values[: len(y)], scale, lower, upper, s, digest, irrational, called_by(names))


def called_by(names: list[str]) -> list[str]:
    """What messages call columns: the name, quoted if it is no plain word; the index where it tells none."""
    words = [s if re.fullmatch("[A-Za-z_][A-Za-z0-9_.-]{0,39}", s) else cut(json.dumps(s)) for s in names]
    times = Counter(words)
    return [w if s and times[w] == 1 else str(i) for i, (s, w) in enumerate(zip(names, words, strict=True))]


NUMBER = re.compile(
    r"[+-]?(?:[0-9]+/0*[1-9][0-9]*|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,8}))?)"
)


EXPONENT = re.compile(r"[eE]([+-]?[0-9]{1,8})\s*$")


def exponents(value: Any) -> Iterator[int]:
    """The sizes of exponents over 99, the digits they expand to; those over MAX_DIGITS ``number`` refuses."""
    if type(value) is list:
        for item in value:
            yield from exponents(item)
    elif (
        isinstance(value, str)
        and (match := EXPONENT.search(value[-16:]))
        and 99 < abs(int(match[1])) <= MAX_DIGITS
    ):
        yield abs(int(match[1]))


def number(value: Any, path: str, plain: bool = False) -> Ratio:
    """A rational in the one form that str(Fraction) prints; if plain, a JSON number or decimal too."""
    if not (type(value) is str or (plain and type(value) is Bare)):
        raise Malformed(f'{path}: a number must be a string such as "3/10", not {name(value)}')
    written = value.strip()
    match = NUMBER.fullmatch(written) if len(written) <= 2 * MAX_DIGITS + 2 else None
    if match is None or abs(int(match[1] or 0)) > MAX_DIGITS:
        raise Malformed(f"{path}: {name(value)} is not a number of at most {MAX_DIGITS} digits")
    p, q = map(int, written.split("/")) if "/" in written else Fraction(written).as_integer_ratio()
    common = gcd(p, q)
    found = p // common, q // common
    canonical = text(found)
    if not plain and canonical != value:
        raise Malformed(f"{path}: {name(value)} must be written {cut(canonical, 'digits')}")
    if len(canonical) > MAX_DIGITS:
        digits = max(map(len, canonical.lstrip("-").split("/")))
        need(digits <= MAX_DIGITS, path, f"a number of {digits} digits, more than {MAX_DIGITS}")
    return found


ROOT = re.compile(r"(-?)sqrt\((.*)\)")


def read_root(match: re.Match[str], path: str, plain: bool) -> Ratio:
    """A square root of a positive rational; if plain perhaps of a square, and then a rational."""
    p, q = number(match[2], path, plain)
    need(p > 0, path, f"sqrt of {cut(match[2])}, which is not positive")
    sign = -1 if match[1] else 1
    if isqrt(p) ** 2 == p and isqrt(q) ** 2 == q:
        need(plain, path, f"must be written {sign * Fraction(isqrt(p), isqrt(q))}")
        return sign * isqrt(p), isqrt(q)
    return Root(sign * p, q)


def over_one_denominator(ratios: list[Ratio], path: str) -> tuple[list[int], int]:
    """The numerators of the ratios over their least common denominator, and it."""
    scale = 1
    for q in {q for _, q in ratios}:
        scale = lcm(scale, q)
        small = 3 * scale.bit_length() <= 10 * MAX_DIGITS  # 10 bits hold 3 digits
        need(small, path, f"a common denominator of over {MAX_DIGITS} digits")
    size = scale.bit_length() * sum(p != 0 for p, _ in ratios)
    need(size <= MAX_BITS, path, f"{size} bits over the common denominator, more than {MAX_BITS}")
    return [p * (scale // q) for p, q in ratios], scale


def text(ratio: Ratio) -> str:
    """The canonical string of a rational in lowest terms, a root or an infinite threshold."""
    if isinstance(ratio, Root):
        return f"{'-' * (ratio.p < 0)}sqrt({Fraction(abs(ratio.p), ratio.q)})"
    p, q = ratio
    return "inf" if ratio == INFINITE else f"{p}/{q}" if q != 1 else str(p)


def show(ratio: Ratio) -> str:
    """A rational for a message."""
    return "/".join(cut(part, "digits") for part in str(Fraction(*ratio)).split("/"))


def name(value: Any) -> str:
    """A JSON value for a message, in ASCII."""
    if isinstance(value, (list, tuple)):
        return "an object" if type(value) is tuple else "an array" if value else "an empty array"
    return cut(str(value) if type(value) is Bare else json.dumps(value))


def cut(text: str, unit: str = "characters") -> str:
    """Text, by its ends and length when long."""
    return text if len(text) <= 40 else f"{text[:12]}...{text[-6:]} ({len(text.lstrip('-'))} {unit})"


def fields(value: Any, path: str, required: set[str], optional: set[str] | None = None) -> dict[str, Any]:
    """The fields of an object: every required one, no unknown one, none twice."""
    need(type(value) is tuple, path, f"must be an object, not {name(value)}")
    found: dict[str, Any] = {}
    for key, item in value:
        need(key in required | (optional or set()), path, f"unknown field {name(key)}")
        need(key not in found, path, f"field {name(key)} twice")
        found[key] = item
    missing = sorted(required - found.keys())
    need(not missing, path, f"lacks {', '.join(missing)}")
    return found


def each(read: Callable[[Any, str], T], value: Any, path: str, length: int | None = None) -> list[T]:
    """What read makes of each item of a non-empty array, of the given length if any."""
    need(type(value) is list and value, path, f"must be a non-empty array, not {name(value)}")
    need(length in (None, len(value)), path, f"has {len(value)} entries, not {length}")
    return [read(item, f"{path}[{i}]") for i, item in enumerate(value)]


def need(condition: object, path: str, message: str) -> None:
    """Refuse the document unless condition holds."""
    if not condition:
        raise Malformed(f"{path}: {message}" if path else message)


def load(text: str | bytes, source: str, read: Callable[[Any], T]) -> T:
    """What read makes of the JSON in text; source begins the message of a refusal."""
    try:
        return read(decode(text))
    except Malformed as error:
        raise Malformed(f"{source}{error}") from None


def decode(text: str | bytes) -> Any:
    """The JSON in text, with objects as tuples of pairs: so a key given twice shows."""
    need(len(text) <= MAX_BYTES, "", f"longer than {MAX_BYTES} bytes")
    decoder = json.JSONDecoder(object_pairs_hook=tuple, parse_int=Bare, parse_float=Bare, parse_constant=Bare)
    try:
        unicode = text if isinstance(text, str) else text.decode()
        need(unicode.count(",") <= MAX_ENTRIES, "", f"more than {MAX_ENTRIES} entries")
        return decoder.decode(unicode)
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"not JSON in UTF-8: {error}") from None


# --- 5. The command line ----------------------------------------------------------------------------------


def main(
    arguments: list[str] | None = None, decide: Callable[..., Any] = check, about: str | None = __doc__
) -> int:
    """Check the certificate that the command line names; the exit code says the verdict."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("certificate", help="certificate in JSON; - for standard input")
    parser.add_argument("--problem", metavar="FILE", help="its problem in JSON: needed if it is detached")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    if decide is check:
        hint = "word operations to spend (default 10^11: of the order of an hour)"
        parser.add_argument("--max-work", type=int, default=10**11, help=hint)
    options = parser.parse_args(arguments)
    budget = {"max_work": options.max_work} if decide is check else {}
    names = (f"{options.certificate}: ", f"{options.problem}: ")
    try:
        problem = None if options.problem is None else content(options.problem)
        report = decide(content(options.certificate), problem, names, **budget)
    except Malformed as error:
        print("malformed:", *str(error).splitlines(), file=sys.stderr)
        return 2
    except MemoryError:
        print("unchecked: the memory of this machine does not suffice; nothing was decided")
        return 3
    as_json = json.dumps(asdict(report) | {"message": report.message})
    try:
        print(as_json if options.json else f"{report.verdict}: {report.message}", flush=True)
    except OSError as error:  # exit code 1 would say rejected
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):
            print(f"cannot write standard output: {error.strerror}", file=sys.stderr)
        return 70
    return {"verified": 0, "rejected": 1, "unchecked": 3}[report.verdict]


def content(file: str) -> bytes:
    """The bytes of a file, at most one more than are taken."""
    try:
        with open(0 if file == "-" else file, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise Malformed(f"{file}: cannot be read: {error}") from None


if __name__ == "__main__":
    sys.exit(main())
