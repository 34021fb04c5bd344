"""Many seeded runs of plain NumPy, clean and with one planted fault, each audited.

What a fault does is known without the audit: the same run is made without it, and the first row at which
the two part by more than the tolerance is where the audit has to find it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exactsaddle import Problem, saddle_path
from exactsaddle.audit import Audit, audit
from tests.support.training import train

MOST_STEPS = 12_000
FAULTS = ("flipped", "frozen", "noise", "slower_from", "seed_scale", "momentum", "decay")
LOSSES = {"1/(2n)": lambda n: 1.0, "1/n": lambda n: 2.0, "1/2": lambda n: n, "1": lambda n: 2.0 * n}
CLOCKS = {"uv": 1.0, "half": 1.0, "weights": 1.0, "squares": 2.0, "powers": 1.0}


@dataclass(frozen=True)
class Case:
    """One setting: data, options of ``train``, what the audit is told, and how far apart rows may be."""

    seed: int
    X: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    options: dict[str, Any]
    told: dict[str, Any]
    loss: str
    clock: float
    largest: float

    @property
    def alpha(self) -> float:
        """In the paper's convention."""
        return float(
            self.options["alpha"] * {"half": 0.5**0.5, "squares": 2**0.5}.get(self.options["network"], 1)
        )

    @property
    def problem(self) -> Problem:
        return Problem(self.X, self.y)

    def run(self, **fault: Any) -> dict[str, np.ndarray[Any, Any]]:
        return train(**self.options, X=self.X, y=self.y, loss=self.loss, log=("beta", "loss"), **fault)

    def audit(self, log: Any) -> Audit:
        return audit(self.problem, log, **self.told, flow=False)


