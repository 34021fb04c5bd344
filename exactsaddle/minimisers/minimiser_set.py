"""The set M_k of all minimisers at a saddle: its description, uniqueness and shape (MATHEMATICS.md §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq

from exactsaddle.base import InvalidInput, by_name
from exactsaddle.minimisers.alternatives import Separation, separate
from exactsaddle.numbers import (
    MAX_RAYS,
    Carried,
    Minor,
    Vector,
    brief,
    enumerate_polyhedron,
    nonzero_minor,
    parse_rational,
    relations,
    to_rational,
    to_text,
)
from exactsaddle.path import Saddle
from exactsaddle.path.descent import DescentSaddle
from exactsaddle.problem import Problem


@dataclass(frozen=True)
class UniqueMinimiser:
    """Proof that β_k is the only minimiser, with A = supp β_k.

    w, (n,) integers: X_i·w = 0 for i in A, σ_i X_i·w > 0 for every other i on its threshold with
    zero gradient. So a second minimiser b would give 0 = (Xb − Xβ_k)·w = Σ |b_i| σ_i X_i·w over
    those i: it is supported in A, where the nonzero minor of X_A leaves β_k alone.
    """

    w: Vector
    minor: Minor

    @property
    def unique(self) -> bool:
        """True."""
        return True

    def to_json(self) -> dict[str, Any]:
        """The entry of the certificate: unique, w, prime and rows."""
        return {
            "unique": True,
            "w": [to_text(value) for value in self.w],
            "prime": str(self.minor.prime),
            "rows": list(self.minor.rows),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> UniqueMinimiser:
        """The claim stated by an entry of a certificate, not yet believed: see ``refutation``."""
        w = Vector.of([parse_rational(value) for value in entry["w"]])
        return cls(w, Minor(tuple(entry["rows"]), int(entry["prime"])))

    def refutation(self, minimisers: MinimiserSet) -> str | None:
        """Why this does not prove that the minimiser is unique; None when it does."""
        support = minimisers.point.support
        for i in minimisers.free:
            product = self.w.dot(minimisers.problem.column(i)) * minimisers.signs[i]
            if i in support and product != 0:
                return f"X_{i}·w is not zero"
            if i not in support and product <= 0:
                return f"σ_{i} X_{i}·w is not positive"
        if not self.minor.is_nonzero([minimisers.problem.column(i) for i in support]):
            return f"the minor of the support on rows {list(self.minor.rows)} is not nonzero modulo prime"
        return None


@dataclass(frozen=True)
class SeveralMinimisers:
    """Proof that β_k is not the only minimiser: second, (d,) over Q, is another.

    It is a neighbouring vertex of M_k where the edge that leaves β_k is bounded.
    """

    second: Vector

    @property
    def unique(self) -> bool:
        """False."""
        return False

    def to_json(self) -> dict[str, Any]:
        """The entry of the certificate: unique, and the second minimiser by index."""
        return {"unique": False, "second": {str(i): to_text(self.second[i]) for i in self.second.support}}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any], d: int) -> SeveralMinimisers:
        """The claim stated by an entry of a certificate, not yet believed: see ``refutation``."""
        second = {int(i): parse_rational(value) for i, value in entry["second"].items()}
        return cls(Vector.sparse(second, d))

    def refutation(self, minimisers: MinimiserSet) -> str | None:
        """Why this is not a second minimiser; None when it is."""
        if self.second == minimisers.point:
            return "the second minimiser is β itself"
        if not minimisers.contains(self.second):
            return "the second point is not a minimiser"
        return None


@dataclass(frozen=True)
class RelativeInterior:
    """point, (d,) over Q, lies in the relative interior of M_k; support is what it does not miss.

    So support is the largest of any minimiser's; w proves it, as in UniqueMinimiser with A = support.
    """

    point: Vector
    support: tuple[int, ...]
    w: Vector


@dataclass(frozen=True)
class Extremes:
    """All vertices of M_k and the primitive integer directions of its extreme rays, d entries each."""

    vertices: tuple[tuple[Fraction, ...], ...]
    rays: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, eq=False, repr=False)
class MinimiserSet(Carried):
    """M = {b : b_i = 0 off E, σ_i b_i ≥ 0 on E, X_E b_E = Xβ}: every minimiser at one saddle.

    free is E, the coordinates on a threshold with zero gradient; signs is σ, d of them; point is β,
    (d,) over Q: on a path of ``saddle_path`` the vertex that the canonical choice of MATHEMATICS.md §2 takes.
    """

    problem: Problem
    free: tuple[int, ...]
    signs: tuple[int, ...]
    point: Vector

    def __repr__(self) -> str:
        free = by_name(self.problem.names, ((i, brief(self.point[i])) for i in self.free))
        return f"MinimiserSet(free = {free})"

    @cached_property
    def design(self) -> tuple[tuple[Fraction, ...], ...]:
        """X_E, n rows of |E| Fractions."""
        return tuple(zip(*(self.problem.column(i).fractions() for i in self.free), strict=True))

    @cached_property
    def fitted(self) -> tuple[Fraction, ...]:
        """Xβ, n Fractions, the same for every minimiser."""
        return self.problem.fitted_at(self.point).fractions()

    def contains(self, b: Iterable[Any]) -> bool:
        """True when b, d numbers, is a minimiser: decided exactly."""
        point = Vector.of([to_rational(value) for value in b])
        fits = len(point) == self.problem.d and self.problem.fitted_at(point - self.point).support == ()
        return fits and all(i in self.free and self.signs[i] * point[i] > 0 for i in point.support)

    @cached_property
    def uniqueness(self) -> UniqueMinimiser | SeveralMinimisers:
        """Whether β is the only minimiser, with the proof.

        The columns of the support of a canonical β are independent: each one entered with a nonzero
        product with the residual, to which the columns already there were orthogonal (MATHEMATICS.md §2). Any
        other β is taken too, such as that of a certificate. Source: Motzkin's transposition theorem.
        """
        support = self.point.support
        minor = nonzero_minor(self._columns(support))
        if minor is None:
            relation = relations(self._columns(support)).vectors[0]
            return self._another(self._at(support, relation))
        found = self._escape(support)
        return UniqueMinimiser(found.w, minor) if isinstance(found, Separation) else self._another(found)

    @property
    def unique(self) -> bool:
        """True when β is the only minimiser."""
        return self.uniqueness.unique

    @cached_property
    def relative_interior(self) -> RelativeInterior:
        """A minimiser of largest support, reached from β by exact steps."""
        point = self.point
        while isinstance(direction := self._escape(point.support), Vector):
            room = self._room(point, direction)
            point = point + direction * (fmpq(1) if room is None else room / 2)
        return RelativeInterior(point, point.support, direction.w)

    @cached_property
    def dimension(self) -> int:
        """The dimension of M: 0 exactly when the minimiser is unique."""
        return len(relations(self._columns(self.relative_interior.support)).dependent)

    @cached_property
    def recession_direction(self) -> tuple[Fraction, ...] | None:
        """Some v ≠ 0 with β + εv in M for all ε ≥ 0, d Fractions; None when M is bounded."""
        direction = self._escape(())
        return None if isinstance(direction, Separation) else direction.fractions()

    @property
    def bounded(self) -> bool:
        """True when M is compact; always so when s_0 is strictly inside the box."""
        return self.recession_direction is None

    def extremes(self, max_rays: int = MAX_RAYS) -> Extremes:
        """All vertices and extreme rays; raises Inconclusive beyond max_rays of them at any stage."""
        signed = [self.problem.column(i) * fmpq(self.signs[i]) for i in self.free]
        found = enumerate_polyhedron(signed, self.problem.fitted_at(self.point), max_rays)
        return Extremes(tuple(map(self._signed, found.vertices)), tuple(map(self._signed, found.rays)))

    @cached_property
    def vertices(self) -> tuple[tuple[Fraction, ...], ...]:
        """The vertices of M within the default budget of ``extremes``."""
        return self._extremes.vertices

    @cached_property
    def rays(self) -> tuple[tuple[Fraction, ...], ...]:
        """The directions of the extreme rays of M within the default budget of ``extremes``."""
        return self._extremes.rays

    @cached_property
    def _extremes(self) -> Extremes:
        return self.extremes()

    def _columns(self, indices: Sequence[int]) -> list[Vector]:
        return [self.problem.column(i) for i in indices]

    def _escape(self, support: Sequence[int]) -> Separation | Vector:
        """v in ker X with σ_i v_i ≥ 0 on E off the support and not all 0 there, or why there is none.

        v is (d,) and zero off E. The columns of the support separate otherwise from the signed
        columns of the rest of E (Motzkin's alternative).
        """
        rest = [i for i in self.free if i not in set(support)]
        if not rest:
            return Separation(Vector.zero(self.problem.n))
        signed = [self.problem.column(i) * fmpq(self.signs[i]) for i in rest]
        found = separate(self._columns(support), signed)
        if isinstance(found, Separation):
            return found
        outside = self._at(
            rest, [self.signs[i] * weight for i, weight in zip(rest, found.weights, strict=True)]
        )
        *balance, _ = relations([*self._columns(support), self.problem.fitted_at(outside)]).vectors[-1]
        return outside + self._at(support, balance)

    def _another(self, direction: Vector) -> SeveralMinimisers:
        room = self._room(self.point, direction)
        return SeveralMinimisers(self.point + direction * (fmpq(1) if room is None else room))

    def _room(self, point: Vector, direction: Vector) -> fmpq | None:
        """The largest step from point along direction that stays in M; None when there is none."""
        steps = [-point[i] / direction[i] for i in direction.support if self.signs[i] * direction[i] < 0]
        return min(steps) if steps else None

    def _signed(self, magnitudes: Vector) -> tuple[Fraction, ...]:
        signs = (self.signs[i] for i in self.free)
        return self._at(self.free, [s * c for s, c in zip(signs, magnitudes, strict=True)]).fractions()

    def _at(self, indices: Sequence[int], values: Iterable[fmpq]) -> Vector:
        return Vector.sparse(dict(zip(indices, values, strict=True)), self.problem.d)


def stated_uniqueness(entry: Mapping[str, Any], problem: Problem) -> UniqueMinimiser | SeveralMinimisers:
    """What the entry of a certificate states, not yet believed.

    Raises InvalidInput when the entry names rows or columns the problem does not have.
    """
    outside = [int(i) for i in entry.get("second", ()) if int(i) >= problem.d]
    outside += [row for row in entry.get("rows", ()) if not 0 <= row < problem.n]
    if outside or len(entry.get("w", problem.y)) != problem.n:
        raise InvalidInput(f"uniqueness: w, rows or second do not fit a problem of shape {problem.shape}")
    if entry["unique"]:
        return UniqueMinimiser.from_json(entry)
    return SeveralMinimisers.from_json(entry, problem.d)


def minimisers(saddle: Saddle) -> MinimiserSet:
    """M_k of this saddle."""
    gradient = saddle.gradient_vector
    free = tuple(i for i in saddle.active_set if gradient[i] == 0)
    return MinimiserSet(saddle.problem, free, saddle.signs, saddle.beta_vector)


def optimiser_minimisers(saddle: DescentSaddle) -> MinimiserSet:
    """The minimisers at a saddle of an optimiser's path: of L + Σ λ_i|b_i| on its cone, with its decay λ.

    free are the coordinates that rest on a threshold, g_i = −σ_iλ_i. So any b with their signs and Xb = Xβ
    has the same Σ λ_i|b_i| = −⟨g, b⟩ too, and no other b has the least value.
    """
    flow, gradient = saddle.rule.flow, saddle.gradient_vector
    free = [i for i, side in sorted(saddle.active.items()) if flow.drive(i, -side * gradient[i]) == 0]
    signs = tuple(saddle.active.get(i, 0) for i in range(saddle.problem.d))
    return MinimiserSet(saddle.problem, tuple(free), signs, saddle.beta_vector)
