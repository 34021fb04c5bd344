"""A certificate and its verdict; where intervals leave the events of a path open, exact numbers decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from exactsaddle.base import Inconclusive, Status, Verdict
from exactsaddle.certificates.outline import MAX_BITS, Form, Outline
from exactsaddle.certificates.path import EXACT_CHECKER, INTERVAL_CHECKER, Certificate
from exactsaddle.path import SaddlePath

EXACT_WORK = 2 * 10**10
"""The most word operations, by ``exact_work``, that an exact certificate may cost where events are open."""


Check = Callable[[Certificate | Outline, int], Verdict]
"""The verdict on a certificate by a checker that gives up on events at so many bits."""


@dataclass(frozen=True)
class Checked:
    """A certificate, and what its independent checker says of it."""

    certificate: Certificate | Outline
    verdict: Verdict

    @property
    def checker(self) -> str:
        """The program that decided it."""
        return EXACT_CHECKER if isinstance(self.certificate, Certificate) else INTERVAL_CHECKER


def checked(
    path: SaddlePath,
    certificate: Certificate | Outline,
    form: Form = "auto",
    check: Check = lambda certificate, max_bits: (
        certificate.check(max_bits=max_bits) if isinstance(certificate, Outline) else certificate.check()
    ),
) -> Checked:
    """The verdict on the certificate of a path, or on an exact one in place of events left unchecked.

    Intervals prove no equality and stall on columns close to dependent. So in form auto the events of a
    complete path that are left unchecked are followed by the exact certificate, where ``exact_work`` is
    within EXACT_WORK; its verdict, unless it is unchecked too, is the one returned. The intervals then give
    up at twice the precision they are said to need. The evidence says which certificate it is about, and why
    the other decided nothing.
    """
    replaceable = (
        form == "auto" and isinstance(certificate, Outline) and path.complete and path.problem.is_rational
    )
    work = exact_work(path) if replaceable else 0
    affordable = replaceable and work <= EXACT_WORK
    limit = 2 * certificate.bits if affordable and isinstance(certificate, Outline) else MAX_BITS
    verdict = check(certificate, min(limit, MAX_BITS))
    if not replaceable or verdict.status is not Status.UNCHECKED:
        return Checked(certificate, verdict)
    if not affordable:
        reason = f"about {work:,} word operations, more than {EXACT_WORK:,}: ask for --certificate exact"
        return Checked(certificate, _because(verdict, f"no exact certificate was tried: {reason}"))
    try:
        exact = path.certificate()
    except Inconclusive as error:
        return Checked(certificate, _because(check(certificate, MAX_BITS), f"no exact certificate: {error}"))
    decided = check(exact, MAX_BITS)
    if decided.status is Status.UNCHECKED:
        return Checked(certificate, _because(verdict, f"the exact certificate: {decided.evidence}"))
    return Checked(
        exact, _because(decided, f"the exact certificate, as that of events is unchecked: {verdict.evidence}")
    )


def exact_work(path: SaddlePath) -> int:
    """Roughly how many products of 32-bit words an exact certificate takes, from the combinatorics alone.

    By Cramer's rule a least squares solution on m columns has about m(2b + log₂ n) bits, for X of b bits;
    the dual gathers one such denominator a saddle; X meets the dual once a saddle.
    """
    n, d = path.problem.shape
    b = path.problem.design_matrix.bits
    bits = work = 0
    for saddle in path:
        bits += len(saddle.support) * (2 * b + n.bit_length())
        work += n * d * (b // 32 + 1) * (bits // 32 + 2)
    return work


def _because(verdict: Verdict, more: str) -> Verdict:
    return replace(verdict, evidence=f"{verdict.evidence}; {more}")
