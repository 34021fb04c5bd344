"""What tests of reports are given: pictures drawn once."""

from __future__ import annotations

import pytest

from exactsaddle import lasso_path
from exactsaddle.convergence import converge
from exactsaddle.lasso import lasso_agreement
from exactsaddle.report.document import Picture
from exactsaddle.report.drawing import draw
from exactsaddle.report.figures import pictures
from tests.support.figures import DIABETES, README, by_anchor


@pytest.fixture(scope="session")
def readme() -> dict[str, Picture]:
    return by_anchor(
        pictures(
            README,
            drawing=draw(README),
            convergence=converge(README, ["1e-5", "1e-10"], digits=5),
            lasso=lasso_path(README.problem),
            agreement=lasso_agreement(README),
            selected={},
        )
    )


@pytest.fixture(scope="session")
def diabetes() -> dict[str, Picture]:
    return by_anchor(
        pictures(
            DIABETES,
            lasso=lasso_path(DIABETES.problem),
            agreement=lasso_agreement(DIABETES),
            only=["coordinates", "dual", "support", "lasso"],
        )
    )
