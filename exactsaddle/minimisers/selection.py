"""Which minimiser the flow picks as α → 0, at any depth, proved by a Bregman gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, ctx, fmpq, fmpz

from exactsaddle.base import Inconclusive, InvalidInput, by_name, misfit, workprec
from exactsaddle.minimisers.minimiser_set import MinimiserSet
from exactsaddle.numbers import (
    Relations,
    Vector,
    brief,
    relations,
    to_decimal,
    to_fraction,
    to_rational,
    to_text,
)
from exactsaddle.problem import Exponential, Link, Network

DIGITS = 30
MAX_PRECISION = 8_192
MAX_STEPS = 500
USELESS = 100
_MOST_SQUARINGS = 10


@dataclass(frozen=True, repr=False)
class Selection:
    """The point of M_k that the flow selects: a rigorous enclosure, exact where known.

    support: the coordinates that are not zero (the largest support of any minimiser); the others are
    exactly 0. centre: a minimiser over Q within ``radius`` of the selection, coordinate by coordinate.
    exact: the selection itself, d Fractions, where it was found to be rational and proved so;
    None says only that no rational was found, not that the selection is irrational.
    """

    support: tuple[int, ...]
    centre: tuple[Fraction, ...]
    radius: tuple[Fraction, ...]
    exact: tuple[Fraction, ...] | None
    names: tuple[str, ...] = field(compare=False)
    """Those of the columns."""

    def __repr__(self) -> str:
        known = [to_decimal(to_rational(value)) for value in self.centre]
        if self.exact is None:
            off = [to_decimal(to_rational(r), 2) for r in self.radius]
            known = [f"{value} ± {r}" for value, r in zip(known, off, strict=True)]
        else:
            known = [brief(to_rational(value)) for value in self.exact]
        exact = "" if self.exact is None else ", exact"
        return f"Selection({by_name(self.names, ((i, known[i]) for i in self.support))}{exact})"

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
    """``network_selection`` for two layers that start from |w±_i|² = 2κ_i α^{2c_i}, κ > 0 one number or d.

    The minimiser of Σ |b_i|(ln(|b_i|/κ_i) − 1); κ = ½ is the initialisation of MATHEMATICS.md §1. Where the
    network divides columns by units N, it is that of Σ N_i|b_i|(ln(N_i|b_i|/κ_i) − 1).
    """
    problem = minimisers.problem
    link = Exponential(tuple(initial_scales(kappa, problem.names)))
    return _selected(minimisers, problem.network.on_units(link), digits)


def network_selection(
    minimisers: MinimiserSet, network: Network | None = None, digits: int = DIGITS
) -> Selection:
    """Enclose the point of M_k that the flow of a network selects, to that many digits of every coordinate.

    network is the problem's unless given: two layers minimise Σ|b_i|(ln(|b_i|/K_i) − 1), depth L ≥ 3
    maximises Σ|b_i|^(2/L); N_i|b_i| is in place of |b_i| where columns are divided by units N. Any
    thresholds and initial dual: s_k − s_0 is in the row space of X, so
    Σ v_i s_{k,i} = Σ v_i s_{0,i} for v in ker X. On the support s_{k,i} = σ_i c_i, and the conserved Σ v_i
    s_i leaves Σ σ_i v_i φ'_i(|b_i|) = 0 as the only condition, φ' = −B⁻¹ of the link: φ = Σφ_i is least.

    The enclosure is proved, exactly but for φ' in ball arithmetic: write c = |b|, Y for the signed columns of
    the support, and c* for the selection, so φ'(c*) is in the row space of Y. Take any c > 0 with Yc = Yc*
    and any ĉ > 0 with φ'(ĉ) in that row space. Then, for D(p, q) = φ(p) − φ(q) − ⟨φ'(q), p − q⟩, the rows
    cancel in D(c, ĉ) = D(c, c*) + D(c*, ĉ). Hence D_i(c_i, c*_i) ≤ γ := D(c, ĉ). As φ'' falls,
    D_i(c_i, q) ≥ ½φ''_i(Mc_i)(c_i − q)² for 0 < q ≤ Mc_i, M ≥ 2, and D_i(c_i, q) grows with q > c_i; so
    |c*_i − c_i| ≤ r_i = √(2γ/φ''_i(Mc_i)) for every M with r_i < (M − 1)c_i.

    Raises Inconclusive when MAX_PRECISION bits do not give the digits, InvalidInput where the thresholds of
    the path are not those of the network.
    Source: the Pythagorean identity of Csiszár 1975, Bregman 1967; MATHEMATICS.md §4, §8.
    """
    problem = minimisers.problem
    chosen = problem.network if network is None else network
    if (other := problem.with_network(chosen)).content() != problem.content():
        raise InvalidInput(
            f"the path is not that of {chosen}: its scales are other thresholds; solve problem.with_network"
        )
    return _selected(minimisers, other.network.link(problem.d), digits)


def _selected(minimisers: MinimiserSet, link: Link, digits: int) -> Selection:
    problem = minimisers.problem
    if digits < 1:
        raise InvalidInput(f"digits must be at least 1, not {digits}")
    inner = minimisers.relative_interior
    signs = [minimisers.signs[i] for i in inner.support]
    family = _Family(
        tuple(abs(inner.point[i]) for i in inner.support),
        relations([problem.column(i) * fmpq(s) for i, s in zip(inner.support, signs, strict=True)]),
        inner.support,
        link,
    )
    enclosure = _proved(family, family.start) or _enclose(family, digits)

    def spread(values: Iterable[fmpq]) -> tuple[Fraction, ...]:
        return Vector.sparse(dict(zip(inner.support, values, strict=True)), problem.d).fractions()

    centre = spread(c * s for c, s in zip(enclosure.centre, signs, strict=True))
    exact = centre if enclosure.exact else None
    return Selection(inner.support, centre, spread(enclosure.radius), exact, problem.names)


@dataclass(frozen=True)
class _Family:
    """The positive solutions of Yc = Y·start, as start plus the kernel of Y, and φ of their coordinates."""

    start: tuple[fmpq, ...]
    kernel: Relations
    support: tuple[int, ...]
    link: Link

    def slopes(self, sizes: Iterable[arb]) -> list[arb]:
        """φ'."""
        return [-self.link.distance(i, c) for i, c in zip(self.support, sizes, strict=True)]

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
        f"selection: {MAX_PRECISION:,} bits do not give {digits} digits of all "
        f"{len(family.start)} coordinates"
    )


