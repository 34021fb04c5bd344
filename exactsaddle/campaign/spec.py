"""SPEC: what a campaign computes, validated, with a canonical form and a digest; specfile.py reads it."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from exactsaddle.campaign.parameters import Parse, boolean, choice, function, integer, listed, named, rational
from exactsaddle.campaign.statistics import EXTREMAL, STATISTICS
from exactsaddle.path import MAX_BITS, MAX_SADDLES
from exactsaddle.testing.properties import PROPERTIES

FORMAT = 1
CHUNK = 200


def _key(parse: Parse, default: Any) -> Any:
    """A field that a SPEC may state: what its value may be, and what it is when not stated."""
    return field(default=default, metadata={"parse": parse})


def _properties(value: Any) -> tuple[str, ...]:
    """All for true, none for false, or those listed."""
    if isinstance(value, bool):
        return tuple(PROPERTIES) if value else ()
    names: tuple[str, ...] = listed(named(PROPERTIES, "property"))(value)
    return names


@dataclass(frozen=True)
class Experiment:
    """Count problems of each size from one ensemble or family.

    Sizes are exact for an ensemble, (n, d), and upper bounds for a family. parameters are those of the
    ensemble, defaults included.
    """

    name: str
    kind: str
    """"ensemble" or "family"."""
    source: str
    """Which one."""
    sizes: tuple[tuple[int, int], ...]
    count: int
    parameters: Mapping[str, Any]

    def law(self) -> dict[str, Any]:
        """What the instances depend on, as JSON types: kind, source and parameters, no name or count."""
        stated = {name: _plain(value) for name, value in sorted(self.parameters.items())}
        return {self.kind: self.source, **stated}


@dataclass(frozen=True)
class Work:
    """What is done with every instance besides solving it."""

    check: str = _key(choice("auto", "exact", "events", "none"), "auto")
    properties: tuple[str, ...] = _key(_properties, ())
    lasso: bool = _key(boolean, False)
    conformance: str | None = _key(function, None)
    flow: tuple[Fraction, ...] = _key(listed(rational(Fraction(0), Fraction(1), strict=True)), ())


@dataclass(frozen=True)
class Budget:
    """Where work on one instance ends: deterministic, so that the verdict is."""

    saddles: int = _key(integer(1, 10**7), MAX_SADDLES)
    bits: int = _key(integer(1, 10**8), MAX_BITS)
    flow_steps: int = _key(integer(1, 10**7), 10_000)


@dataclass(frozen=True)
class Keep:
    """Which instances are kept whole besides those not verified: the highest ``each`` of a statistic."""

    extremal: tuple[str, ...] = _key(listed(named(EXTREMAL, "statistic to maximise")), tuple(EXTREMAL))
    each: int = _key(integer(0, 1000), 3)


@dataclass(frozen=True)
class Cell:
    """The instances first … first + count − 1 of a campaign: one experiment at one size."""

    experiment: int
    n: int
    d: int
    first: int
    count: int


@dataclass(frozen=True)
class Spec:
    """A validated campaign; ``digest`` names it, ``cells`` says which instance is which."""

    name: str
    seed: int
    experiments: tuple[Experiment, ...]
    work: Work = Work()
    budget: Budget = Budget()
    keep: Keep = Keep()
    statistics: tuple[str, ...] = tuple(STATISTICS)
    chunk: int = CHUNK

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Experiments in order, sizes in order within each."""
        found, first = [], 0
        for i, experiment in enumerate(self.experiments):
            for n, d in experiment.sizes:
                found.append(Cell(i, n, d, first, experiment.count))
                first += experiment.count
        return tuple(found)

    @cached_property
    def _firsts(self) -> list[int]:
        return [cell.first for cell in self.cells]

    @property
    def instances(self) -> int:
        """How many instances the campaign has."""
        return self.cells[-1].first + self.cells[-1].count

    @property
    def parts(self) -> int:
        """How many parts: of ``chunk`` instances each, the last maybe of fewer."""
        return -(-self.instances // self.chunk)

    def part(self, number: int) -> range:
        """The instances of a part."""
        return range(number * self.chunk, min(self.instances, (number + 1) * self.chunk))

    def cell_of(self, instance: int) -> Cell:
        """The cell of an instance, 0 ≤ instance < instances."""
        return self.cells[bisect_right(self._firsts, instance) - 1]

    @property
    def uses_families(self) -> bool:
        """Whether Hypothesis is needed to draw the instances."""
        return any(experiment.kind == "family" for experiment in self.experiments)

    def to_json(self) -> dict[str, Any]:
        """The canonical form: JSON types, every default written out."""
        return {
            "format": FORMAT,
            "name": self.name,
            "seed": self.seed,
            "chunk": self.chunk,
            "statistics": list(self.statistics),
            "do": {name: _plain(value) for name, value in vars(self.work).items() if value is not None},
            "budget": dict(vars(self.budget)),
            "keep": {name: _plain(value) for name, value in vars(self.keep).items()},
            "experiment": [
                {
                    "name": experiment.name,
                    **experiment.law(),
                    "sizes": [f"{n}x{d}" for n, d in experiment.sizes],
                    "count": experiment.count,
                }
                for experiment in self.experiments
            ],
        }

    @cached_property
    def canonical(self) -> str:
        """``to_json`` as compact JSON with sorted keys."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of ``canonical``, in hexadecimal."""
        return hashlib.sha256(self.canonical.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return "inf" if value is None else value
