"""Certificates of events, version 2 of CERTIFICATE.md: who carries each saddle, who hits next; no numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any, Literal

from flint import fmpq, fmpz

from exactsaddle.base import InvalidInput, Verdict
from exactsaddle.certificates.checkers import INTERVAL_CHECKER, run_checker
from exactsaddle.certificates.document import Document, canonical_text, facts
from exactsaddle.certificates.path import FORMAT, STOP, Certificate
from exactsaddle.numbers import to_text
from exactsaddle.path import Saddle, SaddlePath, Stop
from exactsaddle.problem import Problem

VERSION = 2
STOPPED_VERSION = 4
"""Of events up to a stop."""
MAX_BITS = 4096
"""The most that the checker takes, and the precision it gives up at."""
NUMBERS = "numbers"
EXACT_WORK = 2 * 10**10
"""The most word operations, by ``exact_work``, that exact numbers may cost where events alone are open."""
DIGITS = 17
"""Significant digits of the numbers that commands and reports state of a path found by balls."""
CLAIMS = ("problem", "start", "cone", "stationary", "dual sign", "first hit", "end")

Form = Literal["auto", "exact", "events"]


@dataclass(frozen=True, repr=False)
class Outline(Document):
    """The events of a path, for a checker that computes every number itself in interval arithmetic.

    Its size does not depend on how long the exact numbers are. Equalities that intervals cannot prove are
    helped by what the checker verifies exactly: β where a gradient is exactly zero off the support, the
    linear dependence that forces a tie, and β of every saddle up to a tie that only the history explains.
    """

    problem: Problem
    complete: bool
    bits: int
    """The precision that the checker may begin with."""
    saddles: tuple[dict[str, Any], ...]
    inline: bool = True
    stop: Stop | None = None
    """The rule by which the path ends, None where none is stated."""

    @classmethod
    def of(cls, path: SaddlePath, digits: int = 0) -> Outline:
        """The outline of a path, its problem inline.

        With digits it also claims that time, loss, norm and coefficients of each saddle are so many decimals,
        within one unit of the last: for a checker to prove what is printed.
        """
        last = len(path) if path.complete else -1
        dependences = [_dependence(saddle) for saddle in path]
        told = _unexplained(path, dependences)
        saddles = tuple(
            {
                **events(saddle),
                **_proofs(saddle, dependence, saddle.index + 1 == last, fit=digits > 0, told=told),
                **({NUMBERS: _numbers(saddle, digits)} if digits else {}),
            }
            for saddle, dependence in zip(path, dependences, strict=True)
        )
        bits = max(72 + 10 * digits // 3, 96)  # nothing that floats, hence a processor, had a say in
        return cls(path.problem, path.complete, min(bits, MAX_BITS), saddles, stop=path.stop)

    @property
    def claims(self) -> tuple[str, ...]:
        """What is claimed of every saddle, and of the end."""
        stated = (NUMBERS,) if NUMBERS in self.saddles[0] else ()
        return (*(CLAIMS if self.complete else CLAIMS[:-1]), *stated, *((STOP,) if self.stop else ()))

    def detached(self) -> Outline:
        """The same without its problem, named by digest alone."""
        return replace(self, inline=False)

    @property
    def facts(self) -> tuple[str, ...]:
        """How many saddles by their events, whether that is all, and of which problem."""
        digest = self.problem.digest
        return facts(len(self.saddles), "saddles by their events", self.complete, digest, inline=self.inline)

    def to_text(self) -> str:
        """The document: canonical, so that the same path always gives the same bytes."""
        head = {
            "format": FORMAT,
            "version": STOPPED_VERSION if self.stop else VERSION,
            "complete": self.complete,
            "claims": self.claims,
            **({STOP: self.stop.to_json()} if self.stop else {}),
            "digest": self.problem.digest,
            "bits": self.bits,
        }
        return canonical_text(head, self.problem if self.inline else None, "saddles", self.saddles)

    def check(self, problem: Problem | None = None, max_bits: int = MAX_BITS) -> Verdict:
        """The verdict of the independent interval checker, run in a process of its own.

        max_bits is the precision at which it leaves a claim unchecked.
        """
        options = ("--max-bits", str(max_bits))
        return run_checker(self.to_text(), problem, INTERVAL_CHECKER, options=options)


def certificate_of(
    path: SaddlePath, form: Form = "auto", *, uniqueness: bool = False, digits: int = 0
) -> Certificate | Outline:
    """The certificate of a path that states exact numbers, or events with (or without) digits of the numbers.

    auto: events when the path was found by balls, whose exact numbers are long, and uniqueness is not asked
    for; numbers otherwise. Raises InvalidInput for events with uniqueness, of which they say nothing.
    """
    if form == "events" and uniqueness:
        raise InvalidInput("uniqueness needs a certificate of exact numbers: events say nothing about it")
    if form == "events" or (form == "auto" and path.decisions is not None and not uniqueness):
        return path.outline(digits)
    return path.certificate(uniqueness=uniqueness)


def events(saddle: Saddle) -> dict[str, Any]:
    """Who carries a saddle, and who hits next on which side."""
    return {
        "support": list(saddle.support),
        "hits": {str(i): side for i, side in sorted(saddle.hits.items())},
    }


def _numbers(saddle: Saddle, digits: int) -> dict[str, Any]:
    """Intervals around the decimals of that many digits."""
    return {
        "time": around(saddle.jump_time_text(digits)),
        "loss": around(saddle.loss_text(digits)),
        "norm": around(saddle.l1_norm_text(digits)),
        "beta": {str(i): around(saddle.beta_text(i, digits)) for i in saddle.support},
    }


def around(decimal: str) -> list[str]:
    """The decimal less and plus one unit of its last digit; "0" is exactly zero."""
    if decimal == "0":
        return ["0", "0"]
    mantissa, _, exponent = decimal.partition("e")
    whole, _, decimals = mantissa.partition(".")
    value, unit = fmpz(whole + decimals), _power_of_ten(int(exponent or 0) - len(decimals))
    return [to_text((value - 1) * unit), to_text((value + 1) * unit)]


@cache
def _power_of_ten(exponent: int) -> fmpq:
    return fmpq(10) ** exponent


def exact_work(path: SaddlePath, count: int | None = None) -> int:
    """Roughly how many products of 32-bit words the exact numbers of the first saddles take.

    Of all of them by default, from the combinatorics alone. By Cramer's rule a least squares solution on m
    columns has about m(2b + log₂ n) bits, for X of b bits; the dual gathers one such denominator a saddle;
    X meets the dual once a saddle.
    """
    n, d = path.problem.shape
    b = path.problem.design_matrix.bits
    bits = work = 0
    for saddle in islice(path, count):
        bits += len(saddle.support) * (2 * b + n.bit_length())
        work += n * d * (b // 32 + 1) * (bits // 32 + 2)
    return work


def _unexplained(path: SaddlePath, dependences: list[dict[str, dict[str, str]]]) -> int:
    """How many of the first saddles must state exact β, for ties that no dependence of columns explains.

    As far as that is within EXACT_WORK.
    """
    ties = [k + 1 for k, saddle in enumerate(path) if len(saddle.hits) > 1 + len(dependences[k])]
    return max((count for count in ties if exact_work(path, count) <= EXACT_WORK), default=0)


def _proofs(
    saddle: Saddle, dependence: dict[str, dict[str, str]], last: bool, *, fit: bool, told: int
) -> dict[str, Any]:
    """What helps the checker with equalities: exact β, and dependences that force a tie."""
    found: dict[str, Any] = {}
    n, d = saddle.problem.shape
    short = len(saddle.support) < n
    end = last and short and len(saddle.support) < d
    history = saddle.index < told and bool(saddle.support)
    if saddle.still or end or history or (fit and short and _is_zero(saddle)):
        found["beta"] = {str(i): to_text(saddle.beta_vector[i]) for i in saddle.support}
    if dependence:
        found["dependence"] = dependence
    return found


def _is_zero(saddle: Saddle) -> bool:
    """Whether the loss is exactly zero: an equality, which intervals do not prove."""
    return bool(saddle.loss_ball(4).is_zero())


def _dependence(saddle: Saddle) -> dict[str, dict[str, str]]:
    """For each coordinate that ties with the first of the hits: its column by those whose dual is known."""
    leader, *others = sorted(saddle.hits) or [0]
    found = {}
    for j in others:
        basis = sorted([*saddle.support, leader])
        weights = saddle.problem.design_matrix.combination(basis, j)
        if weights is not None:
            pairs = zip(basis, weights, strict=True)
            found[str(j)] = {str(i): to_text(weight) for i, weight in pairs if weight != 0}
    return found
