"""Reports as files: which formats, which folder, each file replaced only once its successor is complete."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from exactsaddle.base import InvalidInput, check_writable, require, write_atomically
from exactsaddle.report.as_json import descent_path_to_json
from exactsaddle.report.contents.origin import Origin
from exactsaddle.report.document import Document
from exactsaddle.report.findings import Findings, OptimiserPath
from exactsaddle.report.renderers.html import render_html
from exactsaddle.report.renderers.machine import findings_to_json, saddles_to_csv
from exactsaddle.report.renderers.markdown import render_markdown
from exactsaddle.report.renderers.pdf import render_pdf
from exactsaddle.report.renderers.tex import findings_to_latex

Format = Literal["html", "pdf", "json", "csv", "md", "tex"]
FORMATS: tuple[Format, ...] = get_args(Format)
COMMON: tuple[Format, ...] = tuple(fmt for fmt in FORMATS if fmt != "tex")
"""What every report can be; LaTeX is of a path alone."""
NEEDS: Mapping[Format, tuple[str, ...]] = {
    "html": ("jinja2", "matplotlib"),
    "pdf": ("typst", "matplotlib"),
}
"""What the formats with pictures need beyond the package itself: the extra ``report``."""


def parse_formats(text: str, known: tuple[Format, ...] = COMMON) -> tuple[Format, ...]:
    """The formats of a list with commas, in known order; raises InvalidInput for one that is not known."""
    wanted = [part.strip().lower() for part in text.split(",") if part.strip()]
    unknown = next((part for part in wanted if part not in known), None)
    if unknown is not None or not wanted:
        raise InvalidInput(f"no format {unknown or text!r}; formats: {', '.join(known)}")
    return tuple(fmt for fmt in known if fmt in wanted)


def place_of(folder: str | Path, fmt: Format) -> Path:
    """The file of a format in a folder."""
    return Path(folder) / f"report.{fmt}"


def prepare(folder: str | Path, formats: Iterable[Format]) -> None:
    """Ask before long work: extras present, the folder made, every file writable.

    Raises MissingExtra, or InvalidInput when the folder is a file or cannot be written.
    """
    chosen = tuple(formats)
    for fmt in chosen:
        for module in NEEDS.get(fmt, ()):
            require(module)
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(f"cannot make the folder {str(folder)!r}: {reason}") from error
    for fmt in chosen:
        check_writable(place_of(place, fmt))


def write_report(
    document: Document, folder: str | Path, formats: Iterable[Format], machine: Mapping[Format, str]
) -> tuple[Path, ...]:
    """Write the document as report.html, .pdf and .md, and report.json, .csv and .tex as machine gives them.

    A form that machine lacks is left out; other files of the folder are left alone. Returns what was written.
    """
    render: dict[Format, Callable[[], str | bytes]] = {
        "html": lambda: render_html(document),
        "pdf": lambda: render_pdf(document),
        "md": lambda: render_markdown(document),
    }
    written = []
    for fmt in formats:
        if fmt not in render and fmt not in machine:
            continue
        content = render[fmt]() if fmt in render else machine[fmt]
        write_atomically(place_of(folder, fmt), content)
        written.append(place_of(folder, fmt))
    return tuple(written)


def machine_forms(
    findings: Findings, origin: Origin, beside: OptimiserPath | None = None
) -> dict[Format, Callable[[], str]]:
    """The forms for programs, pdflatex among them, each made when it is asked for."""

    def whole() -> dict[str, Any]:
        document = findings_to_json(findings, origin)
        if beside is None:
            return document
        return {
            **document,
            "optimiser": descent_path_to_json(beside.path, beside.expansion, beside.verdict),
        }

    return {
        "json": lambda: to_json_text(whole()),
        "csv": lambda: saddles_to_csv(findings),
        "tex": lambda: findings_to_latex(findings, origin),
    }


def to_json_text(document: Any) -> str:
    """A JSON document as text, the same on every machine."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
