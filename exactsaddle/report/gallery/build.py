"""The gallery as files: a folder with a report for each exhibit, and one index of all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from exactsaddle import __version__
from exactsaddle.audit import Audit
from exactsaddle.base import InvalidInput, Status, counted, write_atomically
from exactsaddle.path import SaddlePath
from exactsaddle.report.contents.audit import audit_document
from exactsaddle.report.contents.building import coordinates, paragraph, table
from exactsaddle.report.contents.numbers import jump_time
from exactsaddle.report.contents.origin import Origin, check_section
from exactsaddle.report.contents.whole import report_document
from exactsaddle.report.document import (
    Banner,
    Block,
    Code,
    Document,
    Link,
    Listing,
    Picture,
    Section,
    Strong,
    Word,
    words,
)
from exactsaddle.report.findings import Absent, Findings
from exactsaddle.report.gallery.exhibits import EXHIBITS, Exhibit
from exactsaddle.report.gallery.float_recursion import float_saddles
from exactsaddle.report.gallery.step import step_section
from exactsaddle.report.renderers.html import render_html
from exactsaddle.report.renderers.markdown import render_markdown
from exactsaddle.report.writing import Format, prepare, write_report

FORMATS: tuple[Format, ...] = ("html", "pdf")
MANIFEST = "manifest.json"
COMMAND = "exactsaddle gallery"
PROBLEM = "problem.json"
RUN = "run.csv"
COORDINATES = "coordinates.svg"
MADE_WITH = ("python-flint", "numpy", "matplotlib", "jinja2", "typst")
"""The packages whose version may change a byte of a report."""
MOST_FLOAT_SADDLES = 6
"""Saddles of the float recursion that are shown."""


@dataclass(frozen=True, eq=False)
class Piece:
    """An exhibit with what was found out about it, and its pictures."""

    exhibit: Exhibit
    findings: Findings
    pictures: tuple[Picture, ...] | Absent
    audit: Audit | None = None

    @property
    def coordinates(self) -> Picture | None:
        """The picture of the coordinates, of the path or of the run, where there is one."""
        drawn = () if isinstance(self.pictures, Absent) else self.pictures
        return next((picture for picture in drawn if picture.anchor in ("coordinates", "run")), None)


def select(names: Sequence[str]) -> tuple[Exhibit, ...]:
    """The exhibits of these names, all for none; raises InvalidInput for an unknown one."""
    known = {exhibit.slug: exhibit for exhibit in EXHIBITS}
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise InvalidInput(f"no exhibit {unknown!r}; there are: {', '.join(known)}")
    return tuple(exhibit for exhibit in EXHIBITS if not names or exhibit.slug in names)


def versions() -> dict[str, str]:
    """This package and those whose version may change a byte of a report."""
    return {"exactsaddle": __version__, **{name: version(name) for name in MADE_WITH}}


def write_piece(piece: Piece, folder: Path) -> tuple[Path, ...]:
    """report.html and report.pdf in the exhibit's own folder, its problem and run beside them; the files."""
    place = folder / piece.exhibit.slug
    prepare(place, FORMATS)
    written = list(write_report(_document(piece), place, FORMATS, {}))
    if not piece.exhibit.data:
        piece.findings.problem.save(place / PROBLEM)
        written.append(place / PROBLEM)
    if piece.exhibit.training is not None:
        written.append(place / RUN)
        write_atomically(written[-1], piece.exhibit.training.csv(piece.findings.problem))
    if piece.coordinates is not None:
        written.append(place / COORDINATES)
        write_atomically(written[-1], piece.coordinates.svg)
    return tuple(written)


def write_index(pieces: Sequence[Piece], folder: Path) -> tuple[Path, ...]:
    """index.html and README.md, which say what hangs where, and the manifest of versions; the files."""
    document = _index(pieces)
    manifest = {
        "command": COMMAND,
        "versions": versions(),
        "exhibits": {piece.exhibit.slug: piece.findings.problem.digest for piece in pieces},
    }
    contents = {
        "index.html": render_html(document),
        "README.md": render_markdown(
            document, {piece.exhibit.slug: f"{piece.exhibit.slug}/{COORDINATES}" for piece in pieces}
        ),
        MANIFEST: json.dumps(manifest, indent=1) + "\n",
    }
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return tuple(folder / name for name in contents)


def _document(piece: Piece) -> Document:
    exhibit, findings = piece.exhibit, piece.findings
    data = exhibit.data or PROBLEM
    command = f"exactsaddle report {data}"
    if exhibit.training is not None:
        command = (
            f"exactsaddle audit {data} {RUN} --alpha {exhibit.training.alpha} --step {exhibit.training.step}"
        )
    origin = Origin(
        exhibit.title,
        f"from the gallery of exactsaddle, {'packaged data' if exhibit.data else 'the file ' + PROBLEM}",
        command,
        __version__,
    )
    extra = [Section("exhibit", "What to see here", (paragraph(exhibit.story),))]
    if piece.audit is not None:
        drawn = () if isinstance(piece.pictures, Absent) else piece.pictures
        document = audit_document(piece.audit, drawn, origin)
        checking = check_section(findings.certified)
        return replace(document, title=exhibit.title, sections=(*extra, *document.sections, checking))
    document = report_document(findings, piece.pictures, origin)
    if exhibit.floats:
        extra.append(_floats_section(findings.path))
    if exhibit.step:
        extra.append(step_section(findings.path, exhibit.step))
    return replace(document, title=exhibit.title, sections=(*extra, *document.sections))