def _radius(family: _Family, centre: tuple[fmpq, ...]) -> tuple[fmpq, ...] | None:
    """How far the selection can be from centre > 0, a solution: the theorem of ``network_selection``.

    ĉ agrees with the centre on the basis; elsewhere φ'(ĉ_j) = φ'(c_j) − r_j, r_j = Σ v_i φ'(c_i), and
    D_j(c_j, ĉ_j) ≤ r_j(c_j − ĉ_j) by convexity. None where that is too coarse to say anything.
    """
    link, slopes = family.link, family.slopes(map(arb, centre))
    gap = arb(0)
    for j, vector in zip(family.kernel.dependent, family.kernel.vectors, strict=True):
        r = sum((slopes[i] * arb(vector[i]) for i in vector.support), arb(0))
        other = link.value(family.support[j], r - slopes[j])
        if not (abs(r) < USELESS and other.is_finite()):
            return None
        gap += (r * (arb(centre[j]) - other)).abs_upper()
    radii = [_reach(link, i, arb(c), gap.upper()) for i, c in zip(family.support, centre, strict=True)]
    return None if None in radii else tuple(radius for radius in radii if radius is not None)


def _reach(link: Link, i: int, c: arb, gap: arb) -> fmpq | None:
    """The radius r_i of ``network_selection`` with the first M = 2, 4, 16, … that allows one."""
    for doublings in range(_MOST_SQUARINGS):
        factor = arb(2) ** (1 << doublings)
        radius = (2 * gap * link.response(i, factor * c)).upper().sqrt().upper()
        if radius < (factor - 1) * c:
            return radius.fmpq()
    return None


def _newton(family: _Family, guess: tuple[fmpq, ...]) -> tuple[fmpq, ...]:
    """A solution near the selection, by damped Newton steps; untrusted."""
    kernel = family.kernel
    directions = arb_mat([[arb(v) for v in vector] for vector in kernel.vectors]).transpose()
    magnitudes = [arb(c).mid() for c in guess]
    tolerance = arb(2) ** (-ctx.prec // 2)
    for _ in range(MAX_STEPS):
        slopes = arb_mat([[slope] for slope in family.slopes(magnitudes)])
        curvatures = [1 / family.link.response(i, c) for i, c in zip(family.support, magnitudes, strict=True)]
        rows = zip(directions.tolist(), curvatures, strict=True)
        weighted = arb_mat([[v * curvature for v in row] for row, curvature in rows])
        gradient = directions.transpose() * slopes
        try:
            step = (directions.transpose() * weighted).solve(-gradient, algorithm="approx")
        except ZeroDivisionError:
            break
        move = (directions * step).mid().entries()
        magnitudes = _line_search(family, magnitudes, move)
        if all(abs(m) < tolerance * c for m, c in zip(move, magnitudes, strict=True)):
            break
    return family.at(magnitudes[j].fmpq() for j in kernel.dependent)


def _line_search(family: _Family, magnitudes: list[arb], move: list[arb]) -> list[arb]:
    """A positive point along move, by halving until the slope has not risen beyond half its start."""

    def slope(point: list[arb]) -> arb:
        return sum((s * m for s, m in zip(family.slopes(point), move, strict=True)), arb(0)).mid()

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
    """True when Σ v_i φ'(c_i) = 0 for every relation v: the optimality condition, exactly."""
    return all(
        family.link.balances([(vector[i], family.support[i], centre[i]) for i in vector.support])
        for vector in family.kernel.vectors
    )


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


def initial_scales(kappa: Any, names: Sequence[str]) -> list[fmpq]:
    """κ as d positive rationals, from one number or d of them; raises InvalidInput for anything else."""
    d = len(names)
    given = list(kappa) if isinstance(kappa, Sequence) and not isinstance(kappa, str) else [kappa] * d
    scales = [to_rational(value) for value in given]
    if len(scales) != d:
        raise misfit("kappa", len(scales), d, "column")
    for i, scale in enumerate(scales):
        if scale <= 0:
            raise InvalidInput(f"kappa of column {names[i]!r}: {to_text(scale)} is not positive")
    return scales
