"""Certificates of Lasso paths by their events (version 2 of CERTIFICATE.md): who joins and who leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from exactsaddle.base import InvalidInput, Verdict
from exactsaddle.certificates.checkers import run_checker
from exactsaddle.certificates.document import Document, canonical_text, facts
from exactsaddle.certificates.lasso import FORMAT, knot_to_json
from exactsaddle.certificates.outline import MAX_BITS, NUMBERS, around
from exactsaddle.lasso import BallKnot
from exactsaddle.lasso.ball_knot import NOTHING, Stage
from exactsaddle.numbers import to_text
from exactsaddle.problem import Problem

if TYPE_CHECKING:
    from exactsaddle.lasso import LassoPath

VERSION = 2
CLAIMS = ("problem", "order", "bounds", "segment", "end")
CHECKER = "check_lasso_interval.py"


@dataclass(frozen=True, repr=False)
class LassoOutline(Document):
    """The events of a Lasso path, for a checker that encloses every number itself.

    Where intervals cannot prove an equality (several events at one knot, a coordinate that rests on its
    bound, a gradient that is zero at the end) the knot states λ and b exactly.
    """

    problem: Problem
    complete: bool
    bits: int
    """The precision that the checker may begin with."""
    knots: tuple[dict[str, Any], ...]
    inline: bool = True

    @classmethod
    def of(cls, path: LassoPath, digits: int = 0) -> LassoOutline:
        """The outline of a path that was found by bounds, its problem inline.

        With digits it also claims that penalty, loss, norm and coefficients of each knot are so many
        decimals, within one unit of the last. Raises InvalidInput for a path over Q: it states its numbers.
        """
        if path.is_exact:
            raise InvalidInput("this Lasso path was found over Q: its certificate states numbers")
        knots = tuple(
            {**record, **({NUMBERS: _numbers(knot, digits)} if digits else {})}
            for knot, record in zip(path.by_bounds, _records(path, digits), strict=True)
        )
        bits = min(max(72 + 10 * digits // 3, 96), MAX_BITS)
        return cls(path.problem, path.complete, bits, knots)

    def detached(self) -> LassoOutline:
        """The same without its problem, named by digest alone."""
        return replace(self, inline=False)

    @property
    def claims(self) -> tuple[str, ...]:
        """What is claimed of every knot, and of the end."""
        stated = (NUMBERS,) if NUMBERS in self.knots[0] else ()
        return (*(CLAIMS if self.complete else CLAIMS[:-1]), *stated)

    @property
    def facts(self) -> tuple[str, ...]:
        """How many knots by their events, whether that is all, and of which problem."""
        digest = self.problem.digest
        return facts(len(self.knots), "knots by their events", self.complete, digest, inline=self.inline)

    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "complete": self.complete,
            "claims": self.claims,
            "digest": self.problem.digest,
            "bits": self.bits,
        }
        return canonical_text(head, self.problem if self.inline else None, "knots", self.knots)

    def check(self, problem: Problem | None = None) -> Verdict:
        """The verdict of the independent interval checker, run in a process of its own."""
        return run_checker(self.to_text(), problem, CHECKER, "lasso")


def _records(path: LassoPath, digits: int) -> Iterator[dict[str, Any]]:
    """Each knot as its event, or as the exact numbers that an equality takes."""
    above = NOTHING
    for knot in path.by_bounds:
        stage = knot.stage
        alone = len(stage.events) == 1 and above.goes_on_with(stage.events[0])
        if alone or (knot.is_last and not _ends_in_zeros(knot, above, digits)):
            yield {"event": {str(i): side for i, side in stage.events}}
        else:
            dependence = _dependence(path.problem, stage) if stage.tied else {}
            yield {
                **knot_to_json(knot),
                "below": {str(i): side for i, side in sorted(stage.active.items())},
                **({"dependence": dependence} if dependence else {}),
            }
        above = stage


def _ends_in_zeros(knot: BallKnot, above: Stage, digits: int) -> bool:
    """Whether something is zero at λ = 0 for no reason that intervals see.

    That is a coefficient of the support above, a gradient off it, or a loss that is stated.
    """
    problem = knot.problem
    if knot.support != tuple(sorted(above.active)):
        return True
    if len(above.active) == problem.n:  # independent columns leave no residual
        return False
    others = (problem.design_matrix.primitive_column(i)[0] for i in range(problem.d) if i not in above.active)
    return any(any(column) for column in others) or (digits > 0 and bool(knot.loss_ball(4).is_zero()))


def _dependence(problem: Problem, stage: Stage) -> dict[str, dict[str, str]]:
    """The columns of those who rest, by those of the support."""
    basis, found = sorted(stage.active), {}
    for j in sorted(stage.still):
        weights = problem.design_matrix.combination(basis, j)
        if weights is not None:
            pairs = zip(basis, weights, strict=True)
            found[str(j)] = {str(i): to_text(weight) for i, weight in pairs if weight != 0}
    return found


def _numbers(knot: BallKnot, digits: int) -> dict[str, Any]:
    """Intervals around the decimals of that many digits."""
    return {
        "penalty": around(knot.penalty_text(digits)),
        "loss": around(knot.loss_text(digits)),
        "norm": around(knot.l1_norm_text(digits)),
        "beta": {str(i): around(knot.beta_text(i, digits)) for i in knot.support},
    }
