"""Packaged data: each a CSV beside this file, with its source and licence."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

from exactsaddle.base import InvalidInput
from exactsaddle.problem.exact import Problem
from exactsaddle.problem.readers import read_problem


@dataclass(frozen=True)
class Dataset:
    """A packaged data set: its file, which column is the target, where it comes from."""

    name: str
    target: str
    description: str
    source: str
    licence: str

    def load(self, *, target: str | int | None = None, **options: Any) -> Problem:
        """The problem, exact; another target column, and what else ``read_problem`` takes, on request."""
        with as_file(files(__package__) / f"{self.name}.csv") as path:
            return read_problem(path, target=self.target if target is None else target, **options)


DATASETS = {
    entry.name: entry
    for entry in (
        Dataset(
            name="diabetes",
            target="progression",
            description="442 patients, 10 raw features, disease progression after one year (n > d)",
            source="Efron, Hastie, Johnstone & Tibshirani, Least Angle Regression, Ann. Statist. 32 (2004); "
            "diabetes_data_raw and diabetes_target as shipped in scikit-learn's wheel",
            licence="BSD-3-Clause, the scikit-learn developers",
        ),
        Dataset(
            name="planted",
            target="y",
            description="8 observations of 20 integer features, y = 3·x2 − 2·x11 + x17 exactly (d > n)",
            source="made for exactsaddle: first seed with a non-monotone path that ends at the planted β",
            licence="MIT, the exactsaddle contributors",
        ),
    )
}


def load_dataset(name: str) -> Problem:
    """The packaged problem of that name; raises InvalidInput for an unknown one."""
    if name not in DATASETS:
        raise InvalidInput(f"no packaged data set {name!r}; there are: {', '.join(DATASETS)}")
    return DATASETS[name].load()
