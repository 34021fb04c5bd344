"""The tree of commands, and the exit codes of what the package refuses on purpose."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from exactsaddle import __version__
from exactsaddle.base import CertificateRejected, ExactSaddleError, Inconclusive, ProofFailed
from exactsaddle.cli import (
    audit,
    bundle,
    campaign,
    check,
    claims,
    converge,
    datasets,
    flow,
    fuzz,
    gallery,
    guide,
    lasso,
    minimisers,
    path,
    report,
    resolve,
)
from exactsaddle.cli.options import takes_quiet
from exactsaddle.cli.terminal import complain, out

EXIT_CODES = (
    "Exit codes: 0 verified or done, 1 rejected, 2 bad input or usage, 3 unchecked; "
    "70 a full disk or a defect, 130 Ctrl-C, 141 nobody reads the output."
)

app = typer.Typer(
    name="exactsaddle",
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


_COMMANDS: dict[str, Callable[..., None]] = {
    "path": path.path_command,
    "report": report.report_command,
    "bundle": bundle.bundle_command,
    "check": check.check_command,
    "lasso": lasso.lasso_command,
    "minimisers": minimisers.minimisers_command,
    "flow": flow.flow_command,
    "converge": converge.converge_command,
    "resolve": resolve.resolve_command,
    "claims": claims.claims_command,
    "audit": audit.audit_command,
    "fuzz": fuzz.fuzz_command,
    "gallery": gallery.gallery_command,
    "datasets": datasets.datasets_command,
    "guide": guide.guide_command,
}
for name, command in _COMMANDS.items():
    app.command(name)(command)
campaign.register(app)


def _finish(tree: typer.Typer) -> None:
    """Give every command what all have: the exit codes below its help, and --quiet.

    What only lists (datasets, guide) has no verdict for --quiet to leave, and does not take it.
    """
    for registered in tree.registered_commands:
        registered.epilog = EXIT_CODES
        if registered.callback is not None and registered.name not in ("datasets", "guide"):
            registered.callback = takes_quiet(registered.callback)
    for group in tree.registered_groups:
        if group.typer_instance is not None:
            group.epilog = EXIT_CODES
            _finish(group.typer_instance)


_finish(app)


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
