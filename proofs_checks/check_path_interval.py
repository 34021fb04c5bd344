"""Check a certificate of events (version 2, 4 or 6) in interval arithmetic: standard library, no solver code.

    python -I check_path_interval.py cert.json
    python -I check_path_interval.py cert.json --problem problem.json     a detached one

Such a certificate states which coordinates carry each saddle and which hit next, and no numbers. This file
computes them, as integers over a power of two with an integer bound of the error, and decides by them alone;
CERTIFICATE.md says what that proves. An interval proves no equality: those that a path needs (a tie, a zero
gradient) are proved exactly, from a stated linear dependence of columns or a stated beta, or at the first
saddle. What is still undecided at MAX_BITS is *unchecked*, and named.

In version 6 a penalty of each column is stated, and the path is that of weight decay: the recursion on 2d
non-negative columns, X and -X, with the penalties added to g. Coordinates 2i and 2i + 1 are sides + and - of
column i there, in messages too.

Floats appear in one place: a Cholesky factorisation, which by ending proves a matrix positive definite.
Exit codes: 0 verified (a complete path, or in version 4 one up to the stop stated: the message says which);
1 rejected; 2 malformed; 3 unchecked.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from functools import partial, total_ordering
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
            Replay(problem, bits, certificate.penalty).run(certificate)
        except Rejected as failure:
            return Report("rejected", count, digest, str(failure), bits)
        except Undecided as reason:
            if bits < max_bits and not str(reason).endswith(EXACT):
                bits = min(2 * bits, max_bits)
                continue
            return Report("unchecked", count, digest, f"{reason}, at {bits} bits", bits)
        decided = "verified" if certificate.complete or certificate.stop else "unchecked"
        scope = "" if certificate.complete else " of a prefix"
        if certificate.stop:
            scope = f" {grammar.up_to(certificate.stop.text)}"
        if certificate.penalty:
            scope += f" {grammar.WITH_PENALTY}"
        names = ", ".join(certificate.claims)
        saddles = f"{count} saddle{'s' * (count != 1)}{scope}"
        return Report(decided, count, digest, f"{saddles}; proved by intervals: {names}", bits)


EXACT = "is not proved exactly"
PROOF = "first hit: not proved (which does not say that the claim is false): the dependence of column"
SIDES = {1: "upper", -1: "lower"}
HOPES = Fraction(1, 1 << 4), Fraction(1, 1 << 16)
"""Least eigenvalues that are tried to be proved, in turn: with them z̃ is near z for longer."""
NEAR = 1 << 48
"""How far z̃ may be from z, in units, for z to stay where it is."""
HISTORY_BITS = 1 << 20
"""The most bits of exact numbers, carried from saddle to saddle, that a tie may take."""


# --- 2. Exact numbers: thresholds may be square roots ------------------------------------------------------


@total_ordering
class Roots:
    """Σ q_m √m exactly: positive integers m, rational q_m.

    √m and √k are rational multiples of each other exactly when mk is a square; roots of which no two are so
    related are linearly independent over Q (Besicovitch 1940). So equality is decided, without factoring.
    """

    def __init__(self, terms: dict[int, Fraction]) -> None:
        merged = {1: Fraction(0)}  # roots of squares are rational: no loop may wait for them to be told apart
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

    def __init__(self, problem: Any, penalty: Collection[Fraction] = ()) -> None:
        self.columns, self.target, self.called = problem.columns, problem.target, problem.called
        self.rows = list(map(list, zip(*self.columns, strict=True)))
        self.n, self.d = len(self.target), len(self.columns)
        self.bits = max(abs(value).bit_length() for column in self.columns for value in column)
        penalty = penalty or [Fraction(0)] * self.d
        self.pushed = {i for i, p in enumerate(penalty) if p}
        self.empty = {i for i, column in enumerate(self.columns) if not any(column)}
        self.exponents = [_norm_bits(column) for column in self.columns]
        self.target_exponent = _norm_bits(self.target)
        # s_j = units[j]·s̃_j with ds̃_j/dt̃ = x_j·(y − xβ̃) − λ̃_j: a power of two may be common to all units
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
        self.penalty = [p * self.time_unit / (u * common) for p, u in zip(penalty, units, strict=True)]
        """λ̃."""
        self.loss_unit = Fraction(2**self.target_exponent, problem.scale) ** 2 / (2 * self.n)

    def place(self, i: int, side: int) -> Number:
        """s̃_i on a threshold, which must be finite."""
        threshold = self.thresholds[side][i]
        if threshold is None:
            raise Rejected(f"first hit: coordinate {self.called[i]} has no {SIDES[side]} threshold")
        return threshold * side


def _norm_bits(values: list[int]) -> int:
    return (isqrt(sum(v * v for v in values)) + 1).bit_length()


# --- 4. Linear algebra ------------------------------------------------------------------------------------


class Packed:
    """A matrix of integers, each row one long integer: its product with a vector is a few long products.

    Some of the columns are fields of width bytes in it. Sums of fields borrow from the next one; half a
    field more in each undoes that.
    """

    def __init__(self, rows: Any, bits: int) -> None:
        self.rows, self.bits, self.width = rows, bits, 0
        self.fields: dict[int, int] = {}
        self.packed: dict[int, int] = {}
        """Row i as a long integer."""
        self.filled: dict[int, int] = {}
        """How many of the fields it has so far."""

    def product(
        self, weights: dict[int, int], columns: Collection[int], others: Collection[int] = ()
    ) -> dict[int, int]:
        """Σ weights[i]·row i, in these columns; others are to become fields as well, for later."""
        longest = max((w.bit_length() for w in weights.values()), default=0)
        if 8 * self.width < self.bits + longest + len(weights).bit_length() + 2:
            self.width = (self.bits + longest + len(weights).bit_length() + 18) // 8
            self.packed, self.filled = {}, {}
        if len(self.fields) > 2 * len(columns) + 8:
            self.fields, self.packed, self.filled = {}, {}, {}
        for j in (*columns, *others):
            self.fields.setdefault(j, len(self.fields))
        fields = list(self.fields)
        half, length = 128 << 8 * (self.width - 1), len(fields)
        for i in weights:
            if self.filled.get(i, 0) < length:
                self.fill(i, fields, half)
        total = sum(map(mul, weights.values(), map(self.packed.__getitem__, weights))) + self.bias(length)
        found = total.to_bytes(self.width * length, "little")
        starts = {j: self.width * self.fields[j] for j in columns}
        return {j: int.from_bytes(found[at : at + self.width], "little") - half for j, at in starts.items()}

    def fill(self, i: int, fields: list[int], half: int) -> None:
        """Give row i all fields."""
        row, done = self.rows[i], self.filled.get(i, 0)
        new = fields[done:]
        if len(new) == 1:
            value = row[new[0]]
        else:
            more = b"".join([(row[j] + half).to_bytes(self.width, "little") for j in new])
            value = int.from_bytes(more, "little") - self.bias(len(new))
        value <<= 8 * self.width * done
        self.packed[i] = self.packed.get(i, 0) + value
        self.filled[i] = len(fields)

    def bias(self, length: int) -> int:
        """Half of so many fields."""
        return int.from_bytes((bytes(self.width - 1) + b"\x80") * length, "little")


class Gram:
    """Inner products of the columns that are met, in integers."""

    def __init__(self, data: Scaled) -> None:
        self.data, self.widest = data, max(data.exponents)
        self.forming = Packed(data.rows, data.bits)
        self.rows: dict[int, dict[int, int]] = {}
        """X_i·X_j for i and j that were met."""
        self.packed = Packed(self.rows, 0)
        self.expected: list[int] = []
        """Columns in the order in which they come: some are met before they are asked for, as many at once
        cost little more than one."""

    def meet(self, columns: Collection[int]) -> None:
        """Know these columns; few others are kept."""
        new = [j for j in columns if j not in self.rows]
        if not new:
            return
        if len(self.rows) > 2 * len(columns) + 8:
            self.rows, new = {}, list(columns)
            self.packed = Packed(self.rows, 0)
        if new[-1] in self.expected:
            start = self.expected.index(new[-1]) + 1
            more = self.expected[start : start + min(len(columns), 32)]
            new += [j for j in more if j not in self.rows and j not in new]
        self.rows.update((j, {}) for j in new)
        for j in new:
            self.packed.bits = max(self.packed.bits, self.data.exponents[j] + self.widest)
            entries = {i: x for i, x in enumerate(self.data.columns[j]) if x}
            products = self.forming.product(entries, self.rows)
            for i, product in products.items():
                self.rows[i][j] = self.rows[j][i] = product

    def product(self, weights: dict[int, int]) -> dict[int, int]:
        """Σ weights[i] X_i·X_j for the same columns j."""
        self.meet(weights)
        others = self.rows if len(self.rows) <= 2 * len(weights) + 8 else ()
        return self.packed.product(weights, weights, others)


class Factor:
    """A Cholesky factor of the Gram matrix of some columns less c on its diagonal, in rounded arithmetic.

    digits = 0 is binary64, else decimals of so many digits. By ending it proves λ_min ≥ smallest of the true
    matrix, and of that of any subset, as CERTIFICATE.md shows; c is twice that. So columns that are no longer
    asked for stay, until their place is needed.
    """

    def __init__(self, gram: Gram, digits: int) -> None:
        self.gram, self.data, self.digits = gram, gram.data, digits
        self.context = Context(prec=max(digits, 1), Emax=MAX_EMAX, Emin=MIN_EMIN)
        self.order: list[int] = []
        self.rows: list[list[Any]] = []
        self.size, self.smallest = 0, Fraction(0)
        self.hopes = [*HOPES, Fraction(0)]
        """What ``smallest`` is to be, the first now, where that is more than rounding takes."""
        self.twice: Any = 0
        """c."""
        self.guess = Guess(self)

    def extend(self, columns: list[int]) -> None:
        """Make this a factor for these columns, perhaps with others. Raises Undecided if it cannot be."""
        wanted = set(columns)
        with localcontext(self.context):
            while wanted.difference(self.order):
                try:
                    self.append(sorted(wanted.difference(self.order)))
                except Undecided:
                    start = next((at for at, j in enumerate(self.order) if j not in wanted), None)
                    if start is not None:
                        del self.rows[start:], self.order[start:]
                    elif self.hopes[1:] and len(wanted) <= self.data.n:
                        del self.hopes[0]
                        self.size = 0
                    else:
                        raise

    def append(self, columns: list[int]) -> None:
        """A row more for each of these columns."""
        count = len(self.order) + len(columns)
        if count > self.data.n:
            raise Undecided
        if count > self.size:  # the slack for twice as many, so that rows are kept while they come
            self.size = min(2 * count, self.data.n)
            unit = Fraction(1, 2 * 10 ** (self.digits - 1)) if self.digits else Fraction(1, 2**53)
            self.smallest = Fraction(101, 50) * unit * self.size * (self.size + 12)
            self.smallest += 0 if self.digits else Fraction(1, 10**250)
            self.smallest = max(self.smallest, self.hopes[0])
            columns = self.order + columns
            self.order, self.rows = [], []
            self.twice = self.quotient(2 * self.smallest.numerator, self.smallest.denominator)
        for j in columns:
            self.rows.append(self.row(j))
            self.order.append(j)

    def quotient(self, numerator: int, denominator: int) -> Any:
        """The nearest number of this arithmetic."""
        return Decimal(numerator) / Decimal(denominator) if self.digits else numerator / denominator

    def row(self, j: int) -> list[Any]:
        """The next row, for column j."""
        row: list[Any] = []
        for product, above in zip(self.products(self.order, j), self.rows, strict=True):
            row.append((product - sum(map(mul, row, above))) / above[-1])
        pivot = self.products([j], j)[0] - self.twice - sum(map(mul, row, row))
        if not pivot > 0:
            raise Undecided
        row.append(self.root(pivot))
        return row

    def root(self, square: Any) -> Any:
        """√square, to nearest."""
        return square.sqrt() if self.digits else sqrt(square)

    def products(self, columns: list[int], j: int) -> list[Any]:
        """Entries (i, j) of the Gram matrix, i in columns, rounded."""
        self.gram.meet({*columns, j})
        row, exponents = self.gram.rows[j], self.data.exponents
        return [self.quotient(row[i], 1 << (exponents[i] + exponents[j])) for i in columns]

    def solve(self, right: dict[int, int]) -> tuple[dict[int, int], int]:
        """A guess of G⁻¹·right, G the Gram matrix of the keys: integers, and the places to shift them by."""
        shift = max(max(map(int.bit_length, right.values()), default=0) - (4 * self.digits or 60), 0)
        with localcontext(self.context):
            number = Decimal if self.digits else float
            leading = {j: v >> shift if v > 0 else -(-v >> shift) for j, v in right.items()}
            solution = self.guess.solve({j: number(v) for j, v in leading.items()})
            return {j: int(v) if abs(v) < 1e300 else 0 for j, v in solution.items()}, shift


class Guess:
    """A Cholesky factor of the Gram matrix of some columns, which come and go; nothing rests on it."""

    def __init__(self, factor: Factor) -> None:
        self.factor = factor
        self.vector: Callable[[list[Any]], Any] = list if factor.digits else partial(array, "d")
        """Floats side by side: they are read in both directions."""
        self.columns: list[int] = []
        self.rows: list[Any] = []
        self.below: list[Any] = []
        """The columns of the factor, from the diagonal down."""

    def solve(self, right: dict[int, Any]) -> dict[int, Any]:
        """The inverse of the matrix times a vector; the keys are the columns that it is over."""
        for j in [j for j in self.columns if j not in right]:
            self.remove(self.columns.index(j))
        for j in right.keys() - set(self.columns):
            self.append(j)
        solution: list[Any] = []
        forward = self.forward([right[j] for j in self.columns])
        for column, value in zip(reversed(self.below), reversed(forward), strict=True):
            solution.append((value - sum(map(mul, column[:0:-1], solution))) / column[0])
        return dict(zip(self.columns, reversed(solution), strict=True))

    def forward(self, right: list[Any]) -> list[Any]:
        """The inverse of the factor times a vector; where that begins with zeros, so does this."""
        start = next((place for place, value in enumerate(right) if value), len(right))
        solution: list[Any] = []
        for row, value in zip(self.rows[start:], right[start:], strict=True):
            solution.append((value - sum(map(mul, row[start:], solution))) / row[-1])
        return right[:start] + solution

    def append(self, j: int) -> None:
        """A row more; what rounding leaves of its pivot is at least c."""
        row = self.forward(self.factor.products(self.columns, j))
        pivot = max(self.factor.products([j], j)[0] - sum(map(mul, row, row)), self.factor.twice)
        row.append(self.factor.root(pivot))
        self.rows.append(self.vector(row))
        self.below.append(self.vector([]))
        for column, value in zip(self.below, row, strict=True):
            column.append(value)
        self.columns.append(j)

    def remove(self, place: int) -> None:
        """A row less, by Givens rotations of the columns behind it with the one that it leaves."""
        del self.columns[place], self.rows[place]
        gone = self.below.pop(place)[1:]
        for c, column in enumerate(self.below[:place]):
            del column[place - c]
        for c, column in enumerate(self.below[place:], place):
            size = self.factor.root(column[0] ** 2 + gone[0] ** 2)
            cosine, sine = column[0] / size, gone[0] / size
            self.below[c] = self.vector([cosine * a + sine * b for a, b in zip(column, gone, strict=True)])
            gone = [cosine * b - sine * a for a, b in zip(column[1:], gone[1:], strict=True)]
        for i, row in enumerate(self.rows[place:], place):
            row[place:] = self.vector([self.below[c][i - c] for c in range(place, i + 1)])


class Solution(NamedTuple):
    """x̃_j's coefficients times 2^places, and what they leave of X_j·(y − xβ̃), times 2^(places + top)."""

    places: int
    coefficients: dict[int, int]
    left: dict[int, int]


