"""Properties of paths whose exact numbers are long, judged by balls of rising precision.

An inequality that balls separate is proved. An equality is not proved by balls, only enclosed: its verdict is
unchecked, with a bound of the difference, unless it holds by structure (n independent columns fit y exactly).
Who is on a threshold and whose coefficient is zero are the path's own words, which its certificate proves;
residuals, gradients and losses are computed here, from β and X alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise, zip_longest

from flint import arb, arb_mat, fmpq

from exactsaddle.base import Inconclusive, Status, Verdict, workprec
from exactsaddle.lasso import lasso_agreement
from exactsaddle.numbers import above, enclose, to_fraction
from exactsaddle.path import Saddle, SaddlePath, most_saddles
from exactsaddle.testing.properties.balls import Balls, Violated
from exactsaddle.testing.properties.enclosed_relations import equivariance, orthogonal_design
from exactsaddle.testing.properties.relations import CHANGES

LADDER = (40, 120)
"""Digits of the path's numbers, one after another, until every comparison is told."""

SHARES = ((1, 1 << 20), (1, 2), ((1 << 20) - 1, 1 << 20))
"""Of a plateau: where the path is looked up."""

Judgement = Callable[[Balls], str | None]
"""It may say what else its verdict rests on, for the words before those of the balls."""


def _inside(balls: Balls, saddle: Saddle) -> None:
    """s_k strictly inside its box where it is on no threshold."""
    for i, s in enumerate(balls.dual(saddle)):
        for side in (1, -1):
            bound = balls.problem.bound(i, side)
            if bound is not None and not saddle.signs[i]:
                balls.positive(
                    enclose(bound) - s * side, f"saddle {saddle.index}: the room of s[{balls.names[i]}]"
                )


def _on_their_side(balls: Balls, saddle: Saddle) -> None:
    """Each coefficient of the sign of its threshold."""
    for i in saddle.support:
        balls.positive(
            balls.beta(saddle)[i] * saddle.signs[i], f"saddle {saddle.index}: |beta[{balls.names[i]}]|"
        )


def _sign_cone(balls: Balls) -> None:
    for saddle in balls.path:
        _on_their_side(balls, saddle)
        _inside(balls, saddle)


def _stationary(balls: Balls, saddle: Saddle) -> None:
    """g = 0 on the support and where it is at rest, into the cone at the other thresholds."""
    if balls.fits(saddle):
        return
    gradient = balls.gradient(saddle)
    for i, side in enumerate(saddle.signs):
        if i in saddle.support or i in saddle.still:
            balls.equal(gradient[i], 0, f"saddle {saddle.index}: g[{balls.names[i]}]")
        elif side:
            balls.positive(gradient[i] * side, f"saddle {saddle.index}: g[{balls.names[i]}] into the cone")


def _kkt(balls: Balls) -> None:
    for saddle in balls.path:
        _stationary(balls, saddle)


def _moves_on(balls: Balls, before: Saddle, after: Saddle) -> None:
    """s_{k+1} = s_k − Δ_k g_k with Δ_k > 0."""
    delta = balls.time(after) - balls.time(before)
    balls.positive(delta, f"saddle {before.index}: the length of its plateau")
    arrived = [s - delta * g for s, g in zip(balls.dual(before), balls.gradient(before), strict=True)]
    for i, (found, said) in enumerate(zip(arrived, balls.dual(after), strict=True)):
        balls.equal(found, said, f"saddle {after.index}: s[{balls.names[i]}]")


def _first_hit(balls: Balls) -> None:
    for before, after in pairwise(balls.path):
        _moves_on(balls, before, after)
        for i, side in before.hits.items():
            moves = f"saddle {before.index}: {balls.names[i]} moves to its side"
            balls.positive(-balls.gradient(before)[i] * side, moves)
            if after.signs[i] != side:
                raise Violated(f"saddle {after.index}: {balls.names[i]} hit side {side} and is not there")
        _inside(balls, after)


def _gradient(balls: Balls) -> None:
    """Slopes are given by the duals at both ends of a plateau, which meet if they are the gradient."""
    for before, after in pairwise(balls.path):
        _moves_on(balls, before, after)
    for saddle in balls.path:
        balls.equal(saddle.loss_ball(balls.digits), balls.loss(saddle), f"saddle {saddle.index}: the loss")


