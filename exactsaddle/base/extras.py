"""What an extra brings, imported when it is used; absent, a command is named that installs it here."""

from __future__ import annotations

import json
import shlex
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from exactsaddle.base.errors import MissingExtra


def require(module: str, extra: str = "report", needs: str | None = None) -> Any:
    """The module, which this extra of the package installs; raises MissingExtra where it is absent.

    needs says who misses what, as in "fuzz needs Hypothesis".
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise
        raise missing_extra(needs or f"this needs {package}", extra) from None


def missing_extra(needs: str, extra: str) -> MissingExtra:
    """The error that names the command."""
    return MissingExtra(f"{needs}: {install_command(extra)}")


def install_command(extra: str) -> str:
    """A command that installs an extra for this Python, from wherever the package came.

    From a folder, a repository or a file where it was installed from one (PEP 610), else from the index by
    name.
    """
    return f"{pip_install()} {_requirement(extra)}"


def pip_install() -> str:
    """How this Python installs packages: by pip, or by uv where this environment has no pip."""
    python = shlex.quote(sys.executable or "python")
    return f"{python} -m pip install" if find_spec("pip") else f"uv pip install --python {python}"


def _requirement(extra: str) -> str:
    from importlib.metadata import PackageNotFoundError, distribution  # only when something is missing

    here = Path(__file__).resolve().parents[2]
    try:
        text = distribution("exactsaddle").read_text("direct_url.json")
    except PackageNotFoundError:  # run from its source
        return shlex.quote(f"{here}[{extra}]") if (here / "pyproject.toml").is_file() else _by_name(extra)
    if not text:
        return _by_name(extra)
    came = json.loads(text)
    url = came["url"]
    if "dir_info" in came:
        place = shlex.quote(f"{unquote(urlsplit(url).path)}[{extra}]")
        return f"-e {place}" if came["dir_info"].get("editable") else place
    if "vcs_info" in came:
        revision = came["vcs_info"].get("requested_revision")
        url = f"{came['vcs_info']['vcs']}+{url}" + (f"@{revision}" if revision else "")
    return shlex.quote(f"exactsaddle[{extra}] @ {url}")


def _by_name(extra: str) -> str:
    return f"'exactsaddle[{extra}]'"
