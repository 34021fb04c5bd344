"""Check the certificate of the path of an optimiser: standard library only, no code of the solver.

    python -I check_descent.py descent.json                          a certificate that holds its problem
    python -I check_descent.py descent.json --problem problem.json   a detached one

A certificate states saddles beta_k and who lands on a threshold at the end of each plateau, for a rule given
by four numbers: penalty (weight decay), radius (sharpness-aware), step and momentum. This file replays the
recursion that CERTIFICATE.md describes: beta, gradients and stability in Fractions, duals and times too for a
rule without step, else in intervals with logarithms from a series of integers. The grammar is that of
check_path.py, beside this file.

Exit codes: 0 verified; 1 rejected (a claim is false: saddle, claim and witness are named); 2 malformed
(nothing was decided); 3 unchecked (a prefix, every claim about it holds; or a claim is open at MAX_BITS).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, isqrt
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
    each,
    fields,
    load,
    main,
    name,
    need,
    need_room,
    number,
    read_problem,
    read_sparse,
    unlimited_digits,
)

MAX_BITS = 8192
MAX_VERTICES = 4096
EXACT = ("problem", "start", "cone", "stationary", "dual sign", "weights keep their sign", "attracts", "loss")
TIMED = ("first hit", "jump time")
Side = tuple[int, int]  # (i, 1) for w+ and s+ of coordinate i, (i, -1) for w- and s-


class Open(Exception):
    """A claim that is neither proved nor refuted: at this precision, or by the means of this file."""


class Refuted(Exception):
    """A claim that is false; args are a Failure."""


@dataclass(frozen=True)
class Report:
    """What was decided: "verified", "rejected" (see failure) or "unchecked" (a prefix, or what is open)."""

    verdict: str
    saddles: int
    digest: str
    failure: Failure | None
    bits: int  # of the intervals; 0 when all was exact
    open: str = ""

    @property
    def message(self) -> str:
        """What holds, or the claim that is false and its witness, or what is open."""
        if self.failure:
            return f"saddle {self.failure.saddle}: {self.failure.claim}: {self.failure.witness}"
        if self.open:
            return self.open
        how = f"times in intervals of {self.bits} bits, all else exactly" if self.bits else "exactly"
        scope = "" if self.verdict == "verified" else " (a prefix: what follows is not known)"
        claims = ", ".join(claims_of(self.verdict == "verified"))
        count = f"{self.saddles} saddle{'s' * (self.saddles > 1)}"
        return f"{count}{scope}, problem {self.digest}; hold, {how}: {claims}"


class Rule(NamedTuple):
    """Weights of push h = -sign * g_i move at the rate a(f), f = h - penalty_i - radius h^2."""

    penalty: list[Fraction]
    radius: Fraction
    step: Fraction  # 0: a flow, a = f; else a = ln|x| / step, x the dominant root of
    momentum: Fraction  # x^2 - (1 + momentum + step f) x + momentum

    def drive(self, i: int, push: Fraction) -> Fraction:
        """f."""
        return push - self.penalty[i] - self.radius * push * push


class Saddle(NamedTuple):
    """As stated: bounds of t_k, beta_k, L(beta_k), and who lands next, in ascending order."""

    time: tuple[Fraction, Fraction]
    beta: list[Fraction]
    loss: Fraction
    hits: tuple[Side, ...]


class Certificate(NamedTuple):
    """As stated; problem is the one inside, or the one given with a detached certificate."""

    complete: bool
    digest: str
    problem: Problem
    rule: Rule
    saddles: list[Saddle]


class Data:
    """G = X'X/n, r = X'y/n and y'y/n in Fractions, and the thresholds of the sides that have one."""

    def __init__(self, problem: Problem) -> None:
        n, unit, self.d = len(problem.target), problem.scale, len(problem.columns)
        over = n * unit * unit
        self.n, self.columns, self.over = n, problem.columns, over
        self.called = problem.called
        self.r = [Fraction(sum(map(mul, column, problem.target)), over) for column in problem.columns]
        self.yy = Fraction(sum(map(mul, problem.target, problem.target)), over)
        self.start = [Fraction(s, problem.dual.scale) for s in problem.dual.values]
        bounds = [(i, 1, c) for i, c in enumerate(problem.upper)]
        bounds += [(i, -1, c) for i, c in enumerate(problem.lower)]
        self.thresholds = {(i, side): Fraction(*c) for i, side, c in sorted(bounds) if c != INFINITE}
        self.formed: dict[int, list[Fraction]] = {}

    def side(self, side: Side) -> str:
        """A side, for a message."""
        return f"side {'+' if side[1] > 0 else '-'} of {self.called[side[0]]}"

    def gram(self, j: int) -> list[Fraction]:
        """Column j of G, formed once."""
        if j not in self.formed:
            column = self.columns[j]
            self.formed[j] = [Fraction(sum(map(mul, other, column)), self.over) for other in self.columns]
        return self.formed[j]

    def product(self, beta: list[Fraction]) -> list[Fraction]:
        """G beta."""
        found = [Fraction(0)] * self.d
        for j, b in enumerate(beta):
            if b:
                found = [f + b * v for f, v in zip(found, self.gram(j), strict=True)]
        return found


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
        bits = 128 if certificate.rule.step else 0
        about = len(certificate.saddles), certificate.digest
        try:
            for checked in (certificate.problem, given or certificate.problem):
                if checked.digest != certificate.digest:
                    stated = f"stated {certificate.digest}, the problem has {checked.digest}"
                    raise Refuted(Failure(0, "problem", stated))
            data = Data(certificate.problem)
            states = check_saddles(data, certificate)
            while True:
                try:
                    check_times(data, certificate, states, bits)
                    break
                except Open:
                    if not 0 < bits < MAX_BITS:
                        raise
                    bits *= 2
            check_attraction(data, certificate, states)
        except Refuted as refuted:
            return Report("rejected", *about, refuted.args[0], bits)
        except Open as open_claim:
            return Report("unchecked", *about, None, bits, str(open_claim))
    return Report("verified" if certificate.complete else "unchecked", *about, None, bits)


