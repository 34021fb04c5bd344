"""``exactsaddle datasets``: what is packaged."""

from __future__ import annotations

from dataclasses import asdict

from rich.padding import Padding
from rich.text import Text

from exactsaddle.cli.options import AsJson
from exactsaddle.cli.terminal import out, print_json
from exactsaddle.problem import DATASETS


def datasets_command(as_json: AsJson = False) -> None:
    """List the packaged data sets with their columns, source and licence.

    Example: exactsaddle datasets
    """
    problems = {name: entry.load() for name, entry in DATASETS.items()}
    if as_json:
        print_json(
            [
                {**asdict(DATASETS[name]), "n": p.n, "d": p.d, "columns": list(p.names)}
                for name, p in problems.items()
            ]
        )
        return
    for name, problem in problems.items():
        entry = DATASETS[name]
        out.print(Text.assemble((name, "bold"), f"  {problem.n} × {problem.d}, target {entry.target}"))
        columns = f"columns: {', '.join(problem.names)}"
        for line in (entry.description, columns, f"source: {entry.source}", f"licence: {entry.licence}"):
            out.print(Padding(Text(line), (0, 0, 0, 2)))
