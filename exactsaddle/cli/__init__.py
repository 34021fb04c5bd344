"""The ``exactsaddle`` command: thin modules that parse, call and print, one for each topic."""

from __future__ import annotations

import sys

import typer

from exactsaddle import __version__
from exactsaddle.base import CertificateRejected, ExactSaddleError, Inconclusive
from exactsaddle.cli import (
    campaign,
    check,
    claims,
    converge,
    datasets,
    flow,
    fuzz,
    gallery,
    lasso,
    minimisers,
    path,
    report,
    resolve,
)
from exactsaddle.cli.shared import complain

app = typer.Typer(
    name="exactsaddle",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"exactsaddle {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Exact saddle-to-saddle paths of diagonal linear networks.

    Solved over the rationals, certified, and checked by an independent program.
    Exit codes: 0 verified, 1 rejected, 2 bad input or usage, 3 unchecked.
    """


for module in (
    path,
    report,
    check,
    lasso,
    minimisers,
    flow,
    converge,
    resolve,
    claims,
    fuzz,
    campaign,
    gallery,
    datasets,
):
    module.register(app)


def main() -> None:
    """Run the command line; every error the package raises on purpose becomes one message."""
    try:
        app()
    except CertificateRejected as error:
        complain(str(error))
        sys.exit(1)
    except Inconclusive as error:
        complain(f"unchecked: {error}")
        sys.exit(3)
    except ExactSaddleError as error:
        complain(str(error))
        sys.exit(2)
    except MemoryError:
        complain("out of memory: the problem is too large for this machine")
        sys.exit(2)
