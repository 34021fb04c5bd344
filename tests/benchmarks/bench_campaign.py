"""A campaign against a bare loop that draws, solves, certifies and checks the same instances.

    .venv/bin/python -m tests.benchmarks.bench_campaign [INSTANCES] [WORKERS]

The ratio of CPU times, all processes of the campaign together, says what engine, store and statistics
cost; the ratio of wall times, campaign against loop divided by workers, also what waiting costs, and means
something only where the workers have their CPUs to themselves.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from exactsaddle import campaign, saddle_path
from exactsaddle.campaign.instances import draw_instance
from exactsaddle.campaign.spec import Spec
from proofs_checks.check_path import check

SPEC = """
format = 1
name = "benchmark"
seed = 1
chunk = 100
[[experiment]]
ensemble = "gaussian"
sizes = ["5x10", "10x10", "10x20"]
count = {count}
"""


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds, children that have ended included."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Cost:
        """Since the process began."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return cls(time.monotonic(), sum(one.ru_utime + one.ru_stime for one in used))

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu)


def bare_loop(spec: Spec) -> Cost:
    """Draw, solve, certify and check every instance."""
    began = Cost.now()
    for instance in range(spec.instances):
        text = saddle_path(draw_instance(spec, instance)).certificate().to_text()
        if check(text).verdict != "verified":
            raise SystemExit(f"instance {instance} is not verified")
    return Cost.now() - began


def whole_campaign(spec: Spec, workers: int) -> Cost:
    """The campaign, beginning and ending its processes included."""
    began = Cost.now()
    with TemporaryDirectory() as folder:
        results = campaign.run(spec, Path(folder) / "c", workers=workers)
        if not results.complete:
            raise SystemExit("the campaign is not complete")
    return Cost.now() - began


def main(count: int = 6000, workers: int = 2) -> None:
    """Print both, and the ratios."""
    spec = campaign.parse_spec(SPEC.format(count=max(1, count // 3)))
    loop, whole = bare_loop(spec), whole_campaign(spec, workers)
    print(f"{spec.instances} instances, {workers} workers")
    print(f"bare loop  {loop.wall:8.2f} s wall  {loop.cpu:8.2f} s CPU")
    print(f"campaign   {whole.wall:8.2f} s wall  {whole.cpu:8.2f} s CPU")
    print(f"ratio of CPU times                     {whole.cpu / loop.cpu:.3f}")
    print(f"ratio of wall times, loop over workers {whole.wall / (loop.wall / workers):.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
