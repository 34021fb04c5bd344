"""What a worker does with an instance: solve, check, judge, compare, count. Deterministic but for times."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import exactsaddle
from exactsaddle.base import Inconclusive, Status, Verdict, one_at_a_time
from exactsaddle.campaign import comparisons
from exactsaddle.campaign.instances import draw_instance
from exactsaddle.campaign.spec import Spec
from exactsaddle.campaign.specfile import parse_canonical
from exactsaddle.campaign.statistics import STATISTICS
from exactsaddle.certificates import Certificate, Form, Outline, certificate_of, checked
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem
from exactsaddle.testing.properties import PROPERTIES, examine
from proofs_checks import check_path, check_path_interval

NOT_ASKED = "no check was asked for"


@dataclass(frozen=True)
class Kept:
    """A problem and its certificate as they are stored; None where there is no path."""

    problem: str
    certificate: str | None


@dataclass(frozen=True)
class Outcome:
    """One row of the result table by column, CPU seconds, and the instance whole if it must be kept."""

    row: dict[str, Any]
    seconds: float
    kept: Kept | None


@dataclass(frozen=True)
class Answer:
    """What a worker sends back, with the versions that made it."""

    versions: dict[str, str]
    outcomes: list[Outcome]


@one_at_a_time
def compute(canonical: str, instances: Iterable[int]) -> Answer:
    """The outcomes of instances of the campaign whose canonical SPEC is given."""
    spec = _spec(canonical)
    return Answer(versions(spec), [examine_instance(spec, instance) for instance in instances])


@one_at_a_time
def preserve(canonical: str, instances: Iterable[int]) -> Answer:
    """The same instances, each kept whole."""
    spec = _spec(canonical)
    return Answer(versions(spec), [_examined(spec, instance, always=True) for instance in instances])


def versions(spec: Spec) -> dict[str, str]:
    """The versions that results of this SPEC depend on."""
    found = {"exactsaddle": exactsaddle.__version__}
    if spec.uses_families:
        from exactsaddle.campaign.families import VERSION

        found["hypothesis"] = VERSION
    return found


def examine_instance(spec: Spec, instance: int) -> Outcome:
    """All that SPEC asks for of one instance."""
    return _examined(spec, instance, always=False)


def lost_instance(spec: Spec, instance: int, reason: str) -> Outcome:
    """The row of an instance that no worker survived: drawn, but not solved."""
    problem = draw_instance(spec, instance)
    row = _identity(spec, instance)
    row.update(n=problem.n, d=problem.d, digest=problem.digest)
    row.update(status="unchecked", reason=reason, lost=True)
    return Outcome(row, 0.0, Kept(_document(problem), None))


@lru_cache(maxsize=8)
def _spec(canonical: str) -> Spec:
    return parse_canonical(canonical)


def _examined(spec: Spec, instance: int, always: bool) -> Outcome:
    began = time.thread_time()
    problem: Problem | None = None
    row = _identity(spec, instance)
    verdicts: list[Verdict] = []
    certificate: str | None = None
    try:
        problem = draw_instance(spec, instance)
        row.update(n=problem.n, d=problem.d, digest=problem.digest)
        path = saddle_path(problem, max_saddles=spec.budget.saddles, max_bits=spec.budget.bits)
        row["complete"] = path.complete
        for name in spec.statistics:
            statistic = STATISTICS[name]
            row.update(zip((c for c, _ in statistic.columns), statistic.compute(path), strict=True))
        text, verdict = _checked(spec, path)
        certificate = text
        row["check"] = verdict.status.value if verdict else None
        verdicts.append(verdict or Verdict("check", Status.UNCHECKED, NOT_ASKED))
        if spec.work.properties:
            verdicts += _judged(spec, path, row)
        for compare in comparisons.asked(spec):
            verdicts += compare(spec, path, row)
    except Inconclusive as error:
        verdicts.append(Verdict("solve", Status.UNCHECKED, str(error)))
    except MemoryError:
        verdicts.append(Verdict("solve", Status.UNCHECKED, "out of memory"))
    except comparisons.TargetGone:
        raise
    except Exception as error:  # a defect, found: the campaign goes on to the next instance
        verdicts.append(Verdict("solve", Status.REJECTED, f"raised {type(error).__name__}: {error}"))
    status, reason = _combined(verdicts)
    row.update(status=status.value, reason=reason, lost=False)
    seconds = time.thread_time() - began
    kept = None
    if problem is not None and (always or (status is not Status.VERIFIED and reason != NOT_ASKED)):
        kept = Kept(_document(problem), certificate)
    return Outcome(row, seconds, kept)


def _identity(spec: Spec, instance: int) -> dict[str, Any]:
    cell = spec.cell_of(instance)
    return {
        "instance": instance,
        "experiment": spec.experiments[cell.experiment].name,
        "size": f"{cell.n}x{cell.d}",
        "index": instance - cell.first,
    }


def _checked(spec: Spec, path: SaddlePath) -> tuple[str, Verdict | None]:
    """The certificate and, unless none was asked for, what its independent checker says, in this process."""
    wanted = spec.work.check
    form: Form = "auto" if wanted == "auto" else "events" if wanted == "events" else "exact"
    certificate = certificate_of(path, form)
    if wanted == "none":
        return certificate.to_text(), None
    decided = checked(path, certificate, form, _check_here)
    return decided.certificate.to_text(), decided.verdict


def _check_here(certificate: Certificate | Outline, max_bits: int) -> Verdict:
    text = certificate.to_text()
    exact = isinstance(certificate, Certificate)
    report: Any = check_path.check(text) if exact else check_path_interval.check(text, max_bits=max_bits)
    return Verdict("check", Status(report.verdict), report.message)


def _judged(spec: Spec, path: SaddlePath, row: dict[str, Any]) -> list[Verdict]:
    """The properties that are rejected; a property that raises is rejected, that is undecided unchecked."""
    found: list[Verdict] = []
    verified = absent = 0
    for name in spec.work.properties:
        try:
            examination = examine(path, {name: PROPERTIES[name]})
            verdicts = examination.verdicts
            absent += len(examination.not_applicable)
        except Inconclusive as error:
            verdicts = (Verdict(name, Status.UNCHECKED, str(error)),)
        except Exception as error:
            verdicts = (Verdict(name, Status.REJECTED, f"raised {type(error).__name__}: {error}"),)
        verified += sum(verdict.status is Status.VERIFIED for verdict in verdicts)
        found += [verdict for verdict in verdicts if verdict.status is not Status.VERIFIED]
    rejected = [verdict.claim for verdict in found if verdict.status is Status.REJECTED]
    row.update(
        properties_verified=verified,
        properties_rejected=len(rejected),
        properties_not_applicable=absent,
        properties_failed=", ".join(rejected) or None,
    )
    return found


def _combined(verdicts: list[Verdict]) -> tuple[Status, str | None]:
    """Rejected before unchecked before verified, with the grounds of the first such verdict."""
    for status in (Status.REJECTED, Status.UNCHECKED):
        for verdict in verdicts:
            if verdict.status is status:
                plain = verdict.evidence == NOT_ASKED
                return status, NOT_ASKED if plain else f"{verdict.claim}: {verdict.evidence}"
    return Status.VERIFIED, None


def _document(problem: Problem) -> str:
    return problem.to_text() + "\n"