class Fit(NamedTuple):
    """β̃_j = coefficients[j]·2^−places within error, and y − xβ̃ = slope·2^−bits within spread in norm.

    pull bounds the norm of its products with the columns of the support. error, spread and pull are in units
    of 2^−bits.
    """

    coefficients: dict[int, int]
    places: int
    error: int
    slope: list[int]
    spread: int
    pull: int


class Enclosure(NamedTuple):
    """A number that lies in [low, high]·unit."""

    low: int
    high: int
    unit: Fraction

    def least(self, ratio: Ratio) -> int:
        """Of the sign of low·unit less a ratio."""
        return self.low * self.unit.numerator * ratio[1] - ratio[0] * self.unit.denominator

    def most(self, ratio: Ratio) -> int:
        """Of the sign of high·unit less a ratio."""
        return self.high * self.unit.numerator * ratio[1] - ratio[0] * self.unit.denominator


# --- 5. The replay ----------------------------------------------------------------------------------------


class Replay:
    """Algorithm 1 along stated events, near a curve z whose distance from the truth is one integer.

    In units of 2^−bits: at time begun the true z is within total of z, and a curve z̃ that is at z within
    near runs with the true slope of this saddle from there, its coordinates on thresholds exactly there: at z
    they are stray off them, in norm.
    The true saddle begins within window. CERTIFICATE.md has the theorem.
    """

    def __init__(self, problem: Any, bits: int, penalty: list[Fraction] | None = None) -> None:
        self.penalised = penalty is not None
        self.penalty: list[Any] = penalty or [0] * len(problem.columns)
        """λ, in the units of the problem."""
        self.problem, self.data, self.bits = problem, Scaled(problem, self.penalty), bits
        data = self.data
        self.top = max(*data.exponents, data.target_exponent)
        self.by_column, self.by_row = Packed(data.columns, data.bits), Packed(data.rows, data.bits)
        self.gram = Gram(data)
        self.against: dict[int, int] = {}
        """Inner products of columns with the target."""
        self.nearby = Solution(0, {}, {})
        """The last that was refined: the next begins there."""
        digits = [0, *(n for n in (3 * bits // 10, 6 * bits // 10) if n > 16)]
        self.factors = [Factor(self.gram, n) for n in digits]
        self.bounds = {
            side: [None if c is None else _floor(c, bits) for c in found]
            for side, found in data.thresholds.items()
        }
        self.start = [_floor(value, bits) for value in data.dual]
        self.s, self.z = list(self.start), [0] * data.n
        self.begun = self.total = self.near = self.stray = 0
        self.window = (0, 0)
        self.way = 0
        """At least the length of the way of z so far."""
        self.alarm: dict[int, int] = {}
        """The way at which coordinate i can have met a threshold that is not its own."""
        self.root_n = isqrt(data.n) + 1
        self.rounding = 3 + self.penalised
        """How far a room may be off, in units."""
        self.recession = max(2, 1 + _up(max(data.penalty))) if self.penalised else 1
        """How fast a room may grow at most, and more than anchor takes; it shrinks at most at speed 1."""
        self.dependent: dict[int, set[int]] = {}
        """Coordinates on thresholds because those of other columns are, of which theirs is a combination."""
        self.history: list[tuple[list[int], dict[int, int]] | None] = []
        """At each saddle, if beta is known exactly: a multiple of Xβ − y, and the hits."""
        self.exact_z: list[Number] = [Fraction(0)] * data.n
        self.exact_time: Number = Fraction(0)
        """Its time, where there is a penalty."""
        self.exact_steps = 0
        self.stop: Any = None
        """The rule that is to hold at the last saddle alone."""

    def run(self, certificate: Certificate) -> None:
        """Decide every claim; raises Rejected or Undecided."""
        data, self.stop = self.data, certificate.stop
        hits = [hit for saddle in certificate.saddles for hit in saddle.hits.items()]
        coming = [2 * j + (side < 0) if self.penalised else j for j, side in hits]
        self.gram.expected = list(dict.fromkeys(coming))
        for i, value in enumerate(data.dual):
            for side in (1, -1):
                threshold = data.thresholds[side][i]
                if threshold is not None and value * side > threshold:
                    raise Rejected(
                        f"saddle 0: start: s[{data.called[i]}] is beyond its {SIDES[side]} threshold"
                    )
        active = {
            i: side
            for i, value in enumerate(data.dual)
            for side in (1, -1)
            if data.thresholds[side][i] is not None and value == data.place(i, side)
        }
        self.measure(range(data.d), active)
        for k, saddle in enumerate(certificate.saddles):
            try:
                final = k + 1 == len(certificate.saddles)
                active = self.step(k, saddle, active, final, certificate.complete and final)
            except Rejected as failure:
                raise Rejected(f"saddle {k}: {failure}") from None
            except Undecided as reason:
                raise Undecided(f"saddle {k}: {reason}") from None

    def step(self, k: int, saddle: Saddle, active: dict[int, int], final: bool, last: bool) -> dict[int, int]:
        """Check one saddle and its end; who is on a threshold afterwards, with z moved there."""
        if self.penalised:
            saddle = sided(saddle, active)
        off = [j for j in saddle.support if j not in active]
        if off:
            who = self.data.called[off[0]]
            raise Rejected(f"cone: beta[{who}] != 0 but s[{who}] is inside its thresholds")
        beta = {} if not saddle.support else saddle.beta
        misfit = None if beta is None else self.misfit(beta)
        self.history.append(None if misfit is None else (misfit, saddle.hits))
        fit = self.fit(saddle.support) if beta is None else self.given_fit(beta)
        self.cone(saddle, fit, active)
        known_zero = set(saddle.support)
        if misfit is not None:
            fits = not any(misfit)
            still = fits and not self.penalised
            known_zero |= {i for i in range(self.data.d) if still or not self.exact_pull(i, misfit)}
        else:  # n independent columns leave no residual where nothing is penalised
            fits = len(saddle.support) == self.data.n and not self.penalised
            known_zero |= set(range(self.data.d)) if fits else self.data.empty - self.data.pushed
        if self.penalised:  # of a column without penalty both sides rest if one does
            known_zero |= {i ^ 1 for i in known_zero if not self.penalty[i]}
        for i in active.keys() - known_zero:
            pull = self.pull(i, fit) * active[i]
            who = self.data.called[i]
            if pull + fit.spread + 1 < 0:
                raise Rejected(f"dual sign: coordinate {who} is pulled out of its threshold")
            if pull - fit.spread - 1 <= 0:
                raise Undecided(f"dual sign: the sign of g[{who}]")
        if saddle.numbers is not None:
            self.contains(saddle.numbers, self.enclosed(fit, fits=fits))
        timed = self.stop is not None and self.stop.rule == "time"
        if self.stop is not None and not timed:
            self.ends(self.holds(k, fit, beta, misfit, fits=fits), final)
        if last or (final and timed and not saddle.hits):
            self.end(fit, known_zero, saddle)
            return {}
        if final and not saddle.hits:
            return {}  # a prefix says nothing of what follows
        after = self.advance(k, saddle, active, fit, known_zero)
        if timed:
            self.ends(self.is_over(), final)
        return after

    # --- the minimiser

    def independent(self, columns: list[int]) -> Iterator[Factor]:
        """The factors that prove these columns independent, in rising precision."""
        for factor in self.factors:
            try:
                factor.extend(columns)
            except Undecided:
                continue
            yield factor

    def fit(self, support: list[int]) -> Fit:
        """Least squares on these columns, in the least precision that is worth a digit."""
        found = None
        for factor in self.independent(support):
            found, settled = self.refined(factor, support)
            if settled:
                break
        if found is None:
            raise Undecided(f"stationary: that columns {by_name(support, self.data.called)} are independent")
        return found

    def refined(self, factor: Factor, support: list[int]) -> tuple[Fit, bool]:
        """Least squares, by guesses with integer residuals; whether these became as small as they can be."""
        data = self.data
        inverse = 1 / factor.smallest
        inverse_root = isqrt(_up(inverse)) + 1
        slack = (isqrt(len(support)) + 2) * (1 + self.penalised)
        enough = 64 * isqrt(len(support)) + 64
        enough = max(enough, int(enough * factor.smallest / HOPES[-1]))
        guard = max(inverse_root.bit_length() - 24, 0)
        places = self.bits + guard
        pushes = {j: _floor(data.penalty[j], places) for j in support}
        solution, left = self.start_near(support, places)
        best, renewed = 0, False
        while True:
            normal = {j: (v >> (self.top + data.exponents[j])) - pushes[j] for j, v in left.items()}
            norm = isqrt(sum(v * v for v in normal.values())) + slack
            if norm <= enough:
                break
            if best and 8 * norm > best:
                if renewed:
                    break
                factor.guess, renewed = Guess(factor), True
            best = norm
            step, shift = factor.solve(normal)
            solution = {j: b + (step[j] << shift) for j, b in solution.items()}
            products = self.gram.product(self.weighted(step))
            left = {j: v - (products[j] << shift) for j, v in left.items()}
        if norm <= enough:
            self.nearby = Solution(places, solution, left)
        start = [v << (places + self.top - data.target_exponent) for v in data.target]
        fit = Fit(
            solution,
            places,
            _up(norm * inverse / 2**guard),
            [(v - m) >> (self.top + guard) for v, m in zip(start, self.fitted(solution), strict=True)],
            _up(Fraction(norm * inverse_root, 2**guard)) + self.root_n + self.penalised,
            (norm >> guard) + 1 + (isqrt(len(support)) + 1) * self.root_n,
        )
        return fit, norm <= enough

    def start_near(self, support: list[int], places: int) -> tuple[dict[int, int], dict[int, int]]:
        """The solution that is nearby, on these columns, and what it leaves of the normal equations."""
        known = self.nearby if self.nearby.places == places else Solution(places, {}, {})
        solution = {j: known.coefficients.get(j, 0) for j in support}
        weights = self.weighted({j: b for j, b in solution.items() if b})
        gone = self.weighted({j: b for j, b in known.coefficients.items() if j not in solution})
        self.gram.meet([*support, *gone])
        left = {}
        for j in support:
            row = self.gram.rows[j]
            if j in known.left:
                left[j] = known.left[j] + sum(w * row[i] for i, w in gone.items())
            else:
                left[j] = self.target_product(j, places) - sum(w * row[i] for i, w in weights.items())
        return solution, left

    def weighted(self, coefficients: dict[int, int]) -> dict[int, int]:
        """Of x_j, as those of the integers that it is made of, times 2^top."""
        return {j: b << (self.top - self.data.exponents[j]) for j, b in coefficients.items()}

    def fitted(self, coefficients: dict[int, int]) -> list[int]:
        """Σ coefficients[j]·x_j, times 2^top."""
        return list(self.by_column.product(self.weighted(coefficients), range(self.data.n)).values())

    def target_product(self, j: int, places: int) -> int:
        """X_j·y, times 2^(places + top)."""
        if j not in self.against:
            self.against[j] = sum(map(mul, self.data.columns[j], self.data.target))
        return self.against[j] << (places + self.top - self.data.target_exponent)

    def given_fit(self, beta: dict[int, Fraction]) -> Fit:
        """The same from exact coefficients."""
        data = self.data
        coefficients = {j: _floor(b / data.beta_units[j], self.bits) for j, b in beta.items()}
        start = [v << (self.bits + self.top - data.target_exponent) for v in data.target]
        slope = [(v - m) >> self.top for v, m in zip(start, self.fitted(coefficients), strict=True)]
        spread = len(beta) + self.root_n + self.penalised
        return Fit(coefficients, self.bits, 1, slope, spread, (isqrt(len(beta)) + 1) * spread)

    def cone(self, saddle: Saddle, fit: Fit, active: dict[int, int]) -> None:
        """Each coefficient has the sign of its threshold."""
        called = self.data.called
        for j, stated in (saddle.beta or {}).items():
            if stated * active[j] < 0:
                raise Rejected(f"cone: beta[{called[j]}] has the sign opposite to s[{called[j]}]")
        for j, b in fit.coefficients.items() if saddle.beta is None else ():
            value = (b * active[j]) >> (fit.places - self.bits)
            if value + 1 + fit.error < 0:
                raise Rejected(f"cone: beta[{called[j]}] has the sign opposite to s[{called[j]}]")
            if value - fit.error <= 0:
                raise Undecided(f"cone: the sign of beta[{called[j]}]")

    def misfit(self, beta: dict[int, Fraction]) -> list[Any]:
        """Xβ − y times a positive number, exactly; with the penalty its pull must be zero on the support.

        With a penalty the number is 1/n over the scale of the problem: products with its columns are X'(…)/n.
        """
        problem, scale = self.problem, lcm(*(b.denominator for b in beta.values()))
        found = [-scale * y for y in problem.target]
        for j, b in beta.items():
            weight = b.numerator * (scale // b.denominator)
            found = [v + weight * x for v, x in zip(found, problem.columns[j], strict=True)]
        if self.penalised:
            found = [Fraction(v, scale * self.data.n * problem.scale**2) for v in found]
        moving = [j for j in beta if self.exact_pull(j, found)]
        if moving:
            raise Rejected(f"stationary: g[{self.data.called[moving[0]]}] is not zero at the stated beta")
        return found

    def exact_pull(self, i: int, misfit: list[Any]) -> Any:
        """g_i + λ_i in the unit of the misfit."""
        return sum(map(mul, self.data.columns[i], misfit)) + self.penalty[i]

    def pull(self, i: int, fit: Fit) -> int:
        """g̃_i + λ̃_i, at most spread + 1 off."""
        product: int = sum(map(mul, self.data.columns[i], fit.slope))
        return _floor(self.data.penalty[i], self.bits) - (product >> self.data.exponents[i])

    # --- numbers that are stated

    def enclosed(self, fit: Fit, *, fits: bool) -> dict[str, Enclosure]:
        """t_k, L(β_k), ‖β_k‖₁ and each coefficient, in the units of the problem."""
        data, one = self.data, 1 << self.bits
        length = isqrt(sum(v * v for v in fit.slope))
        low, high = (0, 0) if fits else (max(length - fit.spread, 0), length + 1 + fit.spread)
        error, widest = fit.error << (fit.places - self.bits), max(data.exponents)
        unit = Fraction(2**data.target_exponent, 1 << (widest + fit.places))
        found = {
            "time": Enclosure(*self.window, data.time_unit / one),
            "loss": Enclosure(low**2, high**2, data.loss_unit / one**2),
        }
        least = most = 0
        for j, b in fit.coefficients.items():
            places = widest - data.exponents[j]
            found[f"beta {j}"] = Enclosure((b - error) << places, (b + error) << places, unit)
            least += max(abs(b) - error, 0) << places
            most += (abs(b) + error) << places
        found["norm"] = Enclosure(least, most, unit)
        return found

    def contains(self, stated: dict[str, Interval], enclosed: dict[str, Enclosure]) -> None:
        """Each stated interval contains what was enclosed."""
        for what, (low, high) in stated.items():
            found = enclosed[what]
            if found.least(low) >= 0 >= found.most(high):
                continue
            word, _, j = what.partition(" ")
            number = f"{word}[{self.data.called[int(j)]}]" if j else word
            if found.most(low) < 0 or found.least(high) > 0:
                raise Rejected(f"{NUMBERS}: {number} is not in the interval stated")
            raise Undecided(f"{NUMBERS}: whether {number} is in the interval stated")

    # --- the rule of a stop

    def ends(self, holds: bool | None, final: bool) -> None:
        """The rule holds at the last saddle, and at none before."""
        if holds is None:
            raise Undecided(f"stop: whether the rule {self.stop.text} holds")
        if holds != final:
            where = "does not hold at the last saddle" if final else "holds before the last saddle"
            raise Rejected(f"stop: the rule {self.stop.text} {where}")

    def holds(
        self, k: int, fit: Fit, beta: dict[int, Fraction] | None, misfit: list[int] | None, *, fits: bool
    ) -> bool | None:
        """Whether a rule other than that of time holds here; None while intervals do not tell."""
        stop = self.stop
        if stop.rule == "saddles":
            return bool(Fraction(k + 1) >= Fraction(*stop.limit))
        if fits:
            return True  # no residual is left
        if stop.rule == "rounding":
            return self.is_explained(fit)
        if beta is not None and misfit is not None:
            unit = self.problem.scale * lcm(*(b.denominator for b in beta.values()))
            return Fraction(sum(v * v for v in misfit), 2 * self.data.n * unit**2) <= Fraction(*stop.limit)
        loss = self.enclosed(fit, fits=False)["loss"]
        return True if loss.most(stop.limit) <= 0 else False if loss.least(stop.limit) > 0 else None

    def is_explained(self, fit: Fit) -> bool | None:
        """Whether every residual lies within what half a unit of y and X explains.

        All in integers: residuals are slope times 2^(target_exponent − bits)/scale, coefficients times
        2^(target_exponent − exponents[j]), by the powers of two that columns are scaled by.
        """
        data, stop, scale = self.data, self.stop, self.problem.scale
        shift, places = data.target_exponent, fit.places - self.bits
        *halves, target = stop.halves
        count = len(fit.coefficients)
        sizes = [
            (stop.counts(j, count), halves[j], abs(b) >> places, data.exponents[j])
            for j, b in fit.coefficients.items()
        ]
        told: bool | None = True
        for i in sorted(range(data.n), key=lambda i: -abs(fit.slope[i])):  # what is not explained is first
            own = target[i] << (self.bits + self.top - shift)
            others = [(m * half[i] << (self.top - e), size) for m, half, size, e in sizes]
            least = own + sum(half * max(size - fit.error, 0) for half, size in others)
            most = own + sum(half * (size + 1 + fit.error) for half, size in others)
            found, unit = abs(fit.slope[i]), stop.scale << self.top
            if (found - fit.spread) * unit > most * scale:
                return False
            if (found + fit.spread) * unit > least * scale:
                told = None
        return told

    def is_over(self) -> bool | None:
        """Whether the saddle that z has just left lasts beyond the limit of the rule of time."""
        limit = Fraction(*self.stop.limit) * (1 << self.bits) / self.data.time_unit
        return True if self.window[0] > limit else False if self.window[1] <= limit else None

    # --- the event

    def advance(
        self, k: int, saddle: Saddle, active: dict[int, int], fit: Fit, known_zero: set[int]
    ) -> dict[int, int]:
        """The stated hits land next, together; then z is moved to where z̃ cannot have landed yet."""
        called = self.data.called
        if not saddle.hits:
            raise Rejected("first hit: no hit is stated")
        leader, doubt = min(saddle.hits), fit.spread + 1
        speed = {j: self.speed(j, side, fit, known_zero) for j, side in saddle.hits.items()}
        self.measure(saddle.hits, active)
        wait = min(
            (self.room(j, side) - self.rounding - self.near << self.bits) // (speed[j] + doubt)
            for j, side in saddle.hits.items()
        )
        drift = -(-wait * fit.spread >> self.bits)
        total = self.total + drift + self.root_n + self.rounding
        who = self.nearest(total + self.width() * self.recession, active)[1] if wait > 0 else leader
        if who is not None:
            raise Undecided(f"first hit: whether {called[who]} or {called[leader]} lands first")
        previous = self.window[1]
        self.begun += wait
        self.move([wait * v >> self.bits for v in fit.slope])
        self.measure(saddle.hits, active)
        staying = {i: side for i, side in active.items() if i in known_zero}
        self.dependent = {
            j: others for j, others in self.dependent.items() if j in staying and others <= staying.keys()
        }
        landing = {
            j: self.landing(self.room(j, side), speed[j], doubt, total) for j, side in saddle.hits.items()
        }
        self.window = low, high = landing[leader]
        for j in saddle.hits.keys() - {leader}:
            if landing[j][0] > high or landing[j][1] < low:
                raise Rejected(f"first hit: {called[j]} does not land with {called[leader]}")
            self.tie(k, leader, j, saddle, staying)
        after = staying | saddle.hits
        others = isqrt(len(staying.keys() - set(saddle.support))) + 1
        self.stray += -(-wait * (fit.pull + others * fit.spread) >> self.bits)
        self.stray += (isqrt(len(staying)) + 1) * self.root_n + self.off(saddle.hits)
        self.measure(active.keys() - after.keys(), after)
        total = self.anchor(after, total)
        reach = self.width() * self.recession
        least, who = self.nearest(total + reach, after)
        if least < -total - reach:
            raise Rejected(f"first hit: {called[who]} lands before {called[leader]}")
        if who is not None or low < previous:
            raise Undecided(f"first hit: whether {called[who]} or {called[leader]} lands first")
        return after

    def anchor(self, active: dict[int, int], total: int) -> int:
        """Move z to where these coordinates are nearly on thresholds, and z̃ to where they are exactly.

        That is the projection of z, or where the truth lands on them if its bound is better. Returns within
        what the truth then is of z.
        """
        basis = [i for i in active if i not in self.dependent]
        factor = next(self.independent(basis), None)
        width = self.width() * (1 + self.penalised)
        near = width
        if factor is not None:
            root = isqrt(_up(1 / factor.smallest)) + 1
            if self.stray * root > NEAR:
                self.measure(active, active, together=True)
                total += self.move(self.correction(factor, basis, active))
                self.measure(active, active, together=True)
                self.stray = self.off(active)
            near = self.stray * root
        self.near, self.total = (
            (near, total + 2 * near) if near < width else (total + width, total + 2 * width)
        )
        return total

    def correction(self, factor: Factor, basis: list[int], active: dict[int, int]) -> list[int]:
        """What moves z to where these columns are on thresholds: a proposal, counted as it is."""
        step, shift = factor.solve({i: self.room(i, active[i]) * active[i] for i in basis})
        return [v >> self.top for v in self.fitted({i: w << shift for i, w in step.items()})]

    def off(self, sides: dict[int, int]) -> int:
        """The distance of s from these thresholds."""
        return isqrt(sum((abs(self.room(i, side)) + self.rounding) ** 2 for i, side in sides.items())) + 1

    def move(self, step: list[int]) -> int:
        """Move z; the length of the step."""
        self.z = [z + v for z, v in zip(self.z, step, strict=True)]
        length = isqrt(sum(v * v for v in step)) + 1
        self.way += length
        return length

    def measure(self, columns: Collection[int], active: dict[int, int], *, together: bool = False) -> None:
        """Compute s anew in these columns; together if they are most of those that were last."""
        if together:
            products = self.by_row.product(dict(enumerate(self.z)), columns)
        else:
            products = {i: sum(map(mul, self.data.columns[i], self.z)) for i in columns}
        for i, product in products.items():
            self.s[i] = self.start[i] + (product >> self.data.exponents[i])
            if self.penalised:
                push = self.data.penalty[i]
                self.s[i] -= push.numerator * self.begun // push.denominator
            sides = [side for side in (1, -1) if self.bounds[side][i] is not None and active.get(i) != side]
            if sides:
                self.alarm[i] = self.way + min(self.room(i, side) for side in sides)
            else:
                self.alarm.pop(i, None)

    def nearest(self, need: int, active: dict[int, int]) -> tuple[int, int | None]:
        """The least room of a coordinate but to the threshold that it is on, and whose; None if over need.

        No room falls by more than the way of z.
        """
        limit = self.way + need
        self.measure([i for i, at in self.alarm.items() if at <= limit], active)
        rooms = [(at - self.way, i) for i, at in self.alarm.items() if at <= limit]
        return min(rooms, default=(need + 1, None))

    def speed(self, j: int, side: int, fit: Fit, known_zero: set[int]) -> int:
        """How fast s_j goes to this side, at most spread + 1 off; certainly it does."""
        self.data.place(j, side)
        speed = 0 if j in known_zero else -self.pull(j, fit) * side
        if j in known_zero or speed + fit.spread + 1 <= 0:
            raise Rejected(
                f"first hit: s[{self.data.called[j]}] does not move towards its {SIDES[side]} threshold"
            )
        if speed - fit.spread - 1 <= 0:
            raise Undecided(f"first hit: the sign of g[{self.data.called[j]}]")
        return speed

    def room(self, i: int, side: int) -> int:
        """From s_i at z to this threshold, at most ``rounding`` off."""
        return (self.bounds[side][i] or 0) - self.s[i] * side

    def width(self) -> int:
        """How far the beginning of the true saddle can be from begun, either way."""
        return max(self.window[1] - self.begun, self.begun - self.window[0])

    def landing(self, room: int, speed: int, doubt: int, total: int) -> tuple[int, int]:
        """When the true coordinate lands whose room at z, that the truth is within total of, is this."""
        slow, fast = speed - doubt, speed + doubt
        early = (room - total << self.bits) // (fast if room >= total else slow)
        back = min(early, 0)
        late = _ceil(room + total + _ceil(-back * fast, 1 << self.bits) << self.bits, slow)
        return self.begun + early, self.begun + back + late

    # --- equalities

    def tie(self, k: int, leader: int, j: int, saddle: Saddle, staying: dict[int, int]) -> None:
        """Coordinate j lands exactly with the leader: by a dependence of columns, or by exact numbers."""
        data, problem, side = self.data, self.problem, saddle.hits[j]
        this, first = data.called[j], data.called[leader]
        weights = saddle.dependence.get(j)
        if weights is None:
            exact = {i: self.exact_wait(k, i, saddle.hits[i]) for i in (leader, j)}
            if None in exact.values():
                raise Undecided(f"first hit: the tie of {first} and {this} {EXACT}")
            if exact[leader] != exact[j]:
                raise Rejected(f"first hit: {this} does not land with {first}")
            return
        places = staying | {leader: saddle.hits[leader]}
        if not weights.keys() <= places.keys():
            raise Rejected(f"{PROOF} {this} uses a column whose s is not known")
        combined = [Fraction(0)] * data.n
        for i, c in weights.items():
            combined = [v + c * x for v, x in zip(combined, problem.columns[i], strict=True)]
        if combined != problem.columns[j]:
            raise Rejected(f"{PROOF} {this} is false")
        landed = initial(problem, j)
        for i, c in weights.items():
            landed += c * (self.threshold(i, places[i]) - initial(problem, i))
        if sum(c * self.penalty[i] for i, c in weights.items()) != self.penalty[j]:
            raise Undecided(f"first hit: the tie of {first} and {this} {EXACT}: penalties differ")
        if landed != self.threshold(j, side):
            raise Rejected(f"first hit: {this} does not land with {first}")
        self.dependent[j] = set(weights)

    def exact_wait(self, k: int, i: int, side: int) -> Number | None:
        """Until s_i lands from saddle k, in a unit common to all i; None where beta is not known so far."""
        while self.exact_steps < k:
            misfit, hits = self.history[self.exact_steps] or ([], {})
            wait = self.exact_wait(self.exact_steps, min(hits), hits[min(hits)]) if misfit else None
            if wait is None or sum(map(_bits, self.exact_z)) > HISTORY_BITS:
                return None
            self.exact_z = [z - wait * v for z, v in zip(self.exact_z, misfit, strict=True)]
            if self.penalised:
                self.exact_time += wait
            self.exact_steps += 1
        misfit, _ = self.history[k] or ([], {})
        if not misfit:
            return None
        column = self.problem.columns[i]
        room: Number = self.threshold(i, side) - initial(self.problem, i)
        room += self.exact_time * self.penalty[i]
        for z, x in zip(self.exact_z, column, strict=True):
            room -= z * x
        rest: Number = room / -self.exact_pull(i, misfit)
        return rest

    def threshold(self, i: int, side: int) -> Number:
        """s_i on a threshold, in the units of the problem."""
        self.data.place(i, side)
        return real((self.problem.upper if side > 0 else self.problem.lower)[i]) * side

    def end(self, fit: Fit, known_zero: set[int], saddle: Saddle) -> None:
        """Each coordinate has gradient zero or heads for an infinite threshold."""
        if saddle.hits:
            raise Rejected("end: a hit is stated")
        called = self.data.called
        for i in range(self.data.d):
            pull = 0 if i in known_zero else self.pull(i, fit)
            for side in (1, -1):
                if i in known_zero or self.data.thresholds[side][i] is None:
                    continue
                if pull * side + fit.spread + 1 < 0:
                    raise Rejected(
                        f"end: g[{called[i]}] still moves s[{called[i]}] towards a finite threshold"
                    )
                if pull * side - fit.spread - 1 < 0:
                    raise Undecided(f"end: that g[{called[i]}] is zero")


def sided(saddle: Saddle, active: dict[int, int]) -> Saddle:
    """A saddle by the 2d sides of its columns: 2i for side + of column i, 2i + 1 for side −."""
    hits = {j: 2 * j + (side < 0) for j, side in saddle.hits.items()}
    held = {i // 2: i for i in active}

    def place(i: int) -> int:
        return hits[i] if i in hits else held.get(i, 2 * i)

    def sign(i: int) -> int:
        return -1 if place(i) % 2 else 1

    beta = saddle.beta
    return Saddle(
        [held.get(i, 2 * i) for i in saddle.support],
        dict.fromkeys(hits.values(), 1),
        None if beta is None else {place(i): sign(i) * b for i, b in beta.items()},
        {
            hits[j]: {place(i): sign(i) * sign(j) * c for i, c in weights.items()}
            for j, weights in saddle.dependence.items()
        },
        None,
    )


def by_name(columns: Iterable[int], called: list[str]) -> str:
    """Columns by name, for a message."""
    return ", ".join(called[i] for i in columns)


def _floor(value: Number, bits: int) -> int:
    """⌊value·2^bits⌋."""
    if isinstance(value, Roots):
        return value.floor(bits)
    return (
        _shift(value.numerator, bits) // value.denominator
        if bits >= 0
        else value.numerator // (value.denominator << -bits)
    )


def _bits(value: Number) -> int:
    """How long an exact number is."""
    terms = value.terms.values() if isinstance(value, Roots) else [value]
    return sum(q.numerator.bit_length() + q.denominator.bit_length() for q in terms)


def _ceil(numerator: int, denominator: int) -> int:
    """⌈numerator/denominator⌉ for denominator > 0."""
    return -(-numerator // denominator)


def _shift(value: int, places: int) -> int:
    return value << places if places >= 0 else value >> -places


def _up(value: Fraction) -> int:
    """⌈value⌉."""
    return -(-value.numerator // value.denominator)


# --- 6. The grammar: that of check_path.py, with these two objects ----------------------------------------


Ratio = tuple[int, int]
Interval = tuple[Ratio, Ratio]


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
    stop: Any
    penalty: list[Fraction] | None
    """Of each of the 2d sides that the problem's columns are, in version 6."""


def read_certificate(document: Any, given: Any) -> Certificate:
    """The certificate, about the problem in it or else about the one given."""
    need, name = grammar.need, grammar.name
    required = {"format", "version", "complete", "claims", "digest", "bits", "saddles"}
    stopped, penalised = (grammar.is_of_version(document, version) for version in ("4", "6"))
    more = ({"stop"} if stopped else set()) | ({"penalty"} if penalised else set())
    found = grammar.fields(document, "", required | more, {"problem"})
    need(found["format"] == "exactsaddle certificate", "format", 'must be "exactsaddle certificate"')
    need(
        type(found["version"]) is grammar.Bare and found["version"] in ("2", "4", "6"),
        "version",
        f"must be 2, not {name(found['version'])}",
    )
    need(type(found["complete"]) is bool, "complete", f"must be true or false, not {name(found['complete'])}")
    need(
        not (stopped and found["complete"]), "complete", "must be false: up to a stop is not a complete path"
    )
    claims = CLAIMS if found["complete"] else CLAIMS[:-1]
    last = ["stop"] if stopped else []
    numbers = found["claims"] == [*claims, NUMBERS, *last] and not penalised
    plain = f"must be {json.dumps([*claims, *last])}{'' if penalised else f' (and {NUMBERS})'}"
    need(numbers or found["claims"] == [*claims, *last], "claims", plain)
    bits = index(found["bits"], "bits", MAX_BITS + 1)
    need(bits >= 1, "bits", "must be positive")
    need(type(found["digest"]) is str and len(found["digest"]) == 64, "digest", "must be 64 characters")
    problem = (
        grammar.read_problem(found["problem"], "problem", roots=not penalised)
        if "problem" in found
        else given
    )
    need(problem is not None, "problem", "absent (a detached certificate): give it, with --problem FILE")
    d = len(problem.columns)
    saddles = grammar.each(lambda value, at: read_saddle(value, at, d, numbers), found["saddles"], "saddles")
    stop = grammar.read_stop(found["stop"], "stop", problem) if stopped else None
    penalty = None
    if penalised:
        rational = not problem.roots and not any(
            isinstance(c, grammar.Root) for c in (*problem.lower, *problem.upper)
        )
        need(rational, "problem", "with a penalty thresholds and dual must be rational")
        problem, pushes = grammar.doubled(problem, grammar.read_penalty(found["penalty"], d))
        penalty = [Fraction(v, pushes.scale) for v in pushes.values]
    return Certificate(
        found["complete"], found["claims"], found["digest"], problem, bits, saddles, stop, penalty
    )


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
    ends = grammar.each(grammar.number, value, path)
    ordered = len(ends) == 2 and ends[0][0] * ends[1][1] <= ends[1][0] * ends[0][1]
    grammar.need(ordered, path, "must be two numbers, the lower first")
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


# --- 7. The command line ----------------------------------------------------------------------------------


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
