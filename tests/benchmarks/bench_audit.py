"""An audit of 10^5 steps of 50 coordinates: ``python -m tests.benchmarks.bench_audit``."""

from __future__ import annotations

import time

import numpy as np

from exactsaddle import Problem, saddle_path
from exactsaddle.audit import audit
from tests.support.training import train

STEPS, ALPHA = 100_000, 1e-4


def main() -> None:
    for observations in (3, 20):
        random = np.random.default_rng(0)
        X, y = (random.integers(-3, 4, shape).astype(float) for shape in ((observations, 50), observations))
        problem = Problem(X, y)
        step = float(1.3 * saddle_path(problem).to_arrays().times[-1] * -np.log(ALPHA) / STEPS)
        for every in (100, 1):
            log = train(ALPHA, step, STEPS, X=X, y=y, every=every)
            for flow in (False, True):
                begun = time.process_time()
                found = audit(problem, log, alpha=ALPHA, step=step, flow=flow)
                spent = time.process_time() - begun
                enclosed = sum(row.run_flow is not None for row in found.distances)
                print(
                    f"{observations} observations, {len(log['step']):,} rows, flow enclosed at {enclosed} of "
                    f"them: {found.verdict}, {spent:.1f} s of CPU"
                )


if __name__ == "__main__":
    main()
