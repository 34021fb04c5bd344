"""The states of a path as texts, for the slider of the HTML report."""

from __future__ import annotations

from flint import arb, ctx, fmpq

from exactsaddle.path import SaddlePath
from exactsaddle.rational import to_decimal
from exactsaddle.report.document import Plateau, Timeline
from exactsaddle.report.numbers import exact_or_decimal
from exactsaddle.saddle import Saddle, bits_of

MAX_STATES = 60_000
"""The most saddles times coordinates whose states go into a page."""
WIDTH = 24
"""The most characters of an exact value there."""
DIGITS = 12


def timeline(path: SaddlePath) -> Timeline | None:
    """Every plateau as text; None when there are more than MAX_STATES states."""
    if len(path) * path.problem.d > MAX_STATES:
        return None
    writer = _Exact() if path.decisions is None else _Rounded(path)
    events = [(path[0].support, ()), *((jump.entered, jump.left) for jump in path.events)]
    plateaus = tuple(
        Plateau(
            jump_time=writer.time(saddle),
            beta=writer.beta(saddle),
            duals=writer.duals(saddle),
            slopes=writer.slopes(saddle),
            loss=writer.loss(saddle),
            entered=tuple(entered),
            left=tuple(left),
        )
        for saddle, (entered, left) in zip(path, events, strict=True)
    )
    problem = path.problem
    return Timeline(
        problem.names,
        tuple(map(str, problem.lower)),
        tuple(map(str, problem.upper)),
        plateaus,
        writer.exact,
        _end(path),
    )


def _end(path: SaddlePath) -> str:
    """A decimal a little beyond the last jump; 1 when nothing jumps."""
    middle = fmpq(path[-1].jump_time_ball(17).mid().fmpq())
    return "1" if middle == 0 else to_decimal(middle * fmpq(6, 5), 3)


class _Exact:
    """Numbers of a rational path; ``exact`` until one of them was too long."""

    exact = True

    def text(self, value: fmpq) -> str:
        text, exact = exact_or_decimal(value, DIGITS, WIDTH)
        self.exact &= exact
        return text

    def time(self, saddle: Saddle) -> str:
        return self.text(saddle.time)

    def loss(self, saddle: Saddle) -> str:
        return self.text(saddle.loss_value)

    def beta(self, saddle: Saddle) -> dict[int, str]:
        return {i: self.text(saddle.beta_vector[i]) for i in saddle.support}

    def duals(self, saddle: Saddle) -> tuple[str, ...]:
        return tuple(map(self.text, saddle.dual_vector))

    def slopes(self, saddle: Saddle) -> tuple[str, ...]:
        return tuple(self.text(-g) for g in saddle.gradient_vector)


class _Rounded:
    """Numbers of a path found by balls, rounded; a slope is the dual's change over the plateau."""

    exact = False

    def __init__(self, path: SaddlePath) -> None:
        self._duals = [saddle.dual_ball(2 * DIGITS) for saddle in path]
        self._times = [saddle.jump_time_ball(2 * DIGITS) for saddle in path]
        self._path = path

    def time(self, saddle: Saddle) -> str:
        return saddle.jump_time_text(DIGITS)

    def loss(self, saddle: Saddle) -> str:
        return saddle.loss_text(DIGITS)

    def beta(self, saddle: Saddle) -> dict[int, str]:
        return {i: saddle.beta_text(i, DIGITS) for i in saddle.support}

    def duals(self, saddle: Saddle) -> tuple[str, ...]:
        return tuple(_middle(value) for value in self._duals[saddle.index])

    def slopes(self, saddle: Saddle) -> tuple[str, ...]:
        k = saddle.index
        if k + 1 < len(self._path):
            with ctx.workprec(bits_of(2 * DIGITS) + 64):
                wait = self._times[k + 1] - self._times[k]
                pairs = zip(self._duals[k], self._duals[k + 1], strict=True)
                return tuple(_middle((after - before) / wait) for before, after in pairs)
        problem = self._path.problem
        if self._path.complete and "inf" not in (*problem.lower, *problem.upper):
            return ("0",) * problem.d  # nothing can hit, so nothing moves: no need for the exact gradient
        return tuple(to_decimal(-g, DIGITS) for g in saddle.gradient_vector)


def _middle(ball: arb) -> str:
    """The middle of a ball, rounded: for a slider, which computes in floats."""
    return to_decimal(fmpq(ball.mid().fmpq()), DIGITS)
