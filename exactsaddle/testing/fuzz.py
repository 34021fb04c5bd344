"""All properties over all families, on exactsaddle and its checker: the engine of ``exactsaddle fuzz``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from exactsaddle.base import InvalidInput, Status, Verdict
from exactsaddle.path import SaddlePath, saddle_path
from exactsaddle.problem import Problem
from exactsaddle.testing.hunt import Counterexample, hunt
from exactsaddle.testing.properties import PROPERTIES, Property
from exactsaddle.testing.strategies import FAMILIES, MAX_D, MAX_N, Family

EXAMPLES = 50
"""Default examples for each family: about a minute in all."""

PREDICATE, SOLVE = "predicate", "solve"
"""Claims that are no property: that the family keeps its promise, that the solver gives a path."""

Item = TypeVar("Item")
Progress = Callable[[str, int], None]
"""(family, examples so far in it) -> None, called for every example."""


@dataclass
class Tally:
    """How often a property was verified, rejected, or did not apply."""

    passed: int = 0
    rejected: int = 0
    not_applicable: int = 0

    @property
    def tried(self) -> int:
        """How often there was a verdict."""
        return self.passed + self.rejected

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.passed + other.passed,
            self.rejected + other.rejected,
            self.not_applicable + other.not_applicable,
        )


@dataclass(frozen=True)
class FamilyResult:
    """One family: examples judged, draws without an example, a tally for each property, the failure."""

    family: str
    examples: int
    discarded: int
    tallies: Mapping[str, Tally]
    counterexample: Counterexample | None

    @property
    def total(self) -> Tally:
        """The tallies of all properties together."""
        return sum(self.tallies.values(), Tally())


@dataclass(frozen=True)
class FuzzReport:
    """A run of fuzz: what was tried, what was found, and the seed that repeats it."""

    families: tuple[FamilyResult, ...]
    properties: tuple[str, ...]
    seed: int
    seconds: float

    @property
    def examples(self) -> int:
        """Examples judged in all families."""
        return sum(result.examples for result in self.families)

    @property
    def by_property(self) -> dict[str, Tally]:
        """For each property its tally over all families."""
        return {
            name: sum((result.tallies[name] for result in self.families), Tally()) for name in self.properties
        }

    @property
    def counterexamples(self) -> dict[str, Counterexample]:
        """The shrunk failure of each family that has one."""
        return {result.family: result.counterexample for result in self.families if result.counterexample}

    @property
    def untried(self) -> tuple[str, ...]:
        """Families without an example and properties that never applied: nothing is known of these."""
        idle = [result.family for result in self.families if not result.examples]
        return (*idle, *(name for name, tally in self.by_property.items() if not tally.tried))

    @property
    def status(self) -> Status:
        """Rejected on any failure; unchecked when something was never tried; else verified.

        Verified means that every property was verified on every example where it applies: a
        statement about these examples, not about all problems.
        """
        if self.counterexamples:
            return Status.REJECTED
        return Status.UNCHECKED if self.untried or not self.families else Status.VERIFIED

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types: for each family and property tried, passed, not applicable."""
        return {
            "verdict": self.status.value,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "examples": self.examples,
            "untried": list(self.untried),
            "families": [
                {
                    "family": result.family,
                    "tried": result.examples,
                    "discarded": result.discarded,
                    "properties": {
                        name: {
                            "tried": tally.tried,
                            "passed": tally.passed,
                            "not_applicable": tally.not_applicable,
                        }
                        for name, tally in result.tallies.items()
                    },
                    "counterexample": None
                    if result.counterexample is None
                    else {
                        "claim": result.counterexample.verdict.claim,
                        "witness": result.counterexample.verdict.evidence,
                        "problem": result.counterexample.problem.to_json(),
                    },
                }
                for result in self.families
            ],
        }


