"""Forms that values of options take, and tables that are folded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from exactsaddle.base import InvalidInput
from exactsaddle.cli.options import plateau_numbers
from exactsaddle.cli.terminal import MAX_ROWS, fold_rows, make_table
from proofs_checks import check_path
from tests.support.command import run


def test_plateaus_are_numbers_and_ranges() -> None:
    assert plateau_numbers("0-3, 7,9 - 9") == [0, 1, 2, 3, 7, 9]


@pytest.mark.parametrize("bad", ["", "1,", "-1", "1-", "a", "3-1", "1.5", "0-999999999"])
def test_what_is_no_plateau(bad: str) -> None:
    with pytest.raises(InvalidInput, match="--plateaus"):
        plateau_numbers(bad)


@pytest.mark.parametrize("more", [0, 1, 15])
def test_a_long_table_is_folded(more: int) -> None:
    count = MAX_ROWS + more
    table = fold_rows(make_table("k", "name"), [(str(k), Text("x")) for k in range(count)], "ask for all")
    console = Console(width=80)
    with console.capture() as captured:
        console.print(table)
    lines = [line.split() for line in captured.get().splitlines()]
    shown = [int(words[0]) for words in lines if words and words[0].isdigit() and words[-1] == "x"]
    half = MAX_ROWS // 2
    expected = range(count) if not more else [*range(half), *range(half + more, count)]
    assert shown == list(expected)
    assert (f"{more} more rows: ask for all" in " ".join(captured.get().split())) is bool(more)
    assert ("…" in captured.get()) is bool(more)


def test_data_hold_a_network_that_options_replace_in_words(tmp_path: Path) -> None:
    place, saved, certificate = (tmp_path / name for name in ("p.json", "q.json", "c.json"))
    network = {"depth": 3, "scales": ["1", "2", "1"]}
    place.write_text(json.dumps({"X": [[-3, 4, -4], [-1, -4, 2]], "y": [2, 2], "network": network}))
    done = run("path", place, "-o", certificate, "--detached", "--problem-out", saved)
    assert "β = u^3 − v^3 (depth 3), scales 1, 2, 1" in done.stdout
    assert json.loads(saved.read_text())["network"] == {**network, "parametrisation": "powers"}
    for problem in (place, saved):
        assert run("check", certificate, "--problem", problem).returncode == 0
    assert check_path.check(certificate.read_text(), saved.read_text()).verdict == "verified"
    with pytest.raises(check_path.Malformed, match="network: nothing is read from it"):
        check_path.check(certificate.read_text(), place.read_text())
    done = run("flow", place, "--alpha", "1e-2", "--times", "1/8", "--depth", "4", "--digits", "5")
    assert done.returncode == 0
    replaced = (
        "holds the network β = u^3 − v^3 (depth 3), scales 1, 2, 1; taken instead: β = u^4 − v^4 (depth 4)"
    )
    assert replaced in " ".join(done.stderr.split())
    assert "note" not in run("flow", place, "--alpha", "1e-2", "--times", "1/8", "--digits", "5").stderr