# --- 1. Saddles, in Fractions -----------------------------------------------------------------------------


class State(NamedTuple):
    """What follows from the saddles up to one: its gradient, and who is on a threshold when it begins."""

    g: list[Fraction]
    active: set[Side]


def check_saddles(data: Data, certificate: Certificate) -> list[State]:
    """Decides everything but times and attraction; raises Refuted."""
    rule, states = certificate.rule, list[State]()
    for (i, s), c in data.thresholds.items():
        if s * data.start[i] > c:
            raise Refuted(
                Failure(0, "start", f"s[{data.called[i]}] = {data.start[i]} is beyond its threshold")
            )
    active = {(i, s) for (i, s), c in data.thresholds.items() if c == s * data.start[i]}
    for k, saddle in enumerate(certificate.saddles):
        product = data.product(saddle.beta)
        g = [p - r for p, r in zip(product, data.r, strict=True)]
        states.append(State(g, active))
        for claim, witness in refute_saddle(data, rule, saddle, states[-1]):
            raise Refuted(Failure(k, claim, witness))
        loss = (
            sum(b * (p - 2 * r) for b, p, r in zip(saddle.beta, product, data.r, strict=True)) + data.yy
        ) / 2
        if loss != saddle.loss:
            raise Refuted(Failure(k, "loss", f"stated {saddle.loss}, recomputed {loss}"))
        rising = {(i, s) for i, s in data.thresholds if rule.drive(i, -s * g[i]) > 0}
        if k + 1 == len(certificate.saddles) and certificate.complete and rising:
            raise Refuted(Failure(k, "end", f"the weight of {data.side(min(rising))} still grows"))
        if not {*saddle.hits} <= rising:
            hits = ", ".join(map(data.side, saddle.hits))
            raise Refuted(Failure(k, "first hit", f"not all of {hits} move to their thresholds"))
        active = {(i, s) for i, s in active if rule.drive(i, -s * g[i]) == 0} | {*saddle.hits}
    return states


def refute_saddle(data: Data, rule: Rule, saddle: Saddle, state: State) -> Iterator[tuple[str, str]]:
    """Claims about beta_k alone that are false, with a witness."""
    g, active = state
    for i, b in enumerate(saddle.beta):
        side, who = (i, 1 if b > 0 else -1), data.called[i]
        if b and side not in active:
            yield "cone", f"beta[{who}] = {b} but {data.side(side)} is not on its threshold"
        if {(i, 1), (i, -1)} <= active:
            yield "cone", f"both sides of coordinate {who} are on their thresholds"
        if b and rule.drive(i, -side[1] * g[i]) != 0:
            yield "stationary", f"beta[{who}] = {b} but g[{who}] = {g[i]}"
    for i, s in sorted(active):
        if rule.drive(i, -s * g[i]) > 0:
            yield "dual sign", f"{data.side((i, s))} is on its threshold and g[{data.called[i]}] = {g[i]}"
    for i, s in data.thresholds:
        push = -s * g[i]
        if rule.radius * push >= 1 or 1 + rule.step * rule.drive(i, push) <= 0:
            yield (
                "weights keep their sign",
                f"that of {data.side((i, s))} does not where g[{data.called[i]}] = {g[i]}",
            )