def _floats_section(path: SaddlePath) -> Section:
    """What the recursion in plain floats says of the same data, beside the exact path."""
    problem = path.problem
    found = float_saddles([[float(v) for v in row] for row in problem.X], [float(v) for v in problem.y])
    rows: list[tuple[Word, ...]] = []
    for k in range(max(len(path), min(len(found), MOST_FLOAT_SADDLES))):
        exact = path[k] if k < len(path) else None
        float_one = found[k] if k < len(found) else None
        rows.append(
            (
                str(k),
                jump_time(path, exact) if exact else "—",
                coordinates(exact.support, problem.names) if exact else "—",
                f"{float_one.time:.10g}" if float_one else "—",
                coordinates(float_one.support, problem.names) if float_one else "—",
            )
        )
    end = ", ".join(f"{value:.10g}" for value in found[-1].beta)
    exact_end = ", ".join(str(value) for value in path[-1].beta)
    return Section(
        "floats",
        "What floats make of it",
        (
            paragraph(
                "The same recursion in binary64, with Lawson and Hanson's nnls inside and tolerances of "
                f"10⁻⁹, as it is usually written, finds {counted(len(found), 'saddle')} where there are "
                f"{len(path)}, and says nothing of its mistakes. These are floating-point numbers, and wrong:"
            ),
            table(
                "float-saddles",
                words("The exact path, and what floats say (", Strong("not certified"), ")."),
                ("k", "exact t", "exact support", "float t", "float support"),
                rows,
                left=(2, 4),
            ),
            Listing(f"exact   ({exact_end})\nfloats  ({end})", "The end of the path"),
        ),
    )


def _index(pieces: Sequence[Piece]) -> Document:
    status = Status.weakest(piece.findings.verdict.status for piece in pieces)
    return Document(
        title="The gallery",
        subtitle="Paths with one thing to see each, solved exactly and independently checked",
        banner=Banner(
            status,
            words(
                f"{counted(len(pieces), 'path')}: the weakest verdict among them is {status.value}. Each "
                "report carries its certificate and says how to check it."
            ),
        ),
        sections=(
            Section("exhibits", "The exhibits", (_index_table(pieces),)),
            *(Section(piece.exhibit.slug, piece.exhibit.title, _entry(piece)) for piece in pieces),
            Section("rebuild", "How the gallery is made", (Listing(f"{COMMAND} -o reports"), _made_with())),
        ),
        made_by=words(Code(COMMAND), f", exactsaddle {__version__}"),
    )


def _made_with() -> Block:
    listing = ", ".join(f"{name} {number}" for name, number in versions().items())
    return paragraph(f"The same versions give the same bytes. Made with {listing}.")


def _index_table(pieces: Sequence[Piece]) -> Block:
    return table(
        "index",
        words("What hangs here."),
        ("exhibit", "n × d", "saddles", "leave the support", "unique", "verdict"),
        (
            (
                Link(piece.exhibit.title, f"#{piece.exhibit.slug}"),
                "{} × {}".format(*piece.findings.problem.shape),
                str(len(piece.findings.path)),
                str(sum(len(jump.left) for jump in piece.findings.path.events)),
                "yes" if all(here.unique for here in piece.findings.minimisers) else "no",
                piece.findings.verdict.status.value
                + ("" if piece.audit is None else f"; the run {piece.audit.verdict}"),
            )
            for piece in pieces
        ),
        left=(0, 5),
    )


def _entry(piece: Piece) -> tuple[Block, ...]:
    slug = piece.exhibit.slug
    links: list[Word] = [
        Link("report.html", f"{slug}/report.html"),
        " · ",
        Link("report.pdf", f"{slug}/report.pdf"),
    ]
    files = [] if piece.exhibit.data else [PROBLEM]
    if piece.audit is not None:
        files.append(RUN)
    for name in files:
        links += [" · ", Link(name, f"{slug}/{name}")]
    shown = [] if piece.coordinates is None else [_renamed(piece.coordinates, slug)]
    return paragraph(piece.exhibit.story), paragraph(*links), *shown


def _renamed(picture: Picture, slug: str) -> Picture:
    """The picture with ids of its own, so that several of its kind stand on one page; without a cursor."""
    svg = picture.svg.replace(f'id="{picture.anchor}', f'id="{slug}').replace(
        f"#{picture.anchor}", f"#{slug}"
    )
    return Picture(slug, picture.title, svg, picture.alt, picture.caption)
