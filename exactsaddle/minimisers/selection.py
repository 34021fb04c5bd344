"""The entropic selection: which minimiser the flow picks as α → 0, proved by a duality gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, ctx, fmpq, fmpz

from exactsaddle.base import Inconclusive, InvalidInput, workprec
from exactsaddle.minimisers.minimiser_set import MinimiserSet
from exactsaddle.numbers import (
    Relations,
    Vector,
    product_is_one,
    relations,
    to_fraction,
    to_rational,
    to_text,
)

DIGITS = 30
MAX_PRECISION = 8_192
MAX_STEPS = 500
USELESS = 100


@dataclass(frozen=True)
class Selection:
    """The minimiser of Σ |b_i|(ln(|b_i|/κ_i) − 1) over M_k: a rigorous enclosure, exact where known.

    support: the coordinates that are not zero (the largest support of any minimiser); the others are
    exactly 0. centre: a minimiser over Q within ``radius`` of the selection, coordinate by coordinate.
    exact: the selection itself, d Fractions, where it was found to be rational and proved so;
    None says only that no rational was found, not that the selection is irrational.
    """

    support: tuple[int, ...]
    centre: tuple[Fraction, ...]
    radius: tuple[Fraction, ...]
    exact: tuple[Fraction, ...] | None

    @property
    def balls(self) -> tuple[arb, ...]:
        """d FLINT balls that contain the selection, rounded outwards to the current precision."""
        return tuple(
            arb(to_rational(c)) + arb(0, arb(to_rational(r)).upper())
            for c, r in zip(self.centre, self.radius, strict=True)
        )

    def encloses(self, b: Iterable[Any]) -> bool:
        """True when b, d numbers, lies in the enclosure; decided exactly."""
        values = [to_fraction(to_rational(value)) for value in b]
        return all(abs(v - c) <= r for v, c, r in zip(values, self.centre, self.radius, strict=True))


def entropic_selection(
    minimisers: MinimiserSet, kappa: Any = Fraction(1, 2), digits: int = DIGITS
) -> Selection:
    """Enclose the point of M_k that the flow selects, to that many digits of every coordinate.

    kappa, positive, is one number or d of them: the flow starts from |w±_i|² = 2κ_i α^{2c_i}, so ½ is
    the initialisation of MATHEMATICS.md §1. Any thresholds and initial dual: s_k − s_0 is in the row space of
    X, so Σ v_i s_{k,i} = Σ v_i s_{0,i} for v in ker X. On the support s_{k,i} = σ_i c_i, and the
    conserved Σ v_i s_i leaves Σ σ_i v_i ln(|b_i|/κ_i) = 0 as the only condition.

    The enclosure is proved, exactly but for logarithms in ball arithmetic: write c = |b|, Y for the
    signed columns of the support, and c* for the selection, so ln(c*/κ) is in the row space of Y. Take
    any c > 0 with Yc = Yc* and any ĉ > 0 with ln(ĉ/κ) in that row space. Then, for
    D(p, q) = Σ p_i ln(p_i/q_i) − p_i + q_i, the rows cancel in D(c, ĉ) = D(c, c*) + D(c*, ĉ). Hence
    D(c, c*) ≤ γ := D(c, ĉ), and so |c*_i/c_i − 1| ≤ e + √(e² + 2e) with e = γ/c_i.

    Raises Inconclusive when MAX_PRECISION bits do not give the digits.
    Source: the Pythagorean identity of Csiszár 1975; the minimiser is that of MATHEMATICS.md §4.
    """
    problem = minimisers.problem
    if digits < 1:
        raise InvalidInput(f"digits must be at least 1, not {digits}")
    scales = initial_scales(kappa, problem.d)
    inner = minimisers.relative_interior
    signs = [minimisers.signs[i] for i in inner.support]
    family = _Family(
        tuple(abs(inner.point[i]) for i in inner.support),
        relations([problem.column(i) * fmpq(s) for i, s in zip(inner.support, signs, strict=True)]),
        tuple(scales[i] for i in inner.support),
    )
    enclosure = _proved(family, family.start) or _enclose(family, digits)

    def spread(values: Iterable[fmpq]) -> tuple[Fraction, ...]:
        return Vector.sparse(dict(zip(inner.support, values, strict=True)), problem.d).fractions()

    centre = spread(c * s for c, s in zip(enclosure.centre, signs, strict=True))
    return Selection(inner.support, centre, spread(enclosure.radius), centre if enclosure.exact else None)


@dataclass(frozen=True)
class _Family:
    """The positive solutions of Yc = Y·start, as start plus the kernel of Y, and the weights κ."""

    start: tuple[fmpq, ...]
    kernel: Relations
    kappa: tuple[fmpq, ...]

    def at(self, free: Iterable[fmpq]) -> tuple[fmpq, ...]:
        """The solution with these values at the dependent coordinates; perhaps not positive."""
        point = Vector.of(self.start)
        for j, vector, value in zip(self.kernel.dependent, self.kernel.vectors, free, strict=True):
            point = point + vector * (value - self.start[j])
        return tuple(point)


@dataclass(frozen=True)
class _Enclosure:
    centre: tuple[fmpq, ...]
    radius: tuple[fmpq, ...]
    exact: bool


def _enclose(family: _Family, digits: int) -> _Enclosure:
    precision = 64 + 4 * digits
    guess = family.start
    while precision <= MAX_PRECISION:
        with workprec(precision):
            guess = _newton(family, guess)
            if not all(c > 0 for c in guess):
                guess = family.start
            radius = _radius(family, guess)
            if radius and all(r * fmpq(10) ** digits <= c for c, r in zip(guess, radius, strict=True)):
                simple = _simplest_point(family, guess, radius)
                return _proved(family, simple) or _Enclosure(guess, radius, exact=False)
        precision *= 2
    raise Inconclusive(
        f"entropic selection: {MAX_PRECISION:,} bits do not give {digits} digits of all "
        f"{len(family.start)} coordinates"
    )


def _radius(family: _Family, centre: tuple[fmpq, ...]) -> tuple[fmpq, ...] | None:
    """How far the selection can be from centre > 0, a solution: the theorem of entropic_selection.

    ĉ agrees with the centre on the basis; elsewhere ln(ĉ_j/c_j) = −r_j, r_j = Σ v_i ln(c_i/κ_i), and
    c_j(e^{−r_j} − 1 + r_j) ≤ ½ c_j r_j² e^{|r_j|}. None when some |r_j| is so large that this says nothing.
    """
    logarithms = [arb(c / k).log() for c, k in zip(centre, family.kappa, strict=True)]
    gap = arb(0)
    for j, vector in zip(family.kernel.dependent, family.kernel.vectors, strict=True):
        r = sum((logarithms[i] * arb(vector[i]) for i in vector.support), arb(0)).abs_upper()
        if not r < USELESS:
            return None
        gap += arb(centre[j]) * r**2 / 2 * r.exp()
    found = []
    for c in centre:
        e = (gap / arb(c)).upper()
        found.append((arb(c) * (e + (e**2 + 2 * e).sqrt())).upper().fmpq())
    return tuple(found)


def _newton(family: _Family, guess: tuple[fmpq, ...]) -> tuple[fmpq, ...]:
    """A solution near the selection, by damped Newton steps; untrusted."""
    kernel = family.kernel
    directions = arb_mat([[arb(v) for v in vector] for vector in kernel.vectors]).transpose()
    magnitudes = [arb(c).mid() for c in guess]
    kappa = [arb(k).mid() for k in family.kappa]
    tolerance = arb(2) ** (-ctx.prec // 2)
    for _ in range(MAX_STEPS):
        slopes = arb_mat([[(c / k).log()] for c, k in zip(magnitudes, kappa, strict=True)])
        rows = zip(directions.tolist(), magnitudes, strict=True)
        weighted = arb_mat([[v / c for v in row] for row, c in rows])
        gradient = directions.transpose() * slopes
        try:
            step = (directions.transpose() * weighted).solve(-gradient, algorithm="approx")
        except ZeroDivisionError:
            break
        move = (directions * step).mid().entries()
        magnitudes = _line_search(magnitudes, move, kappa)
        if all(abs(m) < tolerance * c for m, c in zip(move, magnitudes, strict=True)):
            break
    return family.at(magnitudes[j].fmpq() for j in kernel.dependent)


def _line_search(magnitudes: list[arb], move: list[arb], kappa: list[arb]) -> list[arb]:
    """A positive point along move, by halving until the slope has not risen beyond half its start."""

    def slope(point: list[arb]) -> arb:
        return sum(((c / k).log() * m for c, k, m in zip(point, kappa, move, strict=True)), arb(0)).mid()

    length = arb(1)
    for c, m in zip(magnitudes, move, strict=True):
        if c + m * length * arb("1.05") <= 0:
            length = (-c / m * arb("0.95")).mid()
    descent = abs(slope(magnitudes))
    while True:
        trial = [(c + m * length).mid() for c, m in zip(magnitudes, move, strict=True)]
        if slope(trial) <= descent / 2 or length < arb(2) ** -60:
            return trial
        length = length / 2


def _proved(family: _Family, centre: tuple[fmpq, ...]) -> _Enclosure | None:
    """The selection without error, when this solution is proved to be it."""
    if all(c > 0 for c in centre) and _is_selected(family, centre):
        return _Enclosure(centre, (fmpq(0),) * len(centre), exact=True)
    return None


def _simplest_point(family: _Family, centre: tuple[fmpq, ...], radius: tuple[fmpq, ...]) -> tuple[fmpq, ...]:
    """The solution whose dependent coordinates are the simplest rationals of their enclosures."""
    return family.at(_simplest(centre[j] - radius[j], centre[j] + radius[j]) for j in family.kernel.dependent)


def _is_selected(family: _Family, centre: tuple[fmpq, ...]) -> bool:
    """True when Π (c_i/κ_i)^{v_i} = 1 for every relation v: the optimality condition, exactly."""
    ratios = [c / k for c, k in zip(centre, family.kappa, strict=True)]
    return all(product_is_one(ratios, vector.numerators) for vector in family.kernel.vectors)


def _simplest(low: fmpq, high: fmpq) -> fmpq:
    """The rational of least denominator in [low, high], 0 < low ≤ high, by continued fractions."""
    quotients: list[fmpz] = []
    while low.floor() != low and low.floor() + 1 > high:
        quotients.append(low.floor())
        low, high = 1 / (high - quotients[-1]), 1 / (low - quotients[-1])
    found = fmpq(low.ceil())
    for quotient in reversed(quotients):
        found = quotient + 1 / found
    return found


def initial_scales(kappa: Any, d: int) -> list[fmpq]:
    """κ as d positive rationals, from one number or d of them; raises InvalidInput for anything else."""
    given = list(kappa) if isinstance(kappa, Sequence) and not isinstance(kappa, str) else [kappa] * d
    scales = [to_rational(value) for value in given]
    if len(scales) != d:
        raise InvalidInput(f"kappa has {len(scales)} entries but X has {d} columns")
    for i, scale in enumerate(scales):
        if scale <= 0:
            raise InvalidInput(f"kappa[{i}] = {to_text(scale)} is not positive")
    return scales