def run(
    *,
    examples: int = EXAMPLES,
    seed: int = 0,
    families: Iterable[str] | None = None,
    properties: Iterable[str] | None = None,
    max_n: int = MAX_N,
    max_d: int = MAX_D,
    seconds: float | None = None,
    progress: Progress = lambda family, count: None,
) -> FuzzReport:
    """Judge ``examples`` problems of each family by every property that applies.

    ``seconds`` bounds the whole run; each family may use an equal share of what is left. Families
    that have no problem within max_n × max_d are left out unless named.
    Raises InvalidInput for names that do not exist, and for a named family that does not fit.
    """
    if examples < 1:
        raise InvalidInput(f"examples must be at least 1, not {examples}")
    chosen = choose_families(families, max_n, max_d)
    claims = choose(PROPERTIES, properties, "property")
    began = time.monotonic()
    results = []
    for i, family in enumerate(chosen):
        left = None if seconds is None else (seconds - (time.monotonic() - began)) / (len(chosen) - i)
        results.append(_run_family(family, claims, examples, seed, (max_n, max_d), left, progress))
    return FuzzReport(tuple(results), tuple(c.name for c in claims), seed, time.monotonic() - began)


def choose(available: Mapping[str, Item], names: Iterable[str] | None, kind: str) -> list[Item]:
    """The named items in their own order, or all; raises InvalidInput suggesting the nearest name."""
    if names is None:
        return list(available.values())
    wanted = set(names)
    for name in sorted(wanted - set(available)):
        near = get_close_matches(name, available, n=1, cutoff=0.0)
        raise InvalidInput(f"there is no {kind} {name!r}; did you mean {near[0]!r}?")
    if not wanted:
        raise InvalidInput(f"no {kind} was named")
    return [item for name, item in available.items() if name in wanted]


def choose_families(names: Iterable[str] | None, max_n: int, max_d: int) -> list[Family]:
    """The named families, or all that have problems so small. Raises InvalidInput as ``choose`` does."""
    if min(max_n, max_d) < 1:
        raise InvalidInput(f"a problem has at least one row and one column, not {max_n} × {max_d}")
    chosen = choose(FAMILIES, names, "family")
    if names is not None:
        for family in chosen:
            family.problems(max_n, max_d)  # raises for one that does not fit
    return [family for family in chosen if family.fits(max_n, max_d)]


def save_counterexamples(found: Mapping[str, Counterexample], folder: Path) -> list[Path]:
    """Write each problem and, where the solver still gives one, its certificate into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for family, counterexample in found.items():
        place = folder / f"{family}.problem.json"
        counterexample.problem.save(place)
        written.append(place)
        try:
            certificate = saddle_path(counterexample.problem).certificate()
        except Exception:
            continue
        written.append(folder / f"{family}.certificate.json")
        certificate.save(written[-1])
    return written


@dataclass
class _Examiner:
    """Judges one problem by the properties, counting; the judge of a hunt."""

    family: Family
    claims: list[Property]
    tallies: dict[str, Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tallies = {claim.name: Tally() for claim in self.claims}

    def __call__(self, problem: Problem, only: str | None) -> Verdict | None:
        try:
            if not self.family.predicate(problem):
                return Verdict(PREDICATE, Status.REJECTED, f"the family promises: {self.family.story}")
            path = saddle_path(problem)
        except Exception as error:
            return Verdict(SOLVE, Status.REJECTED, _describe(error))
        rejected = []
        for claim in self.claims:
            if only in (None, claim.name):
                verdict = _judge(claim, path)
                if only is None:
                    self._count(claim.name, verdict)
                if verdict is not None and verdict.status is Status.REJECTED:
                    rejected.append(verdict)
        return rejected[0] if rejected else None

    def _count(self, name: str, verdict: Verdict | None) -> None:
        tally = self.tallies[name]
        if verdict is None:
            tally.not_applicable += 1
        elif verdict.status is Status.REJECTED:
            tally.rejected += 1
        else:
            tally.passed += 1


def _run_family(
    family: Family,
    claims: list[Property],
    examples: int,
    seed: int,
    size: tuple[int, int],
    seconds: float | None,
    progress: Progress,
) -> FamilyResult:
    examiner = _Examiner(family, claims)
    found = hunt(
        family.problems(*size),
        examiner,
        examples=examples,
        seed=seed,
        seconds=seconds,
        progress=lambda count: progress(family.name, count),
    )
    return FamilyResult(family.name, found.examples, found.discarded, examiner.tallies, found.counterexample)


def _judge(claim: Property, path: SaddlePath) -> Verdict | None:
    """The verdict, None when the property does not apply; a defect that raises is a rejection."""
    try:
        return claim(path.problem, path) if claim.applies(path.problem, path) else None
    except Exception as error:
        return Verdict(claim.name, Status.REJECTED, _describe(error))


def _describe(error: Exception) -> str:
    return f"raised {type(error).__name__}: {error}"
