"""A certificate and its verdict; where intervals leave the events of a path open, exact numbers decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from exactsaddle.base import Inconclusive, Status, Verdict
from exactsaddle.certificates.checkers import EXACT_CHECKER, INTERVAL_CHECKER, run_checker
from exactsaddle.certificates.outline import EXACT_WORK, MAX_BITS, Form, Outline, exact_work
from exactsaddle.certificates.path import Certificate
from exactsaddle.path import SaddlePath


def verdict_on(certificate: Certificate | Outline, text: str, max_bits: int = MAX_BITS) -> Verdict:
    """What the independent checker of such a certificate says of its text, in a process of its own."""
    if isinstance(certificate, Outline):
        return run_checker(text, checker=INTERVAL_CHECKER, options=("--max-bits", str(max_bits)))
    return run_checker(text)


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
    check: Check = lambda certificate, max_bits: verdict_on(certificate, certificate.to_text(), max_bits),
) -> Checked:
    """The verdict on the certificate of a path, or on an exact one in place of events left unchecked.

    Events closer than any interval can tell are left unchecked. In form auto those of a path that is
    complete, or that a stop ends, are followed by the exact certificate, where ``exact_work`` is within
    EXACT_WORK; its verdict, unless it is unchecked too, is the one returned. The evidence says which
    certificate it is about, and why the other decided nothing.
    """
    ends = path.complete or path.stop is not None
    replaceable = form == "auto" and isinstance(certificate, Outline) and ends and path.problem.is_rational
    verdict = check(certificate, MAX_BITS)
    if not replaceable or verdict.status is not Status.UNCHECKED:
        return Checked(certificate, verdict)
    work = exact_work(path)
    if work > EXACT_WORK:
        reason = f"about {work:,} word operations, more than {EXACT_WORK:,}: ask for --certificate exact"
        return Checked(certificate, _because(verdict, f"no exact certificate was tried: {reason}"))
    try:
        exact = path.certificate()
    except Inconclusive as error:
        return Checked(certificate, _because(verdict, f"no exact certificate: {error}"))
    decided = check(exact, MAX_BITS)
    if decided.status is Status.UNCHECKED:
        return Checked(certificate, _because(verdict, f"the exact certificate: {decided.evidence}"))
    return Checked(
        exact, _because(decided, f"the exact certificate, as that of events is unchecked: {verdict.evidence}")
    )


def _because(verdict: Verdict, more: str) -> Verdict:
    return replace(verdict, evidence=f"{verdict.evidence}; {more}")