def check_attraction(data: Data, certificate: Certificate, states: list[State]) -> None:
    """step * lambda_max(diag|b| C) < 1 + momentum at every vertex b of the minimisers of every saddle.

    lambda_max is convex in |b|, so vertices decide of a bounded set. It is bounded when the start is strictly
    inside its thresholds and a(f) <= h, which momentum may violate: CERTIFICATE.md says why.
    """
    rule = certificate.rule
    if rule.step == 0:
        return
    for k, saddle in enumerate(certificate.saddles):
        g, active = states[k]
        held = [(i, s) for i, s in sorted(active) if rule.drive(i, -s * g[i]) == 0]
        held = [(i, s) for i, s in held if any(data.columns[i])]
        if is_definite([[data.gram(j)[i] for j, _ in held] for i, _ in held]):  # beta is the only minimiser
            if not attracts(data, rule, saddle.beta):
                raise Refuted(
                    Failure(k, "attracts", "the step is too large for the curvature on its support")
                )
            continue
        inside = all(c > s * data.start[i] for (i, s), c in data.thresholds.items())
        subsets = sum(comb(len(held), size) for size in range(min(len(held), data.n) + 1))
        if not inside or rule.momentum or subsets > MAX_VERTICES:
            raise Open(f"saddle {k}: attracts: it has several minimisers, too many or perhaps unbounded")
        votes = {attracts(data, rule, b) for b in vertices(data, held, data.product(saddle.beta))}
        if votes != {True}:
            raise Open(f"saddle {k}: attracts: only some of its minimisers do, or none")


def vertices(data: Data, held: list[Side], product: list[Fraction]) -> Iterator[list[Fraction]]:
    """The b on independent columns with the product G b given, and of the signs of the sides held."""
    for size in range(min(len(held), data.n) + 1):
        for chosen in combinations(held, size):
            rows = [[s * data.gram(j)[i] for j, s in chosen] + [product[i]] for i, _ in held]
            found = solve(rows, size)
            if found is not None and all(c >= 0 for c in found):
                b = [Fraction(0)] * data.d
                for (j, s), c in zip(chosen, found, strict=True):
                    b[j] = s * c
                yield b


def solve(rows: list[list[Fraction]], size: int) -> list[Fraction] | None:
    """The one c with sum_j row_j c_j = row_size for every row; None when there is none, or not one alone."""
    for j in range(size):
        pivot = next((r for r in range(j, len(rows)) if rows[r][j]), None)
        if pivot is None:
            return None
        rows[j], rows[pivot] = rows[pivot], rows[j]
        rows[j] = [v / rows[j][j] for v in rows[j]]
        for r, row in enumerate(rows):
            if r != j and row[j]:
                rows[r] = [a - row[j] * b for a, b in zip(row, rows[j], strict=True)]
    return None if any(row[-1] for row in rows[size:]) else [row[-1] for row in rows[:size]]


def attracts(data: Data, rule: Rule, beta: list[Fraction]) -> bool:
    """Whether (1 + momentum)/step diag|beta|^-1 - C is positive definite on the support.

    C = G + 2 radius G diag|beta| G.
    """
    A = [i for i, b in enumerate(beta) if b]
    G = [[data.gram(j)[i] for j in A] for i in A]
    size = range(len(A))
    return is_definite(
        [
            [
                (i == j) * (1 + rule.momentum) / (rule.step * abs(beta[A[i]]))
                - G[i][j]
                - 2 * rule.radius * sum((G[i][k] * abs(beta[A[k]]) * G[k][j] for k in size), Fraction(0))
                for j in size
            ]
            for i in size
        ]
    )


def is_definite(M: list[list[Fraction]]) -> bool:
    """Whether the symmetric matrix is positive definite: whether all pivots are positive."""
    for k in range(len(M)):
        if M[k][k] <= 0:
            return False
        for i in range(k + 1, len(M)):
            factor = M[i][k] / M[k][k]
            M[i] = [a - factor * b for a, b in zip(M[i], M[k], strict=True)]
    return True


# --- 2. Times: Fractions, or intervals of them rounded outwards to a grid of 2^-bits ----------------------


class Interval(NamedTuple):
    """A number between low and high."""

    low: Fraction
    high: Fraction


