"""Everything a report shows of one path, frozen."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from exactsaddle.base import Status, Verdict
from exactsaddle.certificates import (
    DIGITS,
    STOP,
    Certificate,
    Outline,
    StoredCertificate,
    certificate_of,
    checked,
    verdict_on,
)
from exactsaddle.convergence import Convergence, Resolution
from exactsaddle.lasso import LassoPath, Stretch
from exactsaddle.minimisers import Extremes, GeneralPosition, Selection
from exactsaddle.numbers import Carried
from exactsaddle.path import CertainEvents, Saddle, SaddlePath
from exactsaddle.problem import Problem
from exactsaddle.report.drawing import Drawing
from exactsaddle.report.findings.budgets import Absent, Budgets


@dataclass(frozen=True)
class Certified:
    """The certificate as text, the independent program that decides it, and its verdict."""

    text: str
    checker: str
    verdict: Verdict

    @property
    def claims(self) -> tuple[str, ...]:
        """The names of the claims that the certificate makes."""
        return tuple(json.loads(self.text)["claims"])

    @property
    def stopped(self) -> bool:
        """Whether the certificate states a stop: verified is then said of the path up to it."""
        return STOP in self.claims

    @classmethod
    def of(cls, path: SaddlePath) -> Certified:
        """The certificate of a path, with uniqueness where it states numbers, checked."""
        return cls.beginning(path)()

    @classmethod
    def beginning(cls, path: SaddlePath) -> Callable[[], Certified]:
        """``of``, with the checker at work, in a process of its own, until the call that waits for it."""
        certificate = certificate_of(path, uniqueness=path.decisions is None, digits=DIGITS)
        text = certificate.to_text()
        waiting = ThreadPoolExecutor(1)
        verdict = waiting.submit(verdict_on, certificate, text)
        waiting.shutdown(wait=False)

        def check(tried: Certificate | Outline, max_bits: int) -> Verdict:
            return verdict.result() if tried is certificate else verdict_on(tried, tried.to_text(), max_bits)

        def ended() -> Certified:
            decided = checked(path, certificate, check=check)
            said = text if decided.certificate is certificate else decided.certificate.to_text()
            return cls(said, decided.checker, decided.verdict)

        return ended

    @classmethod
    def stored(cls, certificate: StoredCertificate) -> Certified:
        """A certificate that was found in a file."""
        return cls(certificate.text, certificate.checker, certificate.verdict)


@dataclass(frozen=True, eq=False)
class MinimisersHere(Carried):
    """The minimisers at one saddle: unique, decided exactly, or None where it was not decided.

    Where β_k is the only one, dimension is 0, and there is nothing to describe or to choose.
    """

    saddle: Saddle
    unique: bool | None
    dimension: int | Absent
    bounded: bool
    extremes: Extremes | Absent
    selection: Selection | Absent


@dataclass(frozen=True)
class Judged:
    """A statement and what came of checking it on this path; source says whose statement it is."""

    name: str
    statement: str
    source: str
    verdict: Verdict


@dataclass(frozen=True)
class Examined:
    """Properties judged on this path, and the names of the others with why they were not."""

    judged: tuple[Judged, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Findings(Carried):
    """Everything a report shows. Made by ``find``; a part is Absent, with its reason, or complete."""

    path: SaddlePath
    """What the report shows: the path of the certificate, or its part above the resolution of the data."""
    beyond: int
    """How many saddles of the certificate fit no more than the rounding of the data, and are not shown."""
    certified: Certified
    minimisers: tuple[MinimisersHere, ...]
    position: GeneralPosition | Absent
    minimum_l1: Saddle | Absent
    """The last saddle where it minimises the ℓ₁ norm over argmin L, as the certificate then proves."""
    alphas: tuple[Fraction, ...]
    convergence: Convergence | Absent
    not_enclosed: tuple[tuple[Fraction, str], ...]
    """α at which the flow was not enclosed, largest first, and why."""
    orbits_left_out: Absent | None
    """Why no orbit was followed for the corrections without a closed form; None where there is no need."""
    resolution: Resolution | Absent
    lasso: LassoPath | Absent
    agreement: tuple[Stretch, ...] | Absent
    examined: Examined | Absent
    claims: tuple[Judged, ...] | Absent
    certain: CertainEvents | Absent
    """Which events of what is shown all data within the resolution share."""
    drawing: Drawing | Absent
    drawable: Absent | None
    """Why there can be no pictures, None when there can."""
    budgets: Budgets

    @property
    def problem(self) -> Problem:
        """The problem."""
        return self.path.problem

    @property
    def selected(self) -> dict[int, tuple[arb, ...]] | None:
        """What the flow selects at each saddle with several minimisers; None where that is not known."""
        open_ones = [here for here in self.minimisers if here.unique is not True]
        found = {
            here.saddle.index: here.selection.balls
            for here in open_ones
            if isinstance(here.selection, Selection)
        }
        return found if len(found) == len(open_ones) else None

    @property
    def verdict(self) -> Verdict:
        """The checker's; rejected where a statement about every exact path is false of this one."""
        judged = self.examined.judged if isinstance(self.examined, Examined) else ()
        claims = self.claims if isinstance(self.claims, tuple) else ()
        false = [entry for entry in (*judged, *claims) if entry.verdict.status is Status.REJECTED]
        if not false:
            return self.certified.verdict
        return Verdict("report", Status.REJECTED, f"{false[0].name} is false: {false[0].verdict.evidence}")
