"""An interval of times on which the average of a saddle path is a Lasso solution, or is not one."""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb

from exactsaddle.base import workprec
from exactsaddle.lasso.integral import BallIntegral, ExactIntegral, Moment
from exactsaddle.numbers import Exact, decimal_of, decimals, enclose, to_exact, to_number
from exactsaddle.path import SaddlePath, bits_of


@dataclass(frozen=True)
class Stretch:
    """A maximal interval of times t > 0 on which the average is a Lasso solution, or is not one.

    end is None when the interval is unbounded; ``closed_start`` and ``closed_end`` say whether the
    ends belong to it. All times are accelerated, sums of roots where thresholds are roots.
    """

    start: Exact
    end: Exact | None
    closed_start: bool
    closed_end: bool
    holds: bool

    @property
    def is_exact(self) -> bool:
        """Whether its ends are at hand exactly; else as balls, and exactly on demand."""
        return True

    @property
    def is_point(self) -> bool:
        """Whether it is a single time."""
        return self.start == self.end

    @property
    def is_unbounded(self) -> bool:
        """Whether it goes on forever."""
        return self.end is None

    def start_ball(self, digits: int = 30) -> arb:
        """The start within 10^−digits of itself."""
        with workprec(bits_of(digits) + 16):
            return enclose(to_number(self.start))

    def end_ball(self, digits: int = 30) -> arb | None:
        """The end within 10^−digits of itself; None where it is unbounded."""
        with workprec(bits_of(digits) + 16):
            return None if self.end is None else enclose(to_number(self.end))

    def start_text(self, digits: int) -> str:
        """The start rounded to that many significant digits."""
        return decimals(to_number(self.start), digits)

    def end_text(self, digits: int) -> str:
        """The end likewise; ∞ where it is unbounded."""
        return "∞" if self.end is None else decimals(to_number(self.end), digits)

    @property
    def floats(self) -> tuple[float, float]:
        """Both ends in binary64, rounded; an end that is unbounded is inf."""
        return float(self.start), float("inf") if self.end is None else float(self.end)

    def __str__(self) -> str:
        return self._interval(str(self.start), "∞" if self.end is None else str(self.end))

    def _interval(self, start: str, end: str) -> str:
        if self.is_point:
            return f"{{{start}}}"
        return f"{'[' if self.closed_start else '('}{start}, {end}{']' if self.closed_end else ')'}"


class BallStretch(Stretch):
    """A stretch of a path found by bounds: which jumps and zeros it lies between is proved.

    Its ends come as balls to any digits; exact numbers, which are long, wait until they are asked for.
    """

    _path: SaddlePath
    _from: Moment
    _to: Moment | None

    def __init__(
        self,
        path: SaddlePath,
        start: Moment,
        end: Moment | None,
        closed_start: bool,
        closed_end: bool,
        holds: bool,
    ) -> None:
        self.__dict__.update(
            _path=path, _from=start, _to=end, closed_start=closed_start, closed_end=closed_end, holds=holds
        )

    def __reduce__(self) -> tuple[object, ...]:
        return BallStretch, (self._path, *self._known)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BallStretch):
            return NotImplemented
        return (self._path, self._known) == (other._path, other._known)

    def __hash__(self) -> int:
        return hash((self._path, self._known))

    def __repr__(self) -> str:
        return f"BallStretch({self}, holds = {self.holds})"

    def __str__(self) -> str:
        return self._interval(self.start_text(10), self.end_text(10))

    @property
    def _known(self) -> tuple[Moment, Moment | None, bool, bool, bool]:
        return self._from, self._to, self.closed_start, self.closed_end, self.holds

    @property
    def is_exact(self) -> bool:
        """Whether its ends are at hand exactly: no."""
        return False

    @property
    def is_point(self) -> bool:
        """Whether it is a single time."""
        return self._from == self._to

    @property
    def is_unbounded(self) -> bool:
        """Whether it goes on forever."""
        return self._to is None

    @property
    def start(self) -> Exact:
        """The start exactly, as the numbers of the path it comes from are."""
        return to_exact(ExactIntegral(self._path).time(self._from))

    @property
    def end(self) -> Exact | None:
        """The end exactly; None where it is unbounded."""
        return None if self._to is None else to_exact(ExactIntegral(self._path).time(self._to))

    def start_ball(self, digits: int = 30) -> arb:
        """The start within 10^−digits of itself."""
        return BallIntegral(self._path).time(self._from, digits)

    def end_ball(self, digits: int = 30) -> arb | None:
        """The end within 10^−digits of itself; None where it is unbounded."""
        return None if self._to is None else BallIntegral(self._path).time(self._to, digits)

    def start_text(self, digits: int) -> str:
        """The start rounded to that many significant digits."""
        return "0" if self._from == Moment(0) else decimal_of(self.start_ball, digits)

    def end_text(self, digits: int) -> str:
        """The end likewise; ∞ where it is unbounded."""
        moment = self._to
        if moment is None:
            return "∞"
        integral = BallIntegral(self._path)
        return decimal_of(lambda more: integral.time(moment, more), digits)

    @property
    def floats(self) -> tuple[float, float]:
        """Both ends in binary64: their 17 digits, the same on every processor."""
        return float(self.start_text(17)), float("inf") if self._to is None else float(self.end_text(17))