def rounded(low: Fraction, high: Fraction, bits: int) -> Interval:
    """The interval on the grid; itself for bits = 0, where all is exact."""
    if not bits:
        return Interval(low, high)
    unit = 1 << bits
    below = low.numerator * unit // low.denominator
    above = -(-high.numerator * unit // high.denominator)
    return Interval(Fraction(below, unit), Fraction(above, unit))


def logarithm(x: Fraction, bits: int) -> Interval:
    """ln x for x > 0: x = 2^k m with m near 1, ln m = 2 artanh((m - 1)/(m + 1)), ln 2 = 2 artanh(1/3)."""
    k = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / Fraction(2) ** k
    if m > Fraction(4, 3):
        k, m = k + 1, m / 2
    low, high = artanh((m - 1) / (m + 1), bits)
    two = artanh(Fraction(1, 3), bits)
    add = (k * two.low, k * two.high) if k >= 0 else (k * two.high, k * two.low)
    return Interval(2 * (low + add[0]), 2 * (high + add[1]))


def artanh(z: Fraction, bits: int) -> Interval:
    """z + z^3/3 + z^5/5 + ... for |z| <= 1/3, in integers over 2^(bits + 16) with every rounding counted."""
    shift = bits + 16
    p, q = abs(z.numerator), z.denominator
    power, total, error, j = (p << shift) // q, 0, 1, 1
    while power:
        total, error = total + power // j, error + 2
        power, j = power * p * p // (q * q), j + 2
    error += 2  # the tail: all later terms are below 1/(1 - 1/9) units
    low, high = Fraction(total - error, 1 << shift), Fraction(total + error, 1 << shift)
    return Interval(low, high) if z >= 0 else Interval(-high, -low)


def rate(rule: Rule, drive: Fraction, bits: int) -> Interval:
    """a(f), f not 0."""
    if rule.step == 0:
        return Interval(drive, drive)
    trace = 1 + rule.momentum + rule.step * drive
    square = trace * trace - 4 * rule.momentum
    if square < 0:
        low, high = logarithm(rule.momentum, bits)
        return rounded(low / (2 * rule.step), high / (2 * rule.step), bits)
    unit = 1 << bits
    floor = Fraction(isqrt(square.numerator * unit * unit // square.denominator), unit)
    exact = floor * floor == square
    ends = ((trace + floor) / 2, (trace + floor + (0 if exact else Fraction(1, unit))) / 2)
    low, high = logarithm(ends[0], bits).low, logarithm(ends[1], bits).high
    return rounded(low / rule.step, high / rule.step, bits)


def check_times(data: Data, certificate: Certificate, states: list[State], bits: int) -> None:
    """Claims "first hit" and "jump time" at every saddle; raises Refuted, or Open at so many bits."""
    rule, time = certificate.rule, Interval(Fraction(0), Fraction(0))
    rooms = {}
    for (i, s), c in data.thresholds.items():
        rooms[i, s] = Interval(c - s * data.start[i], c - s * data.start[i])
    histories: dict[Side, tuple[Any, ...]] = {side: (room.low,) for side, room in rooms.items()}
    for k, saddle in enumerate(certificate.saddles):
        low, high = saddle.time
        if time.high < low or time.low > high:
            raise Refuted(
                Failure(k, "jump time", f"not between {low} and {high}, but near {float(time.low)}")
            )
        if time.low < low or time.high > high:
            raise Open(f"saddle {k}: jump time: open at {bits} bits")
        if not saddle.hits:
            return
        drives = {(i, s): rule.drive(i, -s * states[k].g[i]) for i, s in rooms}
        rates = {side: rate(rule, f, bits) for side, f in drives.items() if f}
        waits = {}
        for side, f in drives.items():
            if f > 0:
                if rates[side].low <= 0:
                    raise Open(f"saddle {k}: first hit: a rate is open at {bits} bits")
                room, a = rooms[side], rates[side]
                waits[side] = rounded(max(room.low, Fraction(0)) / a.high, room.high / a.low, bits)
        first = saddle.hits[0]
        for side, wait in waits.items():
            same = (histories[side], drives[side]) == (histories[first], drives[first])
            same = same or (not bits and wait == waits[first])
            before, after = wait.high < waits[first].low, wait.low > waits[first].high
            if before or (same and side not in saddle.hits) or (after and side in saddle.hits):
                how = "before" if before else "after" if after else "with"
                raise Refuted(Failure(k, "first hit", f"{data.side(side)} lands {how} {data.side(first)}"))
            if not same and not after:
                both = f"{data.side(side)} and {data.side(first)}"
                raise Open(f"saddle {k}: first hit: the order of {both} is open at {bits} bits")
        wait = waits[first]
        for side, a in rates.items():
            room, moves = rooms[side], [w * v for w in wait for v in a]
            rooms[side] = rounded(room.low - max(moves), room.high - min(moves), bits)
            histories[side] = (*histories[side], (k, drives[side]))
        for side in saddle.hits:
            rooms[side], histories[side] = Interval(Fraction(0), Fraction(0)), (Fraction(0),)
        time = Interval(time.low + wait.low, time.high + wait.high)


def claims_of(complete: bool) -> list[str]:
    """The names of the claims a certificate makes, in order; `end` only of a complete path."""
    return [*EXACT, *TIMED, *(["end"] if complete else [])]


# --- 3. The grammar ---------------------------------------------------------------------------------------


def read_certificate(document: Any, given: Problem | None) -> Certificate:
    """The certificate about the problem inside, else about the one given."""
    required = {"format", "version", "complete", "claims", "digest", "rule", "saddles"}
    found = fields(document, "", required, {"problem"})
    version, digest, complete = found["version"], found["digest"], found["complete"]
    stated = found["format"] == "exactsaddle descent certificate"
    need(stated, "format", 'must be "exactsaddle descent certificate"')
    need(type(version) is Bare and version == "1", "version", f"must be 1, not {name(version)}")
    need(type(complete) is bool, "complete", f"must be true or false, not {name(complete)}")
    claims = claims_of(complete)
    need(found["claims"] == claims, "claims", f"must be {json.dumps(claims)}")
    hexadecimal = type(digest) is str and re.fullmatch("[0-9a-f]{64}", digest)
    need(hexadecimal, "digest", "must be 64 lower-case hexadecimal digits")
    problem = read_problem(found["problem"], "problem") if "problem" in found else given
    if problem is None:
        raise Malformed("problem: absent (a detached certificate): give it, with --problem FILE")
    d = len(problem.columns)
    rule = read_rule(found["rule"], d)
    if "problem" not in found and problem.digest != digest:
        return Certificate(complete, digest, problem, rule, [])  # refuted by its digest
    need_room(found["saddles"], d, "saddles")
    saddles = each(lambda value, at: read_saddle(value, at, d), found["saddles"], "saddles")
    for k, saddle in enumerate(saddles):
        last = k + 1 == len(saddles)
        need(saddle.hits or last, f"saddles[{k}].hits", "must name who lands, as a saddle follows")
        need(not (last and complete and saddle.hits), f"saddles[{k}].hits", "must be empty at the end")
    return Certificate(complete, digest, problem, rule, saddles)


def read_rule(document: Any, d: int) -> Rule:
    """The four parameters; what is absent is 0, and a rule without step has no momentum."""
    found = fields(document, "rule", set(), {"penalty", "radius", "step", "momentum"})
    stated = found.get("penalty", "0")
    penalty = each(number, stated, "rule.penalty", d) if type(stated) is list else None
    common = Fraction(*number(stated, "rule.penalty")) if penalty is None else Fraction(0)
    values = [common] * d if penalty is None else [Fraction(*p) for p in penalty]
    radius, step, momentum = (
        Fraction(*number(found.get(key, "0"), f"rule.{key}")) for key in ("radius", "step", "momentum")
    )
    need(min(values) >= 0 and radius >= 0, "rule", "penalty and radius must be at least 0")
    need(step > 0 or "step" not in found, "rule.step", "must be positive")
    need(0 <= momentum < 1, "rule.momentum", "must be at least 0 and below 1")
    need(step > 0 or "momentum" not in found, "rule.momentum", "needs a step")
    return Rule(values, radius, step, momentum)


def read_saddle(document: Any, path: str, d: int) -> Saddle:
    """A saddle."""
    found = fields(document, path, {"jump_time", "beta", "loss", "hits"})
    low, high = (Fraction(*t) for t in each(number, found["jump_time"], f"{path}.jump_time", 2))
    need(low <= high, f"{path}.jump_time", "must be a lower and an upper bound")
    beta = read_sparse(found["beta"], f"{path}.beta", "beta", d)
    hits = read_sparse(found["hits"], f"{path}.hits", "hits", d)
    need(all(abs(v) <= 1 for v in hits.values) and hits.scale == 1, f"{path}.hits", "sides are 1 and -1")
    values = [Fraction(b, beta.scale) for b in beta.values]
    loss = Fraction(*number(found["loss"], f"{path}.loss"))
    return Saddle((low, high), values, loss, tuple((i, v) for i, v in enumerate(hits.values) if v))


if __name__ == "__main__":
    sys.exit(main(None, check, __doc__))
