"""All jumps of a path at once: orbits, offsets D_k and corrections c where no closed form holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from flint import arb

from exactsaddle.base import Inconclusive, workprec
from exactsaddle.convergence.expansion import JumpCorrection, enclosed_offset, ending, offset
from exactsaddle.convergence.hypotheses import FailedHypothesis, require_orbits
from exactsaddle.convergence.memory import Memory, Remembering
from exactsaddle.convergence.orbits import DIGITS, MAX_STEPS, Transition, initial_transition, transition
from exactsaddle.minimisers import has_independent_columns
from exactsaddle.numbers import Carried
from exactsaddle.path import SaddlePath
from exactsaddle.path.descent import WeightPath

ENCLOSED_BITS = 256
"""Precision at which a ball of D becomes one of c."""


@dataclass(frozen=True, eq=False)
class NumericalOffset(Carried):
    """D_k as d numbers, good to about ``digits`` digits but not proved; None when refused by name.

    enclosed: they are balls that contain it.
    """

    values: tuple[arb, ...] | None
    failed: tuple[FailedHypothesis, ...]
    enclosed: bool = False


@dataclass(frozen=True, eq=False)
class Correction(Carried):
    """c of one hitting coordinate: in closed form, or a number, or refused.

    The number is a ball that contains c if ``enclosed``, else by orbit integrals, which prove nothing.
    exact.failed says why there is no closed form; failed why there is no number either.
    """

    exact: JumpCorrection
    numerical: arb | None
    failed: tuple[FailedHypothesis, ...]
    enclosed: bool = False

    @property
    def proved(self) -> bool:
        """Whether c is known in closed form or in a ball."""
        return self.enclosed or self.exact.closed_form is not None

    def value(self, bits: int) -> arb | None:
        """c: a rigorous ball where it is ``proved``, or else the orbit integral as a point."""
        return self.numerical if self.exact.closed_form is None else self.exact.closed_form.ball(bits)


def numerical_offsets(
    path: SaddlePath, *, last: int | None = None, digits: int = DIGITS, max_steps: int = MAX_STEPS
) -> tuple[NumericalOffset, ...]:
    """D_0, …, D_last, of all by default: in balls (``memory``), or by an orbit integral from the one before.

    Without exponential orbits, and with decay, there is no integral: the hypotheses that fail are those of
    the closed form.
    """
    offsets = _offsets(path, digits, max_steps)
    return tuple(islice(offsets, None if last is None else last + 1))


def _offsets(
    path: SaddlePath, digits: int, max_steps: int, integrals: bool = True
) -> Iterator[NumericalOffset]:
    """D_0, D_1, …, each computed when it is asked for: by what is remembered, or else from the one before."""
    link = path.problem.network.link(path.problem.d)
    exponential = link.exponential_orbits and not isinstance(path, WeightPath)
    remembering, memory = Remembering(path, digits, max_steps), None
    before = NumericalOffset(None, ())
    for k in range(len(path)):
        memory = _remembered(remembering, memory, k, orbits=integrals) if exponential else None
        if memory is not None:
            before = NumericalOffset(remembering.offset(memory), (), enclosed=True)
        else:
            before = _offset(path, k, before, digits, max_steps, followed=integrals and exponential)
        yield before


def _offset(
    path: SaddlePath, k: int, before: NumericalOffset, digits: int, max_steps: int, *, followed: bool
) -> NumericalOffset:
    """D_k: in closed form, by the limit in balls, or by an orbit from D_{k−1} where orbits are followed."""
    closed = offset(path, k)
    if closed.closed_form is not None:
        bits = int(3.33 * digits) + 60
        return NumericalOffset(tuple(value.ball(bits).mid() for value in closed.closed_form), ())
    if (balls := enclosed_offset(path, k, 2 * digits)) is not None:
        return NumericalOffset(balls, (), enclosed=True)
    if not followed:
        return NumericalOffset(None, closed.failed)
    jump: Transition | None = None
    if k == 0:
        jump = initial_transition(path[0], digits=digits, max_steps=max_steps)
    elif before.values is not None:
        jump = transition(path[k - 1], path[k], before.values, digits=digits, max_steps=max_steps)
    if jump is not None and jump.offset is not None:
        return NumericalOffset(jump.offset, ())
    inherited = jump.failed if jump else before.failed
    return NumericalOffset(None, inherited or closed.failed)


def _remembered(remembering: Remembering, memory: Memory | None, k: int, *, orbits: bool) -> Memory | None:
    """ζ_k: from its closed form, where there is one, or from ζ_{k−1}; None where it is not enclosed."""
    try:
        begun = remembering.beginning(k)
        return begun if begun is not None or memory is None else remembering.after(memory, k, orbits=orbits)
    except Inconclusive:
        return None


def corrections(
    path: SaddlePath,
    *,
    plateaus: Iterable[int] | None = None,
    digits: int = DIGITS,
    max_steps: int = MAX_STEPS,
    integrals: bool = True,
) -> tuple[Correction, ...]:
    """One per jump and hitting coordinate, in order: closed form, ball, orbit integral or refusal.

    plateaus are those whose ends are looked at, by default all. integrals=False follows no orbit.
    """
    every = each_jump(path, plateaus=plateaus, digits=digits, max_steps=max_steps, integrals=integrals)
    return tuple(correction for jump in every for correction in jump)


def orbit_work(path: SaddlePath, last: int) -> int:
    """Σ n·(columns on thresholds)² over the orbits that D_k, k ≤ last, takes: no closed form is thought of.

    Those at whose end some coordinate on a threshold does not carry the saddle; each after the first where
    columns on thresholds are dependent, from where on nothing is remembered.
    """
    work, forgotten = 0, False
    for saddle in path[1 : last + 1]:
        forgotten = forgotten or not has_independent_columns(saddle)
        if forgotten or saddle.active_set != saddle.support:
            work += path.problem.n * len(saddle.active_set) ** 2
    return work


def each_jump(
    path: SaddlePath,
    *,
    plateaus: Iterable[int] | None = None,
    digits: int = DIGITS,
    max_steps: int = MAX_STEPS,
    integrals: bool = True,
) -> Iterator[tuple[Correction, ...]]:
    """The same, saddle by saddle: those of the jump that ends its plateau, computed when asked for.

    Orbits are followed up to the last of these plateaus whose end has no closed form, and no further.
    """
    offsets = _offsets(path, digits, max_steps, integrals)
    known: list[NumericalOffset] = []
    for k in range(len(path)) if plateaus is None else sorted(set(plateaus)):
        exact = ending(path, path[k])
        if any(correction.closed_form is None for correction in exact):
            known.extend(islice(offsets, k + 1 - len(known)))
        yield tuple(_filled(path, correction, known) for correction in exact)


def _filled(path: SaddlePath, exact: JumpCorrection, offsets: Sequence[NumericalOffset]) -> Correction:
    if exact.closed_form is not None:
        return Correction(exact, None, ())
    k = exact.jump - 1
    values = offsets[k].values
    if values is None:
        return Correction(exact, None, offsets[k].failed)
    value, slope = values[exact.coordinate], path[k].gradient_vector[exact.coordinate]
    if offsets[k].enclosed:
        with workprec(ENCLOSED_BITS):
            return Correction(exact, value / arb(slope), (), enclosed=True)
    return Correction(exact, (value / arb(slope)).mid(), ())


def transitions(
    path: SaddlePath, *, digits: int = DIGITS, max_steps: int = MAX_STEPS
) -> tuple[Transition, ...]:
    """Every jump as orbits, seeds as the offset before it fixes them; t = 0 too if s_0 is on a threshold."""
    require_orbits(path.problem)
    offsets = numerical_offsets(path, digits=digits, max_steps=max_steps)
    first = initial_transition(path[0], digits=digits, max_steps=max_steps)
    later = tuple(
        transition(before, after, known.values, digits=digits, max_steps=max_steps)
        for before, after, known in zip(path, path[1:], offsets, strict=False)
    )
    return later if first is None else (first, *later)
