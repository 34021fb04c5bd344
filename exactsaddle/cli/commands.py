"""The tree of commands, and the exit codes of what the package refuses on purpose."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from exactsaddle import __version__
from exactsaddle.base import CertificateRejected, ExactSaddleError, Inconclusive, ProofFailed
from exactsaddle.cli.starting import quiet_start
from exactsaddle.cli.terminal import complain, out, quietly

EXIT_CODES = (
    "Exit codes: 0 verified or done, 1 rejected, 2 bad input or usage, 3 unchecked; "
    "70 a full disk or a defect, 130 Ctrl-C, 141 nobody reads the output."
)

COMMANDS = (
    "path",
    "report",
    "bundle",
    "check",
    "lasso",
    "minimisers",
    "flow",
    "converge",
    "resolve",
    "claims",
    "audit",
    "fuzz",
    "gallery",
    "datasets",
    "guide",
    "campaign",
)
"""In the order of the help; each is the module of its name, whose ``X_command`` or ``app`` it runs."""


Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print the verdict, or the JSON, and errors alone.")
]


class _Commands(TyperGroup):
    """The commands, each loaded when it is asked for: none waits for the modules of another."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:  # a typo is compared with all
            if name not in self.commands:
                self.add_command(_load(name), name)
        return super().get_command(ctx, cmd_name)


def _load(name: str) -> Any:
    tree = _tree(name)
    tree.rich_markup_mode = app.rich_markup_mode
    command = typer.main.get_command(tree)
    command.name = name
    return command


@cache
def _tree(name: str) -> typer.Typer:
    """A command with what all have: the exit codes below its help, and --quiet.

    What only lists (datasets, guide) has no verdict for --quiet to leave, and does not take it.
    """
    with quiet_start():
        module = import_module(f"exactsaddle.cli.{name}")
    if hasattr(module, "app"):
        tree: typer.Typer = module.app
    else:
        tree = typer.Typer(add_completion=False)
        tree.command(name)(getattr(module, f"{name}_command"))
    tree.info.epilog = EXIT_CODES
    for registered in tree.registered_commands:
        registered.epilog = EXIT_CODES
        if registered.callback is not None and name not in ("datasets", "guide"):
            registered.callback = _takes_quiet(registered.callback)
    return tree


def _takes_quiet(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command --quiet, after its own options."""
    signature = inspect.signature(command, eval_str=True)
    last = inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet)

    @wraps(command)
    def called(*, quiet: bool, **options: Any) -> None:
        with quietly(quiet):
            command(**options)

    called.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), last]
    )
    return called


app = typer.Typer(
    name="exactsaddle",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"exactsaddle {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Exact saddle-to-saddle paths of diagonal linear networks.

    Solved over the rationals, certified, and checked by an independent program.
    """


def run() -> int:
    """Run the command line and return its exit code; an error raised on purpose becomes one message."""
    # Typer frames help and usage errors in boxes, which are for terminals only
    app.rich_markup_mode = "rich" if sys.stdout.isatty() and sys.stderr.isatty() else None
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except CertificateRejected as error:
        complain(str(error))
        return 1
    except Inconclusive as error:
        complain(f"unchecked: {error}")
        return 3
    except ProofFailed:  # a defect, as unforeseen as any other
        raise
    except ExactSaddleError as error:
        complain(str(error))
        return 2
    except MemoryError:
        complain("out of memory: the problem is too large for this machine")
        return 2
    return 0
