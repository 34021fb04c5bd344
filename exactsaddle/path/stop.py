"""Rules by which a path stops before its end: at a time, a loss, a number of saddles, the rounding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from exactsaddle.base import InvalidInput
from exactsaddle.numbers import parse_rational, shorten, to_fraction, to_rational
from exactsaddle.path.rounding import is_explained
from exactsaddle.path.saddle import Saddle
from exactsaddle.problem import Problem, Resolution

Rule = Literal["rounding", "time", "loss", "saddles"]

_WRITTEN = re.compile(r"(t|loss|saddles)\s*(?:<=|≤)\s*(\S+)")
_KNOWN = "rounding, t<=10, loss<=1e-6 or saddles<=6"


@dataclass(frozen=True)
class Stop:
    """A rule, and what it is about. It holds at saddle k if

    - time: the limit rests at β_k at t = limit, t_{k+1} > limit ≥ 0;
    - loss: L(β_k) ≤ limit;
    - saddles: k + 1 ≥ limit, a positive integer;
    - rounding: |y − Xβ_k|_i ≤ δy_i + Σ_j m_j δX_ij |β_k,j| for every row i, δ being
      ``resolution`` and m_j its ``counts`` for the nonzero coefficients.

    A path with a stop ends at the first saddle where its rule holds, and its certificate claims that
    (CERTIFICATE.md, versions 3 and 4): it is verified up to there, and is not complete.
    """

    rule: Rule
    limit: Fraction = Fraction(0)
    resolution: Resolution | None = None
    """Of the rule rounding: None for that of the problem."""

    @classmethod
    def read(cls, value: Any) -> Stop:
        """A rule as people write it: "rounding", "t<=10", "loss<=1e-6", "saddles<=6"; raises InvalidInput."""
        if isinstance(value, cls):
            return value
        text = value.strip() if isinstance(value, str) else ""
        if text == "rounding":
            return cls("rounding")
        match = _WRITTEN.fullmatch(text)
        if match is None:
            raise InvalidInput(f"stop {shorten(str(value))!r} is none of {_KNOWN}")
        return cls._checked({"t": "time"}.get(match[1], match[1]), match[2])

    @classmethod
    def from_json(cls, value: Any) -> Stop:
        """The rule that a certificate states; raises InvalidInput."""
        if isinstance(value, Mapping) and len(value) == 1:
            ((rule, stated),) = value.items()
            if rule == "rounding" and isinstance(stated, Mapping) and set(stated) == {"X", "y"}:
                width = len(stated["X"]) if isinstance(stated["X"], list) else 1
                return cls("rounding", resolution=Resolution.read(stated, width))
            if rule in ("time", "loss", "saddles") and isinstance(stated, str):
                found = cls._checked(rule, stated)
                if str(found.limit) == stated:  # a certificate writes each number in one way
                    return found
        raise InvalidInput('"stop" must be an object of one field: saddles, time, loss or rounding')

    @classmethod
    def _checked(cls, rule: Any, limit: str) -> Stop:
        try:
            value = parse_rational(limit)
        except InvalidInput as error:
            raise InvalidInput(f"stop {rule}: {error}") from None
        if value < 0 or (rule == "saddles" and (value.q != 1 or value == 0)):
            wanted = "a positive integer" if rule == "saddles" else "at least 0"
            raise InvalidInput(f"stop {rule}: the limit must be {wanted}, not {shorten(limit)}")
        return cls(rule, to_fraction(value))

    def on(self, problem: Problem) -> Stop:
        """The same about this problem, whose resolution the rule rounding takes unless it has one.

        Raises InvalidInput for rounding where the data are exact.
        """
        if self.rule != "rounding" or self.resolution is not None:
            return self
        if problem.resolution.is_exact:
            raise InvalidInput(
                "stop rounding: the data are exact; say how sharply they were given (resolution)"
            )
        return replace(self, resolution=problem.resolution)

    def about(self, problem: Problem) -> Problem:
        """The problem with the resolution that the rule rounding states; the same problem for other rules."""
        return problem if self.resolution is None else problem.replace(resolution=self.resolution)

    def holds_at(self, saddle: Saddle) -> bool:
        """Whether the rule holds at a saddle: proved either way, by balls or exactly.

        Raises Inconclusive where a run by balls would need exact numbers longer than its max_bits.
        """
        if self.rule == "saddles":
            return saddle.index + 1 >= self.limit
        if self.rule == "time":
            return not saddle.is_over_by(to_rational(self.limit))
        if self.rule == "loss":
            return not saddle.loss_exceeds(to_rational(self.limit))
        return is_explained(saddle, self.resolution or saddle.problem.resolution)

    @property
    def reason(self) -> str:
        """What ended a path, for messages."""
        return "the resolution of the data" if self.rule == "rounding" else f"the rule {self}"

    def to_json(self) -> dict[str, Any]:
        """The rule as a certificate states it: an object of one field."""
        if self.resolution is not None:
            return {"rounding": self.resolution.to_json()}
        return {self.rule: str(self.limit)}

    def __str__(self) -> str:
        name = {"time": "t"}.get(self.rule, self.rule)
        return self.rule if self.rule == "rounding" else f"{name} <= {self.limit}"
