"""The numbers of a path as balls, and comparisons of them: proved, violated or left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property

from flint import arb, arb_mat

from exactsaddle.base import Status, Verdict
from exactsaddle.numbers import to_rational
from exactsaddle.path import Saddle, SaddlePath, bits_of

UNASKED = Verdict("path", Status.UNCHECKED, "nobody asked a checker")


class Violated(Exception):
    """What balls prove to be false; the message is the witness."""


class Balls:
    """The numbers of a path to some digits, and what was compared: the largest difference, what is open."""

    def __init__(
        self, path: SaddlePath, digits: int, checker: Callable[[], Verdict] = lambda: UNASKED
    ) -> None:
        self.path, self.problem, self.digits = path, path.problem, digits
        self.checker = checker
        """What the independent checker says of the certificate of the path's events."""
        self.bits = 2 * bits_of(digits) + 64
        self.largest = arb(0)
        self.open: str | None = None
        self._fits: dict[int, arb_mat] = {}
        self._gradients: dict[int, Sequence[arb]] = {}
        self._independent: dict[tuple[int, ...], bool] = {}

    @property
    def names(self) -> Sequence[str]:
        """Those of the columns."""
        return self.problem.names

    # --- numbers -------------------------------------------------------------------------------

    @cached_property
    def design(self) -> arb_mat:
        """X."""
        return arb_mat([list(map(_ball, row)) for row in self.problem.X])

    @cached_property
    def _transposed(self) -> arb_mat:
        return self.design.transpose()

    @cached_property
    def _rows(self) -> list[list[arb]]:
        rows: list[list[arb]] = self._transposed.tolist()
        return rows

    @cached_property
    def target(self) -> arb_mat:
        """y, a column."""
        return arb_mat([[_ball(value)] for value in self.problem.y])

    def time(self, saddle: Saddle) -> arb:
        """t_k."""
        return saddle.jump_time_ball(self.digits)

    def beta(self, saddle: Saddle) -> tuple[arb, ...]:
        """β_k."""
        return saddle.beta_ball(self.digits)

    def dual(self, saddle: Saddle) -> tuple[arb, ...]:
        """s_k."""
        return saddle.dual_ball(self.digits)

    def fitted(self, saddle: Saddle) -> arb_mat:
        """Xβ_k, a column."""
        k = saddle.index
        if k not in self._fits:
            self._fits[k] = self.design * arb_mat([[b] for b in self.beta(saddle)])
        return self._fits[k]

    def residual(self, saddle: Saddle) -> arb_mat:
        """y − Xβ_k, a column."""
        return self.target - self.fitted(saddle)

    def gradient(self, saddle: Saddle) -> Sequence[arb]:
        """Xᵀ(Xβ_k − y)/n."""
        k = saddle.index
        if k not in self._gradients:
            self._gradients[k] = [-value for value in self.pulled(self.residual(saddle))]
        return self._gradients[k]

    def pulled(self, column: arb_mat) -> list[arb]:
        """Xᵀz/n."""
        return [value / self.problem.n for value in (self._transposed * column).entries()]

    def loss(self, saddle: Saddle) -> arb:
        """‖y − Xβ_k‖²/2n."""
        return sum((r * r for r in self.residual(saddle).entries()), arb(0)) / (2 * self.problem.n)

    def independent(self, saddle: Saddle) -> bool:
        """Whether the columns of the support are proved independent: their Gram determinant is not 0."""
        support = saddle.support
        if support and support not in self._independent:
            columns = arb_mat([self._rows[i] for i in support])
            self._independent[support] = bool((columns * columns.transpose()).det() != 0)
        return self._independent.get(support, True)

    def fits(self, saddle: Saddle) -> bool:
        """Whether the support is proved to be n independent columns, which leave no residual."""
        return len(saddle.support) == self.problem.n and self.independent(saddle)

    # --- comparisons ---------------------------------------------------------------------------

    def equal(self, left: arb, right: arb | int, what: str) -> None:
        """Enclose an equality; raises Violated where the balls are apart."""
        difference = abs(left - right)
        if difference > 0:
            raise Violated(f"{what}: a difference of at least {difference.lower().str(3, radius=False)}")
        self.told(bool(difference.is_finite()), what)
        self.largest = max(self.largest, difference.upper())

    def positive(self, value: arb, what: str) -> None:
        """Prove an inequality, or leave it open; raises Violated where it is false."""
        if value <= 0:
            raise Violated(f"{what}: {value.str(6)} is not positive")
        self.told(bool(value > 0), what)

    def told(self, yes: bool, what: str) -> None:
        """Something that balls prove or leave open."""
        if not yes and self.open is None:
            self.open = what


def _ball(value: Fraction) -> arb:
    return arb(to_rational(value))
