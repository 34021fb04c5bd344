"""The states of a path as texts, for the slider of the HTML report: exact where they fit, else rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from itertools import chain

from flint import arb, fmpq

from exactsaddle.base import ProofFailed, workprec
from exactsaddle.numbers import decimal_of, parse_rational, to_decimal, to_text
from exactsaddle.path import Saddle, SaddlePath, bits_of
from exactsaddle.report.contents.numbers import exact_digits, exact_or_decimal
from exactsaddle.report.document import Plateau, Timeline
from exactsaddle.report.steps import Step, steps

MAX_STATES = 60_000
"""The most saddles times coordinates whose states go into a page."""
MAX_EXACT_DIGITS = 500_000
"""The most digits of exact values there, all together."""
WIDTH = 24
"""The most characters of an exact value among rounded ones."""
DIGITS = 12
"""Significant digits of a rounded value."""


def timeline(path: SaddlePath) -> Timeline | None:
    """Every plateau as text; None when there are more than MAX_STATES states, or thresholds are irrational.

    All texts are exact when the path was found in rationals and MAX_EXACT_DIGITS hold them. Otherwise a
    value is exact within WIDTH characters, and else rounded half to even to DIGITS significant digits.
    """
    if len(path) * path.problem.d > MAX_STATES or not path.problem.is_rational:
        return None
    exact = path.decisions is None and _exact_size(path) <= MAX_EXACT_DIGITS
    write = _rationals(to_text if exact else _short) if path.decisions is None else _balls(path)
    plateaus = tuple(map(write, steps(path)))
    problem = path.problem
    lower, upper = (tuple(map(str, side)) for side in (problem.lower, problem.upper))
    return Timeline(problem.names, lower, upper, plateaus, exact, _end(path))


Writer = Callable[[Step], Plateau]


def _numbers(saddle: Saddle) -> Iterable[fmpq]:
    return chain(
        (saddle.time, saddle.loss_value), saddle.beta_vector, saddle.dual_vector, saddle.gradient_vector
    )


def _exact_size(path: SaddlePath) -> int:
    size = 0
    for saddle in path:
        size += sum(map(exact_digits, _numbers(saddle)))
        if size > MAX_EXACT_DIGITS:
            break
    return size


def _short(value: fmpq) -> str:
    return exact_or_decimal(value, DIGITS, WIDTH)[0]


def _rationals(text: Callable[[fmpq], str]) -> Writer:
    def write(step: Step) -> Plateau:
        saddle = step.saddle
        return Plateau(
            jump_time=text(saddle.time),
            beta={i: text(saddle.beta_vector[i]) for i in saddle.support},
            duals=tuple(map(text, saddle.dual_vector)),
            slopes=tuple(text(-g) for g in saddle.gradient_vector),
            loss=text(saddle.loss_value),
            entered=step.entered,
            left=step.left,
        )

    return write


def _balls(path: SaddlePath) -> Writer:
    """Numbers known by balls, sharpened until they round; a slope is the dual's change over its plateau."""
    d = path.problem.d
    standstill = path.complete and "inf" not in (*path.problem.lower, *path.problem.upper)

    @cache
    def dual(k: int, digits: int) -> tuple[arb, ...]:
        return path[k].dual_ball(digits)

    def dual_of(k: int, i: int, digits: int) -> arb:
        return dual(k, digits)[i]

    @cache
    def wait(k: int, digits: int) -> arb:
        return path[k + 1].jump_time_ball(digits) - path[k].jump_time_ball(digits)

    def slope(k: int, i: int, digits: int) -> arb:
        lost = 0  # what the difference of two near times, and the division by it, cost
        while not wait(k, digits + lost) > arb(10) ** -lost:
            lost += 8
        sharp = digits + 2 * lost
        return (dual(k + 1, sharp)[i] - dual(k, sharp)[i]) / wait(k, sharp)

    def moving(saddle: Saddle, i: int) -> str:
        return _told(partial(slope, saddle.index, i), lambda i: -saddle.gradient_vector[i], i)

    def slopes(saddle: Saddle) -> Iterable[str]:
        k = saddle.index
        if k + 1 < len(path):
            at_rest = saddle.still.union(saddle.support)  # slope 0, proved: no need for the exact gradient
            return ("0" if i in at_rest else moving(saddle, i) for i in range(d))
        if standstill:  # nothing can hit, so nothing moves: no need for the exact gradient
            return ("0" for _ in range(d))
        return (to_decimal(-g, DIGITS) for g in saddle.gradient_vector)

    def duals(saddle: Saddle) -> Iterable[str]:
        for i in range(d):
            side = saddle.signs[i]
            threshold = path.problem.threshold(i, side) if side else None
            if threshold is not None:
                yield to_decimal(threshold * side, DIGITS)
            else:
                yield _told(partial(dual_of, saddle.index, i), lambda i: saddle.dual_vector[i], i)

    def write(step: Step) -> Plateau:
        saddle = step.saddle
        return Plateau(
            jump_time=saddle.jump_time_text(DIGITS),
            beta={i: saddle.beta_text(i, DIGITS) for i in saddle.support},
            duals=tuple(duals(saddle)),
            slopes=tuple(slopes(saddle)),
            loss=saddle.loss_text(DIGITS),
            entered=step.entered,
            left=step.left,
        )

    return write


def _told(enclose: Callable[[int], arb], exactly: Callable[[int], fmpq], i: int) -> str:
    """The decimal of a number known by balls; one that 40 digits do not tell from 0 is computed over Q."""
    if not enclose(40).contains(0):
        return decimal_of(enclose, DIGITS)
    value = exactly(i)
    return decimal_of(lambda digits: arb(value), DIGITS)


def _end(path: SaddlePath) -> str:
    """A decimal a fifth beyond the last jump, before the horizon of a prefix; 1 when nothing jumps."""
    last = path[-1]
    if len(path) == 1 and path.complete:
        return "1"

    def stretch(digits: int) -> arb:
        part = last.jump_time_ball(digits) / 5 if len(path) > 1 else arb(1)
        return part if path.complete else part.min(_plateau_length(last, digits) / 2)

    def aim(digits: int) -> arb:
        return last.jump_time_ball(digits) + stretch(digits)

    with workprec(bits_of(40)):
        low, high = last.jump_time_ball(40).upper(), (aim(40) + stretch(40) / 2).lower()
        bounds = [fmpq(end.fmpq()) for end in (low, high)]
    texts = (decimal_of(aim, digits) for digits in (3, 6, 12, 24))
    return next(text for text in texts if bounds[0] < parse_rational(text) < bounds[1])


def _plateau_length(saddle: Saddle, digits: int) -> arb:
    """How long until the hit that ends the plateau of a saddle that is not the last of its path."""
    i, side = next(iter(saddle.hits.items()))
    threshold = saddle.problem.threshold(i, side)
    if threshold is None:
        raise ProofFailed(f"coordinate {i} hits a threshold it does not have")
    room = arb(threshold) - side * saddle.dual_ball(digits)[i]
    return room / arb(abs(saddle.gradient_vector[i]))
