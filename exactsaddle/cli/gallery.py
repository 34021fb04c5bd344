"""``exactsaddle gallery``: build the reports of the gallery."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from exactsaddle.base import Status
from exactsaddle.cli.finding import findings_of, pictures_of
from exactsaddle.cli.options import AsJson
from exactsaddle.cli.terminal import conclude, print_json, progress_bar, say, verdict_text
from exactsaddle.path import saddle_path
from exactsaddle.report.figures.audit import audit_drawing, audit_pictures
from exactsaddle.report.gallery.build import FORMATS, Piece, select, write_index, write_piece
from exactsaddle.report.gallery.exhibits import Exhibit
from exactsaddle.report.writing import prepare


def gallery_command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write into; made if missing.")
    ] = Path("reports"),
    only: Annotated[
        list[str],
        typer.Option("--only", metavar="NAME", help="This exhibit alone, without the index. Repeatable."),
    ] = [],
    as_json: AsJson = False,
) -> None:
    """Build the gallery: an index and a report, HTML and PDF, for each of a few telling problems.

    The same versions give the same bytes. Exit code: that of the weakest verdict.

    Examples:

      exactsaddle gallery -o reports

      exactsaddle gallery --only exact-tie --only near-tie -o /tmp/gallery
    """
    exhibits = select(only)
    prepare(output, ())
    for exhibit in exhibits:
        prepare(output / exhibit.slug, FORMATS)
    pieces: list[Piece] = []
    written: list[Path] = []
    with progress_bar("building the gallery", total=len(exhibits)) as update:
        for done, exhibit in enumerate(exhibits):
            update(done, exhibit.title)
            piece = _piece(exhibit)
            written += write_piece(piece, output)
            pieces.append(piece)
    if not only:
        written += write_index(pieces, output)
    verdicts = {piece.exhibit.slug: piece.findings.verdict.status for piece in pieces}
    size = sum(place.stat().st_size for place in written)
    if as_json:
        listing = {slug: status.value for slug, status in verdicts.items()}
        print_json({"files": [str(place) for place in written], "bytes": size, "verdicts": listing})
    else:
        for piece in pieces:
            line = verdict_text(piece.findings.verdict.status, piece.findings.certified.verdict.evidence)
            conclude(Text.assemble(f"{piece.exhibit.slug}: ", line))
        say(f"{len(written)} files, {size / 1e6:.1f} MB, in {output}")
    raise typer.Exit(Status.weakest(verdicts.values()).exit_code)


def _piece(exhibit: Exhibit) -> Piece:
    """The findings and pictures of an exhibit: those of its path or, where there is one, of its run."""
    problem, ours = exhibit.problem(), exhibit.training is None
    found = findings_of(saddle_path(problem), None, None, flow=ours, curves=ours)
    if exhibit.training is None:
        return Piece(exhibit, found, pictures_of(found))
    audited = exhibit.training.audit(problem)
    return Piece(exhibit, found, audit_pictures(audited, *audit_drawing(audited)), audited)
