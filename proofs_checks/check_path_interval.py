"""Check a certificate of events (version 2) in interval arithmetic: standard library only, no solver code.

    python -I check_path_interval.py cert.json
    python -I check_path_interval.py cert.json --problem problem.json     a detached one

Such a certificate states which coordinates carry each saddle and which hit next, and no numbers. This file
computes them, as integers over a power of two with an integer bound of the error, and decides by them alone;
CERTIFICATE.md says what that proves. An interval proves no equality: those that a path needs (a tie, a zero
gradient) are proved exactly, from a stated linear dependence of columns or a stated beta, or at the first
saddle. What is still undecided at MAX_BITS is *unchecked*, and named.

Floats appear in one place: a Cholesky factorisation, which by ending proves a matrix positive definite.
Exit codes: 0 verified; 1 rejected; 2 malformed; 3 unchecked.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from functools import total_ordering
from itertools import pairwise
from math import isqrt, lcm, sqrt
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple


def _grammar() -> Any:
    """check_path.py: within the package its one module, so that both share the digit limit; else the file."""
    if __package__:
        return importlib.import_module("proofs_checks.check_path")
    spec = importlib.util.spec_from_file_location("check_path", Path(__file__).with_name("check_path.py"))
    if spec is None or spec.loader is None:
        raise ImportError("check_path.py, whose grammar this file uses, is not beside it")
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_path"] = module
    spec.loader.exec_module(module)
    return module


grammar = _grammar()

MAX_BITS = 1 << 12
CLAIMS = ["problem", "start", "cone", "stationary", "dual sign", "first hit", "end"]
NUMBERS = "numbers"
"""The optional last claim: time, loss, norm and coefficients lie in the intervals stated."""


# --- 1. The verdict ---------------------------------------------------------------------------------------


class Rejected(Exception):
    """A claim is false: its name and the witness."""


class Undecided(Exception):
    """Intervals of this precision leave a claim open; the message names it."""


class Report(NamedTuple):
    """ "verified", "rejected" or "unchecked", and why."""

    verdict: str
    saddles: int
    digest: str
    message: str
    bits: int


def check(text: str | bytes, problem: str | bytes | None = None, max_bits: int = MAX_BITS) -> Report:
    """Decide the certificate in text; problem is the JSON that a detached one is about. Raises Malformed.

    max_bits is the precision at which what is open stays so.
    """
    with grammar.unlimited_digits():
        given = None
        if problem is not None:
            given = grammar.load(
                problem, "problem: ", lambda found: grammar.read_problem(found, "", plain=True, roots=True)
            )
        certificate = grammar.load(text, "", lambda found: read_certificate(found, given))
        return decide(certificate, given, max_bits)


def decide(certificate: Certificate, given: Any, max_bits: int) -> Report:
    """Replay the events at rising precision, at last at max_bits, until every claim is decided."""
    problem, count, digest = certificate.problem, len(certificate.saddles), certificate.digest
    for found in (problem, given):
        if found is not None and found.digest != digest:
            message = f"saddle 0: problem: the digest of the problem is {found.digest}"
            return Report("rejected", count, digest, message, 0)
    bits = min(certificate.bits, max_bits)
    while True:
        try:
            Replay(problem, bits).run(certificate)
        except Rejected as failure:
            return Report("rejected", count, digest, str(failure), bits)
        except Undecided as reason:
            if bits < max_bits and not str(reason).endswith(EXACT):
                bits = min(2 * bits, max_bits)
                continue
            return Report("unchecked", count, digest, f"{reason}, at {bits} bits", bits)
        names = ", ".join(certificate.claims)
        if certificate.complete:
            return Report("verified", count, digest, f"{count} saddles; proved by intervals: {names}", bits)
        return Report(
            "unchecked", count, digest, f"{count} saddles of a prefix; proved by intervals: {names}", bits
        )


EXACT = "is not proved exactly"
PROOF = "first hit: not proved (which does not say that the claim is false): the dependence of column"
STALL_BITS = 64
"""A refinement that converges leaves a residual of some units; one of more bits than this has stalled."""


# --- 2. Exact numbers: thresholds may be square roots ------------------------------------------------------


@total_ordering
class Roots:
    """Σ q_m √m exactly: positive integers m, rational q_m.

    √m and √k are rational multiples of each other exactly when mk is a square; roots of which no two are so
    related are linearly independent over Q (Besicovitch 1940). So equality is decided, without factoring.
    """

    def __init__(self, terms: dict[int, Fraction]) -> None:
        merged: dict[int, Fraction] = {}
        for m, q in terms.items():
            for k in merged:
                if isqrt(m * k) ** 2 == m * k:
                    merged[k] += q * Fraction(isqrt(m * k), k)
                    break
            else:
                merged[m] = q
        self.terms = {m: q for m, q in merged.items() if q}

    def __add__(self, other: Number | int) -> Roots:
        terms = dict(self.terms)
        for m, q in other.terms.items() if isinstance(other, Roots) else [(1, Fraction(other))]:
            terms[m] = terms.get(m, Fraction(0)) + q
        return Roots(terms)

    def __mul__(self, factor: Fraction | int) -> Roots:
        return Roots({m: q * factor for m, q in self.terms.items()})

    def __sub__(self, other: Number | int) -> Roots:
        return self + other * -1

    def __rsub__(self, other: Fraction | int) -> Roots:
        return self * -1 + other

    def __truediv__(self, divisor: Fraction | int) -> Roots:
        return self * (1 / Fraction(divisor))

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Roots, Fraction, int)) and not (self - other).terms

    def __hash__(self) -> int:
        raise TypeError("equal numbers may be written with different roots")

    def __lt__(self, other: Number | int) -> bool:
        return (self - other).sign() < 0

    def bounds(self, places: int) -> tuple[int, int]:
        """Integers around the number times 2^places: each |q|√m is the root of a rational."""
        low = high = 0
        for m, q in self.terms.items():
            size = isqrt(q.numerator**2 * m << 2 * places) // q.denominator
            low += size if q > 0 else -size - 1
            high += size + 1 if q > 0 else -size
        return low, high

    def sign(self) -> int:
        """−1, 0 or 1."""
        places = 64
        while self.terms:
            low, high = self.bounds(places)
            if low > 0 or high < 0:
                return 1 if low > 0 else -1
            places *= 2
        return 0

    def floor(self, places: int) -> int:
        """⌊number·2^places⌋."""
        if self.terms.keys() <= {1}:
            return _floor(self.terms.get(1, Fraction(0)), places)
        guard = 64
        while True:  # an irrational number is no integer
            low, high = self.bounds(max(places, 0) + guard)
            cut = max(places, 0) + guard - places
            if low >> cut == high >> cut:
                return low >> cut
            guard *= 2


Number = Fraction | Roots


def real(value: tuple[int, int]) -> Number:
    """A number of the grammar."""
    if isinstance(value, grammar.Root):
        p, q = value
        return Roots({abs(p) * q: Fraction(1 if p > 0 else -1, q)})
    return Fraction(*value)


def initial(problem: Any, i: int) -> Number:
    """s_0,i."""
    found = problem.roots.get(i)
    return Fraction(problem.dual.values[i], problem.dual.scale) if found is None else real(found)


# --- 3. Scaled data ---------------------------------------------------------------------------------------


class Scaled:
    """x_j = columns[j]/2^exponents[j] and y of Euclidean norm at most 1, and all else in their units."""

    def __init__(self, problem: Any) -> None:
        self.columns, self.target = problem.columns, problem.target
        self.n, self.d = len(self.target), len(self.columns)
        self.exponents = [_norm_bits(column) for column in self.columns]
        self.target_exponent = _norm_bits(self.target)
        # s_j = units[j]·s̃_j with ds̃_j/dt̃ = x_j·(y − xβ̃): any one power of two may be common to all units
        units = [Fraction(2**e, problem.scale) for e in self.exponents]
        squares = [
            Fraction(*c) ** (1 if isinstance(c, grammar.Root) else 2) / u**2
            for u, low, high in zip(units, problem.lower, problem.upper, strict=True)
            for c in (low, high)
            if c != grammar.INFINITE
        ]
        shrink = min(squares)
        common = Fraction(2) ** ((shrink.numerator.bit_length() - shrink.denominator.bit_length()) // 2)
        self.thresholds: dict[int, list[Number | None]] = {
            side: [
                None if c == grammar.INFINITE else real(c) / (u * common)
                for c, u in zip(found, units, strict=True)
            ]
            for side, found in ((1, problem.upper), (-1, problem.lower))
        }
        self.dual = [initial(problem, i) / (u * common) for i, u in enumerate(units)]
        self.beta_units = [Fraction(2**self.target_exponent, problem.scale) / u for u in units]
        self.time_unit = self.n * common * Fraction(problem.scale, 2**self.target_exponent)
        self.loss_unit = Fraction(2**self.target_exponent, problem.scale) ** 2 / (2 * self.n)

    def place(self, i: int, side: int) -> Number:
        """s̃_i on a threshold, which must be finite."""
        threshold = self.thresholds[side][i]
        if threshold is None:
            raise Rejected(f"first hit: coordinate {i} has no threshold on side {side}")
        return threshold * side


def _norm_bits(values: list[int]) -> int:
    return (isqrt(sum(v * v for v in values)) + 1).bit_length()


# --- 4. Least squares, enclosed ---------------------------------------------------------------------------


class Fit(NamedTuple):
    """β̃_j = coefficients[j]·2^(exponents[j] − scale) within error, u = y − xβ̃ within spread in norm.

    error and spread are in units of 2^−bits.
    """

    coefficients: dict[int, int]
    scale: int
    error: int
    slope: list[int]
    spread: int


def factor(gram: list[list[float]]) -> tuple[list[list[float]], float]:
    """The Cholesky factor of a float Gram matrix less c on its diagonal, and a proved lower bound of λ_min.

    gram holds the rows of its lower triangle, each entry the nearest float to the truth, which is at most 1:
    so the matrix is within k·2^−53; a Cholesky factorisation in floats that ends proves
    λ_min ≥ −γ_{k+2}·trace of what it was given (Rump 2006, BIT 46, §2). With c twice the sum of the two, the
    subtraction's rounding included, λ_min of the true matrix is at least that sum. Raises Undecided when it
    does not end.
    """
    size = len(gram)
    slack = size * (size + 12) * 2.0**-52 * 1.01 + 1e-250
    rows: list[list[float]] = []
    for given in gram:
        row: list[float] = []
        for value, above in zip(given, rows, strict=False):
            row.append((value - sum(map(mul, row, above))) / above[-1])
        pivot = given[-1] - 2 * slack - sum(map(mul, row, row))
        if not pivot > 0:
            raise Undecided
        row.append(sqrt(pivot))
        rows.append(row)
    return rows, slack


def substitute(rows: list[list[float]], rhs: list[float]) -> list[float]:
    """(LLᵀ)⁻¹·rhs in floats: a guess."""
    forward: list[float] = []
    for row, value in zip(rows, rhs, strict=True):
        forward.append((value - sum(map(mul, row, forward))) / row[-1])
    solution: list[float] = []
    for row in reversed(rows):
        value = forward.pop() / row[-1]
        solution.append(value)
        forward = [v - r * value for v, r in zip(forward, row, strict=False)]
    return solution[::-1]


class Replay:
    """Algorithm 1 along stated events, s̃ as integers at 2^−bits with their errors."""

    def __init__(self, problem: Any, bits: int) -> None:
        self.problem, self.data, self.bits = problem, Scaled(problem), bits
        self.scale = bits + max(*self.data.exponents, self.data.target_exponent)
        self.inner: dict[tuple[int, int], int] = {}
        """Inner products of columns met so far, exact; with the target as column −1."""
        self.s = [_floor(value, bits) for value in self.data.dual]
        self.error = [1] * self.data.d
        self.time = (0, 0)
        self.fits = False
        """Whether y = Xβ for the last beta stated."""
        self.stalled: list[int] = []
        """Columns on which the last refinement ended far from rounding: no precision helps there."""

    def run(self, certificate: Certificate) -> None:
        """Decide every claim; raises Rejected or Undecided."""
        data = self.data
        for i, value in enumerate(data.dual):
            for side in (1, -1):
                threshold = data.thresholds[side][i]
                if threshold is not None and value * side > threshold:
                    raise Rejected(f"saddle 0: start: s_{i} is beyond its threshold on side {side}")
        active = {
            i: side
            for i, value in enumerate(data.dual)
            for side in (1, -1)
            if data.thresholds[side][i] is not None and value == data.place(i, side)
        }
        for k, saddle in enumerate(certificate.saddles):
            try:
                final = k + 1 == len(certificate.saddles)
                active = self.step(k, saddle, active, final, certificate.complete and final)
            except Rejected as failure:
                raise Rejected(f"saddle {k}: {failure}") from None
            except Undecided as reason:
                if self.stalled:
                    reason = Undecided(
                        f"{reason}; the fit on columns {self.stalled}, near dependent, {EXACT}"
                    )
                raise Undecided(f"saddle {k}: {reason}") from None

    def step(self, k: int, saddle: Saddle, active: dict[int, int], final: bool, last: bool) -> dict[int, int]:
        """Check one saddle and its end; who is on a threshold afterwards, with s̃ moved there."""
        off = [j for j in saddle.support if j not in active]
        if off:
            raise Rejected(f"cone: beta_{off[0]} != 0 but s_{off[0]} is inside its thresholds")
        beta = {} if not saddle.support else saddle.beta
        exact = None if beta is None else self.exact_gradient(beta)
        fit = self.fit(saddle.support) if beta is None else self.given_fit(beta)
        self.cone(saddle, fit, active)
        known_zero = set(saddle.support)
        if exact is not None:
            known_zero |= {i for i, g in enumerate(exact) if g == 0}
        elif len(saddle.support) == self.data.n:
            known_zero |= set(range(self.data.d))  # n independent columns leave no residual
        known_zero |= {i for i, e in enumerate(self.data.columns) if not any(e)}
        gradient, doubt = self.gradient(fit)
        for i in active.keys() - known_zero:
            pull = gradient[i] * active[i]
            if pull + doubt < 0:
                raise Rejected(f"dual sign: coordinate {i} is pulled out of its threshold")
            if pull - doubt <= 0:
                raise Undecided(f"dual sign: the sign of g_{i}")
        if saddle.numbers is not None:
            fits = len(saddle.support) == self.data.n or (exact is not None and self.fits)
            self.contains(saddle.numbers, self.enclosed(fit, fits=fits))
        if last:
            self.end(gradient, doubt, known_zero, saddle)
            return {}
        if final and not saddle.hits:
            return {}  # a prefix says nothing of what follows
        wait = self.first_hit(k, saddle, active, gradient, doubt, known_zero, exact)
        for i in active.keys() - known_zero:  # it leaves its threshold from where it exactly is
            self.s[i], self.error[i] = _floor(self.data.place(i, active[i]), self.bits), 1
        self.move(gradient, doubt, wait, known_zero)
        self.time = (self.time[0] + wait[0], self.time[1] + wait[1])
        return {i: side for i, side in active.items() if i in known_zero} | saddle.hits

    # --- the minimiser

    def fit(self, support: list[int]) -> Fit:
        """Least squares on these columns, by refinement of a float guess with exact integer residuals."""
        data, scale = self.data, self.scale
        exponents = [data.exponents[j] for j in support]
        gram = [[self.product(i, j) for j in support[: place + 1]] for place, i in enumerate(support)]
        try:
            rows, smallest = factor(
                [
                    [g / (1 << (e + f)) for g, f in zip(row, exponents, strict=False)]
                    for row, e in zip(gram, exponents, strict=True)
                ]
            )
        except Undecided:
            raise Undecided(f"stationary: independence of columns {support} {EXACT}") from None
        full = [row + [below[place] for below in gram[place + 1 :]] for place, row in enumerate(gram)]
        cut = scale - data.target_exponent
        target = [self.product(-1, j) << cut for j in support]
        solution = [0] * len(support)
        best = None
        while True:
            normal = [
                (y - sum(map(mul, row, solution))) >> e
                for y, row, e in zip(target, full, exponents, strict=True)
            ]
            norm = isqrt(sum(v * v for v in normal)) + len(support) + 1  # of ρ, at 2^−scale
            if best is not None and norm.bit_length() > best - 3:
                break
            best = norm.bit_length()
            shift = max(best - 60, 0)
            step = substitute(rows, [float(v >> shift) for v in normal])
            solution = [b + (_near(x, shift) >> e) for b, x, e in zip(solution, step, exponents, strict=True)]
        self.stalled = support if norm.bit_length() > STALL_BITS else []
        coefficients = dict(zip(support, solution, strict=True))
        slope = self.residual(coefficients)
        low = Fraction(smallest)
        error = _up(Fraction(norm, 2 ** (scale - self.bits)) / low)
        spread = _up(Fraction(norm, 2 ** (scale - self.bits))) * (isqrt(_up(1 / low)) + 1)
        return Fit(coefficients, scale, error, slope, spread)

    def product(self, i: int, j: int) -> int:
        """The exact inner product of columns i and j, the target being column −1."""
        key = (i, j) if i < j else (j, i)
        if key not in self.inner:
            first = self.data.target if key[0] < 0 else self.data.columns[key[0]]
            self.inner[key] = sum(map(mul, first, self.data.columns[key[1]]))
        return self.inner[key]

    def given_fit(self, beta: dict[int, Fraction]) -> Fit:
        """The same from exact coefficients."""
        data, self.stalled = self.data, []
        coefficients = {
            j: _floor(b / data.beta_units[j], self.scale - data.exponents[j]) for j, b in beta.items()
        }
        return Fit(coefficients, self.scale, 2, self.residual(coefficients), 2 * len(beta) + 1)

    def residual(self, coefficients: dict[int, int]) -> list[int]:
        """y − xβ̃ at 2^−scale, exactly."""
        start = [v << (self.scale - self.data.target_exponent) for v in self.data.target]
        if not coefficients:
            return start
        rows = zip(*(self.data.columns[j] for j in coefficients), strict=True)
        weights = list(coefficients.values())
        return [v - sum(map(mul, row, weights)) for v, row in zip(start, rows, strict=True)]

    def cone(self, saddle: Saddle, fit: Fit, active: dict[int, int]) -> None:
        """Each coefficient has the sign of its threshold."""
        for j, stated in (saddle.beta or {}).items():
            if stated * active[j] < 0:
                raise Rejected(f"cone: beta_{j} has the sign opposite to s_{j}")
        for j, b in fit.coefficients.items() if saddle.beta is None else ():
            value = _shift(b * active[j], self.data.exponents[j] + self.bits - fit.scale)
            if value + 1 + fit.error < 0:
                raise Rejected(f"cone: beta_{j} has the sign opposite to s_{j}")
            if value - fit.error <= 0:
                raise Undecided(f"cone: the sign of beta_{j}")

    def exact_gradient(self, beta: dict[int, Fraction]) -> list[int]:
        """∇L at the stated beta times a positive number, exactly; it must be zero on the support."""
        problem, scale = self.problem, lcm(*(b.denominator for b in beta.values()))
        misfit = [-scale * y for y in problem.target]
        for j, b in beta.items():
            weight = b.numerator * (scale // b.denominator)
            misfit = [v + weight * x for v, x in zip(misfit, problem.columns[j], strict=True)]
        self.fits = not any(misfit)
        found = [0 if self.fits else sum(map(mul, column, misfit)) for column in problem.columns]
        moving = [j for j in beta if found[j] != 0]
        if moving:
            raise Rejected(f"stationary: g_{moving[0]} is not zero at the stated beta")
        return found

    def gradient(self, fit: Fit) -> tuple[list[int], int]:
        """g̃ at 2^−bits, and by how much each entry may be off."""
        data, cut = self.data, fit.scale - self.bits
        slope = [v >> cut for v in fit.slope]
        found = [
            -(sum(map(mul, column, slope)) >> e)
            for column, e in zip(data.columns, data.exponents, strict=True)
        ]
        return found, fit.spread + isqrt(data.n) + 3

    # --- numbers that are stated

    def enclosed(self, fit: Fit, *, fits: bool) -> dict[str, Interval]:
        """t_k, L(β_k), ‖β_k‖₁ and each coefficient, in the units of the problem."""
        data, one = self.data, 1 << self.bits
        found = {"time": (self.time[0] * data.time_unit / one, self.time[1] * data.time_unit / one)}
        # b is least squares on its columns: ‖y − xb‖² is that of the fit less ‖x(fit − b)‖² (Pythagoras)
        square = Fraction(sum(v * v for v in fit.slope), 1 << 2 * fit.scale)
        low = max(square - Fraction(fit.spread, one) ** 2, Fraction(0))
        nothing = (Fraction(0), Fraction(0))
        found["loss"] = nothing if fits else (low * data.loss_unit, square * data.loss_unit)
        norm = nothing
        for j, b in fit.coefficients.items():
            middle = b * Fraction(2) ** (data.exponents[j] - fit.scale) * data.beta_units[j]
            radius = Fraction(fit.error, one) * data.beta_units[j]
            found[f"beta {j}"] = (middle - radius, middle + radius)
            norm = (norm[0] + max(abs(middle) - radius, Fraction(0)), norm[1] + abs(middle) + radius)
        found["norm"] = norm
        return found

    def contains(self, stated: dict[str, Interval], enclosed: dict[str, Interval]) -> None:
        """Each stated interval contains what was enclosed."""
        for what, (low, high) in stated.items():
            least, most = enclosed[what]
            if most < low or high < least:
                raise Rejected(f"{NUMBERS}: {what} is not in the interval stated")
            if least < low or high < most:
                raise Undecided(f"{NUMBERS}: whether {what} is in the interval stated")

    # --- the event

    def first_hit(
        self,
        k: int,
        saddle: Saddle,
        active: dict[int, int],
        gradient: list[int],
        doubt: int,
        known_zero: set[int],
        exact: list[int] | None,
    ) -> tuple[int, int]:
        """The wait until the stated hits, as bounds at 2^−bits; everybody else certainly lands later."""
        if not saddle.hits:
            raise Rejected("first hit: no hit is stated")
        leader = min(saddle.hits)
        for j, side in saddle.hits.items():
            self.data.place(j, side)
            if j in known_zero or gradient[j] * side - doubt >= 0:
                raise Rejected(f"first hit: coordinate {j} does not move towards side {side}")
        low, high = self.wait(leader, saddle.hits[leader], active, gradient, doubt)
        if low is None or high is None:
            raise Undecided(f"first hit: the sign of g_{leader}")
        for j, side in saddle.hits.items():
            if j != leader:
                earliest, latest = self.wait(j, side, active, gradient, doubt)
                if earliest is not None and (earliest > high or (latest is not None and latest < low)):
                    raise Rejected(f"first hit: coordinate {j} does not land with coordinate {leader}")
                self.tie(k, leader, j, saddle, active, exact)
        for i in range(self.data.d):
            if i in saddle.hits or i in known_zero:
                continue
            sides = [side for side in (1, -1) if gradient[i] * side - doubt < 0]
            for side in sides:
                earliest, latest = self.wait(i, side, active, gradient, doubt)
                if earliest is not None and earliest <= high:
                    if latest is not None and latest < low:
                        raise Rejected(f"first hit: coordinate {i} lands before coordinate {leader}")
                    raise Undecided(f"first hit: whether {i} or {leader} lands first")
        return low, high

    def wait(
        self,
        i: int,
        side: int,
        active: dict[int, int],
        gradient: list[int],
        doubt: int,
    ) -> tuple[int | None, int | None]:
        """Bounds of the time that s_i takes to this side; None for never, or no proof that it goes there."""
        threshold = self.data.thresholds[side][i]
        if threshold is None:
            return None, None
        speed = -gradient[i] * side
        if i in active:
            start = self.data.place(i, active[i])
            room = _floor(threshold - start * side, self.bits)
            near, far = room, room + 1
        else:
            room = _floor(threshold, self.bits) - self.s[i] * side
            near, far = max(room - self.error[i] - 1, 0), room + self.error[i] + 2
        earliest = (near << self.bits) // (speed + doubt)
        if speed - doubt <= 0:
            return earliest, None
        return earliest, -((-far << self.bits) // (speed - doubt))

    def tie(
        self,
        k: int,
        leader: int,
        j: int,
        saddle: Saddle,
        active: dict[int, int],
        exact: list[int] | None,
    ) -> None:
        """Coordinate j lands exactly with the leader: by a dependence of columns, or at the first saddle."""
        data, problem, side = self.data, self.problem, saddle.hits[j]
        weights = saddle.dependence.get(j)
        if weights is not None:
            places = {i: active[i] for i in saddle.support} | {leader: saddle.hits[leader]}
            if not weights.keys() <= places.keys():
                raise Rejected(f"{PROOF} {j} uses a column whose s is not known")
            combined = [Fraction(0)] * data.n
            for i, c in weights.items():
                combined = [v + c * x for v, x in zip(combined, problem.columns[i], strict=True)]
            if combined != problem.columns[j]:
                raise Rejected(f"{PROOF} {j} is false")
            landed = initial(problem, j)
            for i, c in weights.items():
                landed += c * (self.threshold(i, places[i]) - initial(problem, i))
            if landed != self.threshold(j, side):
                raise Rejected(f"first hit: coordinate {j} does not land with coordinate {leader}")
        elif k == 0 and exact is not None and exact[leader] and exact[j]:
            waits = [
                (self.threshold(i, end) - initial(problem, i)) / -exact[i]
                for i, end in ((leader, saddle.hits[leader]), (j, side))
            ]
            if waits[0] != waits[1]:
                raise Rejected(f"first hit: coordinate {j} does not land with coordinate {leader}")
        else:
            raise Undecided(f"first hit: the tie of coordinates {leader} and {j} {EXACT}")

    def threshold(self, i: int, side: int) -> Number:
        """s_i on a threshold, in the units of the problem."""
        self.data.place(i, side)
        return real((self.problem.upper if side > 0 else self.problem.lower)[i]) * side

    def move(self, gradient: list[int], doubt: int, wait: tuple[int, int], known_zero: set[int]) -> None:
        """s̃ − Δg̃."""
        low, high = wait
        for i, g in enumerate(gradient):
            if i not in known_zero:
                self.s[i] -= (low * g) >> self.bits
                self.error[i] += (((high - low) * (abs(g) + doubt) + high * doubt) >> self.bits) + 2

    def end(self, gradient: list[int], doubt: int, known_zero: set[int], saddle: Saddle) -> None:
        """Each coordinate has gradient zero or heads for an infinite threshold."""
        if saddle.hits:
            raise Rejected("end: a hit is stated")
        for i in range(self.data.d):
            if i in known_zero:
                continue
            for side in (1, -1):
                if gradient[i] * side - doubt < 0 and self.data.thresholds[side][i] is not None:
                    if gradient[i] * side + doubt < 0:
                        raise Rejected(f"end: g_{i} still moves s_{i} towards a finite threshold")
                    raise Undecided(f"end: that g_{i} is zero")


def _floor(value: Number, bits: int) -> int:
    """⌊value·2^bits⌋."""
    if isinstance(value, Roots):
        return value.floor(bits)
    return (
        _shift(value.numerator, bits) // value.denominator
        if bits >= 0
        else value.numerator // (value.denominator << -bits)
    )


def _near(value: float, bits: int) -> int:
    """An integer near value·2^bits, 0 for what is absurdly large: a proposal."""
    if not abs(value) < 2.0**500:
        return 0
    numerator, denominator = value.as_integer_ratio()
    return (numerator << bits) // denominator


def _shift(value: int, places: int) -> int:
    return value << places if places >= 0 else value >> -places


def _up(value: Fraction) -> int:
    """⌈value⌉."""
    return -(-value.numerator // value.denominator)


# --- 5. The grammar: that of check_path.py, with these two objects ----------------------------------------


Interval = tuple[Fraction, Fraction]


class Saddle(NamedTuple):
    """As stated: who carries it, who hits next on which side; perhaps exact beta, dependences, intervals."""

    support: list[int]
    hits: dict[int, int]
    beta: dict[int, Fraction] | None
    dependence: dict[int, dict[int, Fraction]]
    numbers: dict[str, Interval] | None


class Certificate(NamedTuple):
    """As stated; bits is the precision to begin with."""

    complete: bool
    claims: list[str]
    digest: str
    problem: Any
    bits: int
    saddles: list[Saddle]


def read_certificate(document: Any, given: Any) -> Certificate:
    """The certificate, about the problem in it or else about the one given."""
    need, name = grammar.need, grammar.name
    required = {"format", "version", "complete", "claims", "digest", "bits", "saddles"}
    found = grammar.fields(document, "", required, {"problem"})
    need(found["format"] == "exactsaddle certificate", "format", 'must be "exactsaddle certificate"')
    need(
        type(found["version"]) is grammar.Bare and found["version"] == "2",
        "version",
        f"must be 2, not {name(found['version'])}",
    )
    need(type(found["complete"]) is bool, "complete", f"must be true or false, not {name(found['complete'])}")
    claims = CLAIMS if found["complete"] else CLAIMS[:-1]
    numbers = found["claims"] == [*claims, NUMBERS]
    need(numbers or found["claims"] == claims, "claims", f"must be {json.dumps(claims)} (and {NUMBERS})")
    bits = index(found["bits"], "bits", MAX_BITS + 1)
    need(bits >= 1, "bits", "must be positive")
    need(type(found["digest"]) is str and len(found["digest"]) == 64, "digest", "must be 64 characters")
    problem = grammar.read_problem(found["problem"], "problem", roots=True) if "problem" in found else given
    need(problem is not None, "problem", "absent (a detached certificate): give it, with --problem FILE")
    d = len(problem.columns)
    saddles = grammar.each(lambda value, at: read_saddle(value, at, d, numbers), found["saddles"], "saddles")
    return Certificate(found["complete"], found["claims"], found["digest"], problem, bits, saddles)


def read_saddle(document: Any, path: str, d: int, numbers: bool) -> Saddle:
    """A saddle, with intervals of its numbers where they are claimed."""
    need, name = grammar.need, grammar.name
    required = {"support", "hits"} | ({NUMBERS} if numbers else set())
    found = grammar.fields(document, path, required, {"beta", "dependence"})
    need(type(found["support"]) is list, f"{path}.support", f"must be an array, not {name(found['support'])}")
    support = [index(value, f"{path}.support[{i}]", d) for i, value in enumerate(found["support"])]
    need(all(a < b for a, b in pairwise(support)), f"{path}.support", "must ascend")
    hits = {}
    for i, value, at in entries(found["hits"], f"{path}.hits", d):
        need(type(value) is grammar.Bare and value in ("1", "-1"), at, f"must be 1 or -1, not {name(value)}")
        hits[i] = int(value)
    beta = sparse(found["beta"], f"{path}.beta", d) if "beta" in found else None
    need(beta is None or sorted(beta) == support, f"{path}.beta", "must list the support")
    dependence = {
        j: sparse(value, at, d)
        for j, value, at in entries(found.get("dependence", ()), f"{path}.dependence", d)
    }
    need(dependence.keys() <= hits.keys(), f"{path}.dependence", "of columns that do not hit")
    leader = min(hits, default=None)
    need(
        leader not in dependence,
        f"{path}.dependence",
        f"of column {leader}, the first of the hits: nothing to prove",
    )
    stated = read_numbers(found[NUMBERS], f"{path}.{NUMBERS}", support, d) if numbers else None
    return Saddle(support, hits, beta, dependence, stated)


def read_numbers(document: Any, path: str, support: list[int], d: int) -> dict[str, Interval]:
    """Intervals of the time, the loss, the norm and the coefficients of the support."""
    found = grammar.fields(document, path, {"time", "loss", "norm", "beta"}, set())
    stated = {what: interval(found[what], f"{path}.{what}") for what in ("time", "loss", "norm")}
    betas = {i: interval(value, at) for i, value, at in entries(found["beta"], f"{path}.beta", d)}
    grammar.need(sorted(betas) == support, f"{path}.beta", "must list the support")
    return {**stated, **{f"beta {i}": value for i, value in betas.items()}}


def interval(value: Any, path: str) -> Interval:
    """Two rationals, the first not above the second."""
    ends = [Fraction(*end) for end in grammar.each(grammar.number, value, path)]
    grammar.need(len(ends) == 2 and ends[0] <= ends[1], path, "must be two numbers, the lower first")
    return ends[0], ends[1]


def sparse(value: Any, path: str, d: int) -> dict[int, Fraction]:
    """Nonzero rationals by column."""
    found = {i: Fraction(*grammar.number(v, at)) for i, v, at in entries(value, path, d)}
    grammar.need(all(found.values()), path, "zero entries must be left out")
    return found


def entries(value: Any, path: str, d: int) -> Iterator[tuple[int, Any, str]]:
    """The items of an object whose keys are ascending columns."""
    grammar.need(type(value) is tuple, path, f"must be an object, not {grammar.name(value)}")
    last = -1
    for key, item in value:
        at = f"{path}[{grammar.name(key)}]"
        column = index(grammar.Bare(key), at, d)
        grammar.need(column > last, at, "columns must ascend, each once")
        last = column
        yield column, item, at


def index(value: Any, path: str, bound: int) -> int:
    """An integer from 0 to bound − 1."""
    plain = (
        type(value) is grammar.Bare and value.isascii() and value.isdigit() and value == str(int(value[:9]))
    )
    grammar.need(plain and int(value) < bound, path, f"must be an integer from 0 to {bound - 1}")
    return int(value)


# --- 6. The command line ----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Check the certificate that the command line names; the exit code says the verdict."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("certificate", help="certificate in JSON; - for standard input")
    parser.add_argument("--problem", metavar="FILE", help="its problem in JSON: needed if it is detached")
    parser.add_argument(
        "--max-bits", type=int, default=MAX_BITS, metavar="N", help=f"give up at N bits (default {MAX_BITS})"
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    options = parser.parse_args(arguments)
    try:
        problem = None if options.problem is None else grammar.content(options.problem)
        report = check(grammar.content(options.certificate), problem, max(options.max_bits, 1))
    except grammar.Malformed as error:
        print("malformed:", *str(error).splitlines(), file=sys.stderr)
        return 2
    except MemoryError:
        print("unchecked: the memory of this machine does not suffice; nothing was decided")
        return 3
    print(json.dumps(report._asdict()) if options.json else f"{report.verdict}: {report.message}")
    return {"verified": 0, "rejected": 1, "unchecked": 3}[report.verdict]


if __name__ == "__main__":
    sys.exit(main())