def _lookup(balls: Balls) -> None:
    """At rational times near both ends of each plateau and in its middle, told apart from them by balls."""
    for saddle, after in zip_longest(balls.path, balls.path[1:]):
        start, end = balls.time(saddle), saddle.end_ball(balls.digits)
        end = 2 * start + 2 if end is None else end
        for share in SHARES:
            time = (start + (end - start) * arb(fmpq(*share))).mid().fmpq()
            where = f"saddle {saddle.index}: t = {arb(time).str(10, radius=False)}"
            inside = bool(start < time < end)
            balls.told(inside, f"{where}, whether it is on its plateau")
            if inside and (found := balls.path.saddle_at(to_fraction(time)).index) != saddle.index:
                raise Violated(f"{where} is on its plateau, and saddle {found} is given")
        if after is not None:
            _moves_on(balls, saddle, after)


def _end(balls: Balls) -> None:
    last = balls.path[-1]
    if balls.fits(last):
        return
    for i, g in enumerate(balls.gradient(last)):
        ahead = -1 if g > 0 else 1
        if not (abs(g) > 0 and balls.problem.bound(i, ahead) is None):
            balls.equal(g, 0, f"g[{balls.names[i]}] at the end")


def _row_space(balls: Balls) -> None:
    z = arb_mat(balls.problem.n, 1)
    start = balls.dual(balls.path[0])
    for before, after in pairwise(balls.path):
        z = z + balls.residual(before) * (balls.time(after) - balls.time(before))
        for i, (s, s0, pull) in enumerate(zip(balls.dual(after), start, balls.pulled(z), strict=True)):
            balls.equal(s - s0, pull, f"saddle {after.index}: s[{balls.names[i]}] − s_0")


def _average_identity(balls: Balls) -> None:
    """At the jumps: both sides are linear between them."""
    start = balls.dual(balls.path[0])
    for after, integral in _integrals(balls):
        rest = balls.target * balls.time(after) - balls.design * integral
        for i, (s, s0, pull) in enumerate(zip(balls.dual(after), start, balls.pulled(rest), strict=True)):
            balls.equal(s - s0, pull, f"t_{after.index}: s[{balls.names[i]}] − s_0")


def _integrals(balls: Balls) -> Iterator[tuple[Saddle, arb_mat]]:
    """Each saddle after the first, and ∫ β up to its jump."""
    total = arb_mat(balls.problem.d, 1)
    for before, after in pairwise(balls.path):
        beta = arb_mat([[b] for b in balls.beta(before)])
        total = total + beta * (balls.time(after) - balls.time(before))
        yield after, total


def _average_lasso(balls: Balls) -> None:
    """The KKT conditions of the Lasso at the average are s(t) ∈ ∂‖β̄_t‖₁ where −t∇L(β̄_t) = s(t)."""
    _average_identity(balls)
    for saddle in balls.path:
        _inside(balls, saddle)


def _average_lasso_throughout(balls: Balls) -> None:
    for stretch in lasso_agreement(balls.path, arithmetic="ball"):
        if not stretch.holds:
            raise Violated(f"s(t) is no subgradient at the average for t in {stretch}")


def _minimum_norm(balls: Balls) -> None:
    last = balls.path[-1]
    _on_their_side(balls, last)
    _end(balls)
    _inside(balls, last)
    _row_space(balls)


def _loss_decreases(balls: Balls) -> None:
    for before, after in pairwise(balls.path):
        fall = balls.loss(before) - balls.loss(after)
        balls.positive(fall, f"saddle {after.index}: the fall of the loss")


def _distinct_supports(balls: Balls) -> None:
    seen: dict[tuple[int, ...], int] = {}
    for saddle in balls.path:
        _on_their_side(balls, saddle)
        if saddle.support in seen:
            raise Violated(f"saddles {seen[saddle.support]} and {saddle.index} share a support")
        seen[saddle.support] = saddle.index


def _independent_support(balls: Balls) -> None:
    for saddle in balls.path:
        _on_their_side(balls, saddle)
        what = f"whether the columns of the support of saddle {saddle.index} are independent"
        balls.told(balls.independent(saddle), what)