def case(seed: int) -> Case | None:
    """Depth 2 at α from 1e-2 to 1e-12 or depth 3 and 4 at their own; None where X'y = 0 and nothing moves."""
    random = np.random.default_rng(seed)
    X, y = _data(random)
    n = X.shape[0]
    r, gram = X.T @ y / n, X.T @ X / n
    if not r.any():
        return None
    depth = int(random.choice([2, 2, 2, 3, 4]))
    alpha = (
        10.0 ** -random.uniform(2, 12)
        if depth == 2
        else 10.0 ** -random.uniform(1, 1.6 if depth == 3 else 1.3)
    )
    kinds = ["weights", "squares"] + ["uv", "half"] * (alpha > 1e-7)
    network = str(random.choice(kinds)) if depth == 2 else "powers"
    loss = str(random.choice(list(LOSSES)))
    limit = saddle_path(Problem(X, y)).to_arrays()
    clock = CLOCKS[network] * LOSSES[loss](n)
    largest = float(np.abs(limit.betas).max())
    stiff = float(np.linalg.eigvalsh(gram)[-1]) * largest + np.abs(r).max()
    speed = clock if depth == 2 else clock * depth**2 * max(largest, 1) ** (1 - 2 / depth)
    step = float(f"{random.uniform(0.02, 0.4) / (stiff * speed):.2g}")
    unit = -math.log(alpha) if depth == 2 else alpha ** (2 - depth) / (depth * (depth - 2))
    steps = int(min(MOST_STEPS, 1.3 * limit.times[-1] * unit / (step * clock) + 50))
    options = {"alpha": alpha, "step": step, "steps": steps, "every": max(1, steps // 400)}
    options |= {"network": network, "depth": depth}
    told = {"alpha": alpha, "step": step, "depth": depth}
    return Case(seed, X, y, options, told, loss, clock, largest)


def _data(random: np.random.Generator) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Small integers; often with a copied, an opposite or a zero column, a tie at the start or rank one."""
    n, d = int(random.integers(1, 5)), int(random.integers(1, 6))
    X = random.integers(-4, 5, (n, d)).astype(float)
    y = random.integers(-4, 5, n).astype(float)
    kind, i, j = random.integers(0, 8), random.integers(d), random.integers(d)
    if kind == 1:
        X[:, i] = X[:, j]
    elif kind == 2:
        X[:, i] = -X[:, j]
    elif kind == 3:
        X[:, i] = 0
    elif kind == 4:
        X, y = np.abs(X), np.full(n, y[0])
    elif kind == 5:
        X = np.outer(X[:, i], X[0])
    return X, y


def fault(case: Case, random: np.random.Generator) -> tuple[str, dict[str, Any]]:
    """One of FAULTS, at a seeded place."""
    name = FAULTS[case.seed % len(FAULTS)]
    moved = np.flatnonzero(np.abs(case.X).any(axis=0))
    i = int(random.choice(moved))
    lead = int(np.argmax(np.abs(case.X.T @ case.y)))
    size = float(np.abs(case.X.T @ case.y).max()) / case.X.shape[0]
    values = {
        "flipped": lead,
        "frozen": i,
        "noise": 0.3 * size,
        "slower_from": int(random.integers(case.options["steps"] // 10, case.options["steps"] // 2)),
        "seed_scale": (i, 10.0),
        "momentum": 0.9,
        "decay": 0.1 * size,
    }
    return name, {name: values[name]}


@dataclass
class Survey:
    """Counts, and by seed: clean runs accused, wrong clocks, faults missed, misplaced or unrecognised."""

    clean: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    recognised: Counter[str] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    """Found later than the fault began, under another convention that explains the log until then."""
    accused: list[tuple[int, str]] = field(default_factory=list)
    misnamed: list[tuple[int, str]] = field(default_factory=list)
    missed: list[tuple[int, str]] = field(default_factory=list)
    undecided: list[tuple[int, str]] = field(default_factory=list)
    misplaced: list[tuple[int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        undecided = sum(words.startswith("clean") for _, words in self.undecided)
        rows = [
            f"{self.clean} clean runs: {len(self.accused)} accused, {len(self.misnamed)} with a wrong clock, "
            f"{undecided} undecidable"
        ]
        for name in FAULTS:
            missed, misplaced = (
                sum(words.startswith(f"{name} ") for _, words in kind)
                for kind in (self.missed, self.misplaced)
            )
            undecided = sum(words.startswith(f"{name}:") for _, words in self.undecided)
            rows.append(
                f"{name}: {self.planted[name]} planted, {self.harmless[name]} without effect, "
                f"{undecided} undecidable, {missed} missed, {misplaced} misplaced, "
                f"{self.later[name]} placed later by another convention, {self.recognised[name]} named"
            )
        return "\n".join(rows)


def survey(seeds: Iterable[int]) -> Survey:
    """Audit a clean and a faulty run for each seed."""
    found = Survey()
    for one in filter(None, map(case, seeds)):
        _judge(found, one)
    return found


def _judge(found: Survey, one: Case) -> None:
    clean = one.run()
    told = one.audit(clean)
    found.clean += 1
    if told.verdict == "undecidable":
        found.undecided.append((one.seed, f"clean: {told.reasons}"))
    elif told.verdict != "agrees":
        found.accused.append((one.seed, f"{told.verdict}: {told.words}; {told.reasons}"))
    elif told.account is None or not math.isclose(told.account.factor, one.clock, rel_tol=1e-6):
        found.misnamed.append((one.seed, f"{one.clock}: {told.account}"))
    name, planted = fault(one, np.random.default_rng(one.seed))
    broken = one.run(**planted)
    rows = len(broken["beta"])  # fewer where the fault made it overflow
    if rows < 2:
        return
    scale = max(one.largest, min(float(np.abs(broken["beta"]).max()), 1e6))
    apart = np.abs(clean["beta"][:rows] - broken["beta"]).max(axis=1) / scale
    judged = one.audit(broken)
    found.planted[name] += 1
    where = list(_rows_beyond(apart, (0.0005, 0.002)))
    if where[0] is None:
        found.harmless[name] += 1
        return
    _place(found, one, (name, planted), judged, where)


def _place(
    found: Survey, one: Case, fault: tuple[str, dict[str, Any]], judged: Audit, where: list[int | None]
) -> None:
    """Whether what an audit says of a fault is right; where: first rows off by half and twice it."""
    name, planted = fault
    account, first = judged.account, judged.first_unexplained
    if judged.verdict == "undecidable":
        found.undecided.append((one.seed, f"{name}: {judged.reasons}"))
    elif where[1] is None:
        pass  # so close to the tolerance that either verdict is right
    elif judged.verdict == "agrees" or account is None:
        found.missed.append((one.seed, f"{name} agrees: {account}"))
    elif judged.rule is not None and name in ("momentum", "decay"):
        found.recognised[name] += 1
    elif judged.rule is not None and judged.rule.change is not None and name == "slower_from":
        _changed(found, one, judged.rule.change, planted[name])
    elif judged.rule is not None and not judged.rule.stored:
        found.misplaced.append((one.seed, f"{name} taken for {judged.rule}"))
    elif name in ("momentum", "decay") and one.told["depth"] == 2:
        found.misplaced.append((one.seed, f"{name} not recognised: {judged.words}"))
    elif first is None:
        # every coordinate that moves was scaled alike, so it is a run from another α
        if name != "seed_scale" or abs(account.alpha / judged.stated_alpha / 10 - 1) > 0.5:
            found.misplaced.append((one.seed, f"{name} not placed: {judged.words}"))
    elif where[0] is not None and first.row < where[0]:
        found.misplaced.append((one.seed, f"{name} at row {first.row}, before {where}"))
    elif first.row > where[1]:
        found.later[name] += 1
        if math.isclose(account.factor, one.clock) and math.isclose(account.alpha, one.alpha):
            found.misplaced.append((one.seed, f"{name} at row {first.row}, after {where}"))


def _changed(found: Survey, one: Case, change: tuple[int, float], since: int) -> None:
    """A lower learning rate that was named: its factor, and its step to two rows of the log."""
    if abs(change[1] - 0.1) < 0.01 and abs(change[0] - since) <= 2 * one.options["every"]:
        found.recognised["slower_from"] += 1
    else:
        found.misplaced.append((one.seed, f"slower_from step {since} by 0.1 taken for {change}"))


def _rows_beyond(apart: np.ndarray[Any, Any], bounds: Iterable[float]) -> Iterator[int | None]:
    for bound in bounds:
        beyond = np.flatnonzero(apart > bound)
        yield int(beyond[0]) if len(beyond) else None
