"""``exactsaddle guide``: short pages for the jobs that people come with, and every public name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from typing import Annotated, Any

import typer

import exactsaddle
from exactsaddle.base import InvalidInput
from exactsaddle.cli.terminal import out, say
from exactsaddle.numbers import shorten

FACES = (
    "exactsaddle",
    *(
        f"exactsaddle.{room}"
        for room in (
            "audit",
            "base",
            "campaign",
            "certificates",
            "convergence",
            "flow",
            "lasso",
            "minimisers",
            "numbers",
            "path",
            "problem",
        )
    ),
    "exactsaddle.testing.conformance",
    "exactsaddle.testing.properties",
    "exactsaddle.testing.strategies",
)
API = "api"


def guide_command(
    page: Annotated[str | None, typer.Argument(metavar="PAGE", help="A number, a name, or api.")] = None,
) -> None:
    """Print a page of the guide; without PAGE, which pages there are.

    Examples:

      exactsaddle guide

      exactsaddle guide 4

      exactsaddle guide api
    """
    found = pages()
    if page is None:
        for number, (name, text) in enumerate(found.items(), 1):
            say(f"{number:>3}  {name:<36} {text.splitlines()[0].lstrip('# ')}")
        say(f"     {API:<36} every public name")
        return
    text = api_page() if page == API else found.get(name_of(page, found), "")
    if out.is_terminal:
        from rich.markdown import Markdown  # brings a parser that no other command needs

        out.print(Markdown(text))
    else:
        say(text.rstrip())


def name_of(page: str, found: dict[str, str]) -> str:
    """The page of a number or of a name, or of the beginning of one; raises InvalidInput for none."""
    if page.isdecimal() and 1 <= int(page) <= len(found):
        return list(found)[int(page) - 1]
    meant = [name for name in found if name.startswith(page.lower())]
    if len(meant) != 1:
        raise InvalidInput(f"no page {shorten(page)!r}; pages: {', '.join(found)}, {API}")
    return meant[0]


def pages() -> dict[str, str]:
    """The text of each page by its name, in order."""
    place = files(exactsaddle) / "guide"
    names = sorted(entry.name for entry in place.iterdir() if entry.name.endswith(".md"))
    return {re.sub(r"^\d+-|\.md$", "", name): (place / name).read_text(encoding="utf-8") for name in names}


def api_page() -> str:
    """Every public name with its signature and the first line of what it says of itself."""
    lines = ["# Every public name"]
    for face in FACES:
        lines += ["", f"## {face}", "", *_entries(import_module(face))]
    return "\n".join(lines) + "\n"


def _entries(module: Any) -> Iterator[str]:
    for name in module.__all__:
        thing = getattr(module, name)
        described = inspect.isclass(thing) or inspect.isroutine(thing)
        first = (inspect.getdoc(thing) or "").split("\n")[0] if described else ""
        yield f"- `{name}{_signature(thing) if described else ''}`" + (f": {first}" if first else "")


def _signature(thing: Any) -> str:
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        return ""
    try:
        return re.sub(r"'(\w[^']*)'", r"\1", str(inspect.signature(thing)))
    except (TypeError, ValueError):
        return ""
