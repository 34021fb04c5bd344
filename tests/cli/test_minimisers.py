"""``exactsaddle minimisers`` and ``path --uniqueness``, as a user runs them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactsaddle import Problem
from tests.support.command import run


@pytest.fixture
def mean(tmp_path: Path) -> Path:
    place = tmp_path / "mean.json"
    Problem([[4, 0, 2], [0, 4, 2]], [4, 3], names=["a", "b", "c"]).save(place)
    return place


def test_says_what_the_flow_selects(mean: Path) -> None:
    done = run("minimisers", mean, "--general-position")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[4].split() == ["2", "1/6", "≈", "0.16666667", "not", "unique", "1", "2", "0"]
    assert lines[5] == (
        "saddle 2: the flow selects a ≈ 0.712814833772924812, b ≈ 0.462814833772924812, "
        "c ≈ 0.574370332454150376 (enclosed to 30 digits)"
    )
    assert lines[6] == (
        "not in general position: affinely dependent are +a (weight -1), +b (weight -1), +c (weight 2)"
    )


def test_json_holds_exact_rationals(mean: Path) -> None:
    document: dict[str, Any] = json.loads(run("minimisers", mean, "--json", "--kappa", "c=1").stdout)
    last = document["saddles"][2]
    assert last["uniqueness"] == {"unique": False, "second": {"0": "1/4", "2": "3/2"}}
    assert sorted(last["vertices"]) == [["1", "3/4", "0"], ["1/4", "0", "3/2"]]
    assert (last["rays"], last["bounded"], last["dimension"]) == ([], True, 1)
    a, b, c = map(Fraction, last["selected"]["centre"])
    assert 4 * a + 2 * c == 4
    # v = (1, 1, −2) in ker X: ln(a/½) + ln(b/½) = 2 ln(c/1), so c² = 4ab.
    assert abs(c * c - 4 * a * b) < Fraction(1, 10**28)
    assert document["saddles"][1]["selected"]["exact"] is True
    assert document["unchecked"] == []


def test_a_budget_that_runs_out_is_unchecked(mean: Path, tmp_path: Path) -> None:
    done = run("minimisers", mean, "--max-rays", "1", "--json")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["saddles"][2]["vertices"] is None
    assert document["saddles"][2]["selected"]["exact"] is False
    assert document["unchecked"][0].startswith("saddle 2: enumerating vertices: more than max_rays = 1 rays")
    place = tmp_path / "four.json"
    Problem([[4, 0, 2, 7], [0, 4, 2, 9]], [4, 3]).save(place)
    done = run("minimisers", place, "--general-position", "--max-subsets", "3")
    assert done.returncode == 3
    assert (
        "unchecked: general position: 4 sets of 3 of the 4 columns are more than the budget of 3; "
        in done.stdout
    )
    assert "(--max-subsets)" in done.stdout


def test_unbounded_and_unique_sets(tmp_path: Path) -> None:
    place = tmp_path / "unbounded.json"
    Problem([[1, -1]], [3], dual=[1, 1]).save(place)
    assert "unbounded set" in run("minimisers", place).stdout
    assert "every saddle is the only minimiser, proved exactly" in run("minimisers", "planted").stdout


def test_refuses_a_scale_that_is_not_positive(mean: Path) -> None:
    done = run("minimisers", mean, "--kappa", "b=0")
    assert done.returncode == 2
    assert "--kappa b=0: must be positive" in done.stderr


def test_path_certifies_uniqueness(mean: Path, tmp_path: Path) -> None:
    certificate = tmp_path / "cert.json"
    done = run("path", mean, "--uniqueness", "-o", certificate)
    assert done.returncode == 0
    assert "not the only minimiser at k = 2: see exactsaddle minimisers" in done.stdout
    assert done.stdout.rstrip().endswith("end, uniqueness")
    assert run("check", certificate).stdout.rstrip().endswith("end, uniqueness")
    assert "every saddle is the only minimiser" in run("path", "planted", "--uniqueness").stdout
