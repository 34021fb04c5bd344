"""``exactsaddle datasets``: what is packaged."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.table import Table

from exactsaddle.cli.common import AsJson, out, print_json
from exactsaddle.datasets import DATASETS


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("datasets")(datasets_command)


def datasets_command(as_json: AsJson = False) -> None:
    """List the packaged data sets with their source and licence.

    Example: exactsaddle datasets
    """
    if as_json:
        shapes = {name: entry.load() for name, entry in DATASETS.items()}
        print_json(
            [{**asdict(entry), "n": shapes[name].n, "d": shapes[name].d} for name, entry in DATASETS.items()]
        )
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("name", "n × d", "what", "source", "licence"):
        table.add_column(heading)
    for name, entry in DATASETS.items():
        problem = entry.load()
        table.add_row(name, f"{problem.n} × {problem.d}", entry.description, entry.source, entry.licence)
    out.print(table)
