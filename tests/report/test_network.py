"""Reports of deeper networks: which network, which clock, which minimiser."""

from __future__ import annotations

import re
from pathlib import Path

from exactsaddle import Problem
from exactsaddle.problem import Network
from exactsaddle.report.contents import formulas
from exactsaddle.report.document import Math
from tests.support.command import run


def test_a_report_says_which_network_and_clock(tmp_path: Path) -> None:
    place = tmp_path / "problem.json"
    Problem([[4, 0, 2], [0, 4, 2]], [4, 3]).save(place)
    options = ("--no-flow", "--format", "md", "-o", tmp_path)
    done = run("report", place, "--depth", "4", "--scales", "1/2", *options)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.md").read_text(encoding="utf-8").replace("\\", "")
    for part in ("β = u^4 − v^4 (depth 4), scales 1/2", "t/(8·α^2)", "--depth 4 --scales 1/2"):
        assert part in text
    assert "maximises Σ" in text
    assert formulas.raised("t/(8·α^12)") == ("t/(8·", Math("α^{12}", "alpha^(12)"), ")")
    for network in (Network(4), Network(2, 3), Problem([[1, 2]], [1]).standardized().network):
        for said in (formulas.arrival, formulas.shows, formulas.potential):
            prose = "".join(part for part in said(network) if isinstance(part, str))
            assert not re.search(r"[^\W\d]_[\w{]", prose), f"{prose}: an index as it is typed"
    done = run("report", place, "--scales", "2", *options)
    text = (tmp_path / "report.md").read_text(encoding="utf-8").replace("\\", "")
    assert "K_i = κ" in text
    assert "β = u ⊙ v (depth 2), scales 2" in text
