"""The path that another way gives, by balls: from changed data, or in closed form.

Events of the two are compared exactly, as those who found them proved them; numbers are enclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from flint import arb

from exactsaddle.base import Inconclusive
from exactsaddle.numbers import enclose, to_rational
from exactsaddle.path import Saddle, saddle_path
from exactsaddle.testing.properties.arithmetic import sign
from exactsaddle.testing.properties.balls import Balls, Violated
from exactsaddle.testing.properties.consequences import orthogonal_path
from exactsaddle.testing.properties.relations import CHANGES, Change, Image

SAME_EVENTS = "the same supports, signs and hits; "


def equivariance(name: str) -> Callable[[Balls], str]:
    """The judgement by balls of one change of the data."""
    return lambda balls: _same_path(balls, CHANGES[name](balls.problem))


def _same_path(balls: Balls, change: Change) -> str:
    """Find the path of the changed problem by bounds; compare events, then numbers, with their images."""
    path = balls.path
    found = Balls(saddle_path(change.problem, arithmetic="ball", max_saddles=len(path)), balls.digits)
    if len(found.path) < len(path) and not found.path.complete:
        raise Inconclusive(f"the path of the changed data is not known to its end: {found.path.stopped_by}")
    if (len(found.path), found.path.complete) != (len(path), path.complete):
        raise Violated(f"{len(path)} saddles, but {found.path!r} after the change")
    factor = to_rational(change.time)
    for before, after in zip(path, found.path, strict=True):
        here, d = f"saddle {before.index}", path.problem.d
        comparable = not change.beta_if_unique or _alone(balls, before)
        _same(f"{here}: who is on which threshold", change.dual, before.signs, after.signs)
        _same(f"{here}: who hits", change.dual, _placed(before.hits, d), _placed(after.hits, found.problem.d))
        if comparable:
            _same(f"{here}: the support", change.beta, _carried(before), _carried(after))
        balls.equal(balls.time(before) * factor, found.time(after), f"{here}: t")
        fits = change.fit(tuple(balls.fitted(before).entries())), found.fitted(after).entries()
        pairs = [("s", change.dual(balls.dual(before)), found.dual(after)), ("Xβ", *fits)]
        if comparable:
            pairs.append(("β", change.beta(balls.beta(before)), found.beta(after)))
        for label, expected, given in pairs:
            for i, (left, right) in enumerate(zip(expected, given, strict=True)):
                balls.equal(left, right, f"{here}: {label}_{i}")
    return SAME_EVENTS


def _alone(balls: Balls, saddle: Saddle) -> bool:
    """Whether β is proved to be the only minimiser: nobody rests, and the columns are independent."""
    return not saddle.still and balls.independent(saddle)


def _same(what: str, image: Image, before: tuple[int, ...], after: tuple[int, ...]) -> None:
    """Signs and their images, which multiply none by a negative number unless they flip it."""
    expected = tuple(map(sign, image(tuple(map(Fraction, before)))))
    if expected != after:
        raise Violated(f"{what} should become {expected}, is {after}")


def _placed(sides: Mapping[int, int], d: int) -> tuple[int, ...]:
    return tuple(sides.get(i, 0) for i in range(d))


def _carried(saddle: Saddle) -> tuple[int, ...]:
    """The signs of β."""
    return _placed({i: saddle.signs[i] for i in saddle.support}, saddle.problem.d)


def orthogonal_design(balls: Balls) -> str:
    """The closed form of orthogonal designs, whose numbers are short."""
    expected = orthogonal_path(balls.problem)
    supports = [tuple(i for i, b in enumerate(beta) if b) for _, beta in expected]
    found = [saddle.support for saddle in balls.path]
    if supports != found:
        raise Violated(f"the closed form gives the supports {supports}, the path {found}")
    for saddle, (time, beta) in zip(balls.path, expected, strict=True):
        balls.equal(balls.time(saddle), _ball(time), f"t_{saddle.index}")
        for name, given, exact in zip(balls.names, balls.beta(saddle), beta, strict=True):
            balls.equal(given, _ball(exact), f"saddle {saddle.index}: beta[{name}]")
    return "the same supports; "


def _ball(value: Fraction) -> arb:
    return enclose(to_rational(value))
