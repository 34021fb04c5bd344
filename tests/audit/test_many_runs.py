"""Seeded runs over depths, steps, conventions and degenerate data, clean and with planted faults."""

from __future__ import annotations

import sys

import pytest

from tests.support.survey import FAULTS, Survey, survey


def right(found: Survey) -> bool:
    wrong = [*found.accused, *found.misnamed, *found.missed, *found.misplaced]
    assert not wrong, f"{found}\n" + "\n".join(f"seed {seed}: {words}" for seed, words in wrong)
    return True


def test_a_few_runs() -> None:
    found = survey([18, 24, 27, 33, 35, 36, 44])  # short, and one for each fault
    assert right(found)
    assert set(found.planted) == set(FAULTS)


@pytest.mark.slow
def test_nine_hundred_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """No clean run is accused, no fault is missed or placed wrongly; the rates are printed."""
    found = survey(range(520))
    with capsys.disabled():
        sys.stdout.write(f"\n{found}\n")
    assert right(found)
    assert found.clean + sum(found.planted.values()) >= 900
    assert set(found.planted) == set(FAULTS)
