"""Forms that values of options take, and tables that are folded."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from exactsaddle.base import InvalidInput
from exactsaddle.cli.options import plateau_numbers
from exactsaddle.cli.terminal import MAX_ROWS, fold_rows, make_table


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
