"""What the laws of MATHEMATICS.md §5, §6 and §8 assume of a path, decided exactly, each failure by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exactsaddle.base import InvalidInput
from exactsaddle.minimisers import limit_support, plateau_limit, resting
from exactsaddle.numbers import NormalEquations, Vector
from exactsaddle.path import Saddle, SaddlePath
from exactsaddle.problem import Problem


class Hypothesis(StrEnum):
    """An assumption on a plateau; the value is how reports name it."""

    UNIQUE_MINIMISER = "unique minimiser"
    """The columns with s on a threshold and zero gradient (a constant's: of the support) are independent."""
    RATIONAL_LIMIT = "rational limit"
    """The minimiser that the flow selects is known to be rational."""
    RATIONAL_NORMS = "rational norms"
    """What a closed form takes of column norms and thresholds is rational."""
    NO_ZERO_SLACK = "no zero slack"
    """No coordinate rests on its threshold with β_i = g_i = 0."""
    NOBODY_LEFT = "nobody left the support"
    """Every coordinate of an earlier support is in this one."""
    HITTERS_ENTER = "every hitter stays"
    """Every coordinate that hit a threshold is in this support: none rose and died inside an orbit."""
    KNOWN_OFFSET = "known offset"
    """lim (s^α − s)/ε exists and is known on the plateau before."""
    REACHED_END = "integration to the end"
    """The computation (an orbit, an eigenvalue) reaches its end within its budget."""


@dataclass(frozen=True)
class FailedHypothesis:
    """One named hypothesis that does not hold on one plateau, and the coordinates that break it."""

    hypothesis: Hypothesis
    plateau: int
    coordinates: tuple[int, ...]
    names: tuple[str, ...] = ()
    """What these coordinates are called."""

    @classmethod
    def of(
        cls, problem: Problem, hypothesis: Hypothesis, plateau: int, coordinates: Iterable[int]
    ) -> FailedHypothesis:
        """With the names of the coordinates."""
        found = tuple(coordinates)
        return cls(hypothesis, plateau, found, tuple(problem.names[i] for i in found))

    def __str__(self) -> str:
        who = ", ".join(self.names)
        return f'"{self.hypothesis}" fails on plateau {self.plateau}' + (f" ({who})" if who else "")


def require_orbits(problem: Problem) -> None:
    """Refuse a network whose orbits are not those of MATHEMATICS.md §6."""
    if not problem.network.link(problem.d).exponential_orbits:
        raise InvalidInput(
            f"orbits between saddles are followed for two layers, not for {problem.network}: they leave and "
            "reach a saddle by powers of time there, not exponentially"
        )


def plateau_failures(saddle: Saddle) -> tuple[FailedHypothesis, ...]:
    """NO_ZERO_SLACK on one plateau, decided exactly: what the rates need.

    Empty proves that every coordinate off the support of the flow's limit moves strictly inside its
    thresholds.
    """
    support = limit_support(saddle)
    idle = tuple(i for i in resting(saddle) if i not in support)
    return (
        (FailedHypothesis.of(saddle.problem, Hypothesis.NO_ZERO_SLACK, saddle.index, idle),) if idle else ()
    )


def closed_form_failures(
    path: SaddlePath, k: int, coordinate: int | None = None
) -> tuple[FailedHypothesis, ...]:
    """Why the closed form of MATHEMATICS.md §5, §8 does not give the offset on plateau k; empty: it does.

    The hypothesis, exact: every coordinate whose dual was on a threshold at some t_m, m ≤ k, is in the
    support of the flow's limit on plateau k, and that limit is rational. Zero slack on an *earlier*
    plateau does no harm when the coordinate has entered since. For one coordinate of the offset those who
    left, died or rested before do no harm either that are not coupled to it (``coupling``).
    """
    saddle = path[k]
    failures = list(plateau_failures(saddle))
    support = limit_support(saddle)
    if not failures and plateau_limit(saddle).exact is None:
        failures.append(FailedHypothesis.of(path.problem, Hypothesis.RATIONAL_LIMIT, k, support))
    excused = {i for failure in failures for i in failure.coordinates} | set(support)
    touched = {i for earlier in path[: k + 1] for i in earlier.active_set}
    if coordinate is not None and not touched <= excused:
        coupled = coupling(saddle, coordinate)
        touched = {i for i in touched if coupled[i] != 0}
    grouped: dict[tuple[Hypothesis, int], list[int]] = {}
    for i in sorted(touched - excused):
        grouped.setdefault(_history(path, k, i), []).append(i)
    failures.extend(FailedHypothesis.of(path.problem, name, m, who) for (name, m), who in grouped.items())
    rough = path.problem.network.link(path.problem.d).irrational.intersection(support)
    if not failures and rough:
        failures.append(FailedHypothesis.of(path.problem, Hypothesis.RATIONAL_NORMS, k, sorted(rough)))
    return tuple(failures)


def coupling(saddle: Saddle, j: int) -> Vector:
    """G_ij − G_iA G_AA⁻¹ G_Aj for every i, (d,), A a basis of the columns of the support of the flow's limit.

    By it ∫(β̃_i − β_i) moves s_j^α − s_j while A keeps its own offset: zero on A, and where what is left of
    the columns i and j off the span of A is orthogonal.
    """
    equations = saddle.problem.normal_equations
    basis = independent(equations, limit_support(saddle))
    found = equations.gram_column(j)
    for i, weight in zip(basis, equations.regression(basis, j), strict=True):
        found = found - equations.gram_column(i) * weight
    return found


def independent(equations: NormalEquations, columns: Iterable[int]) -> list[int]:
    """The first of these columns of X that span them all."""
    basis: list[int] = []
    for i in columns:
        if equations.rank([*basis, i]) > len(basis):
            basis.append(i)
    return basis


def _history(path: SaddlePath, k: int, i: int) -> tuple[Hypothesis, int]:
    """What became of a coordinate that touched a threshold by t_k and is not in the support now; where."""
    m = max(m for m in range(k + 1) if i in path[m].active_set)
    if m > 0 and i in limit_support(path[m - 1]):
        return Hypothesis.NOBODY_LEFT, m
    for earlier in range(m, max(m - 2, -1), -1):
        if i in resting(path[earlier]):
            return Hypothesis.NO_ZERO_SLACK, earlier
    return Hypothesis.HITTERS_ENTER, m
