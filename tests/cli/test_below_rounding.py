"""Data whose y is X times a vector in floats: what comes after the resolution is their rounding."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import run


@pytest.fixture(scope="module")
def noiseless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    design = rng.standard_normal((6, 8))
    target = design[:, :2] @ [2.0, -1.0]
    place = tmp_path_factory.mktemp("noiseless") / "data.csv"
    rows = [
        ",".join(map(repr, [*row, value]))
        for row, value in zip(design.tolist(), target.tolist(), strict=True)
    ]
    place.write_text("a,b,c,d,e,f,g,h,y\n" + "\n".join(rows) + "\n")
    return place


@pytest.mark.parametrize("command", [["resolve"], ["converge", "--alphas", "1e-8", "--digits", "12"]])
def test_plateaus_of_rounding_are_left_out_and_said(command: list[str], noiseless: Path) -> None:
    name, *options = command
    done = run(name, noiseless, "--target", "y", *options)
    assert "more saddles below the rounding of the data: --all" in done.stdout
    document = json.loads(run(name, noiseless, "--target", "y", *options, "--json").stdout)
    path = json.loads(run("path", noiseless, "--target", "y", "--json").stdout)
    assert 1 < len(document["plateaus"]) < len(path["saddles"])


def test_resolve_is_verified_up_to_the_rounding(noiseless: Path) -> None:
    done = run("resolve", noiseless, "--target", "y")
    assert done.returncode == 0
    assert "closed forms in rigorous balls, up to the stop" in done.stdout