def _support_bound(balls: Balls) -> None:
    """rank X is at least the size of an independent support, and the bound grows with it."""
    widest = max(balls.path, key=lambda saddle: len(saddle.support))
    enough = len(balls.path) <= most_saddles(len(widest.support), balls.problem.d)
    balls.told(enough and balls.independent(widest), "whether there are more saddles than the bound")


def _strict_saddle(balls: Balls) -> None:
    """Some g_i ≠ 0 off the support; at u_i = v_i = 0, ∂²F along (1, ±1)/√2 is ±g_i, whatever the data."""
    for saddle in balls.path[:-1]:
        others = [g for i, g in enumerate(balls.gradient(saddle)) if i not in saddle.support]
        what = f"whether a coordinate off the support of saddle {saddle.index} moves"
        balls.told(any(abs(g) > 0 for g in others), what)


def _uniqueness(balls: Balls) -> None:
    """Independent columns on the support, and a gradient into the cone at every other threshold."""
    for saddle in balls.path:
        here = f"saddle {saddle.index}"
        balls.told(not saddle.still, f"whether {here}, where a coordinate is at rest, is the only minimiser")
        balls.told(balls.independent(saddle), f"whether the columns of the support of {here} are independent")
        for i, side in enumerate(saddle.signs):
            if side and i not in saddle.support and i not in saddle.still:
                balls.positive(balls.gradient(saddle)[i] * side, f"{here}: g[{balls.names[i]}] into the cone")


def _certificate(balls: Balls) -> str:
    """The events by their independent checker; uniqueness, which they do not state, by balls."""
    verdict = balls.checker()
    if verdict.status is Status.REJECTED:
        raise Violated(f"the checker says {verdict.status}: {verdict.evidence}")
    balls.told(verdict.status is Status.VERIFIED, f"the checker says {verdict.status}: {verdict.evidence}")
    _uniqueness(balls)
    return "the path by its independent checker, uniqueness "


ENCLOSURES: dict[str, Judgement] = {
    "gradient": _gradient,
    "sign-cone": _sign_cone,
    "kkt": _kkt,
    "first-hit": _first_hit,
    "end": _end,
    "row-space": _row_space,
    "loss-decreases": _loss_decreases,
    "distinct-supports": _distinct_supports,
    "independent-support": _independent_support,
    "support-bound": _support_bound,
    "strict-saddle": _strict_saddle,
    "minimum-norm": _minimum_norm,
    "average-identity": _average_identity,
    "average-lasso": _average_lasso,
    "average-lasso-throughout": _average_lasso_throughout,
    "orthogonal-design": orthogonal_design,
    "lookup": _lookup,
    **{name: equivariance(name) for name in CHANGES},
    "certificate": _certificate,
    "uniqueness": _uniqueness,
    "general-position": _uniqueness,
}
"""The properties of ``PROPERTIES`` that balls judge, by name."""

RATIONAL_ONLY = frozenset({"orthogonal-design", "general-position", *CHANGES})
"""Those of them that take thresholds and initial duals over Q."""


class Enclosures:
    """Judges a path by balls, property by property; numbers are read once.

    checker gives the verdict on the certificate of its events, of ``path.outline()`` by default.
    """

    def __init__(self, path: SaddlePath, checker: Callable[[], Verdict] | None = None) -> None:
        self.path = path
        asked = cache(checker or (lambda: path.outline().check()))
        self._balls = {digits: Balls(path, digits, asked) for digits in LADDER}

    def __call__(self, name: str) -> Verdict:
        """Verified by inequalities alone, rejected by a violation, else unchecked: enclosed, or open."""
        said = besides = ""
        for digits, balls in self._balls.items():
            balls.largest, balls.open = arb(0), None
            try:
                with workprec(balls.bits):
                    besides = ENCLOSURES[name](balls) or ""
            except Violated as witness:
                return Verdict(name, Status.REJECTED, str(witness))
            except Inconclusive as error:
                balls.open = str(error)
            if balls.open is None and balls.largest == 0:
                return Verdict(name, Status.VERIFIED, f"{besides}by balls of {digits} digits")
            if balls.open is None:
                bound = above(balls.largest)
                return Verdict(
                    name,
                    Status.UNCHECKED,
                    f"{besides}rigorous enclosure, |difference| ≤ {bound}; every inequality in it proved",
                )
            said = f"not told by balls of {digits} digits: {balls.open}"
        return Verdict(name, Status.UNCHECKED, said)
