"""What a campaign found, for its report: how paths turn, how many saddles they have, the records."""

from __future__ import annotations

from collections.abc import Iterator

from exactsaddle.campaign.links import links
from exactsaddle.campaign.pictures import saddle_pictures, turn_pictures
from exactsaddle.campaign.results import Results
from exactsaddle.campaign.statistics import STATISTICS
from exactsaddle.campaign.summary import LEVEL, TURNS, Cell, Share, column_of
from exactsaddle.report.contents.building import paragraph, table
from exactsaddle.report.document import Block, Strong, Word, Words, words


def turn_blocks(cells: tuple[Cell, ...]) -> Iterator[Block]:
    """How often coordinates leave and return, in figures and tables."""
    yield paragraph(
        "A coordinate that leaves the support is a deactivation; one that returns with the sign it left "
        "with a reactivation, with the other sign a sign flip; a support drop is a jump after which the "
        "support is smaller. Counts are exact, over verified paths. Shares stand with their "
        f"{LEVEL:.0%} Wilson intervals, which are statistical: for the law the instances were drawn from."
    )
    yield from _headline(cells)
    yield from turn_pictures(cells)
    for name in TURNS:
        rows = [
            (
                cell.experiment.name,
                f"{cell.n} × {cell.d}",
                f"{float(cell.ratio):.3g}",
                f"{turns.paths.of:,}",
                f"{turns.paths.count:,}",
                _share_text(turns.paths),
                f"{turns.mean:.3f}",
                f"{turns.most}",
            )
            for cell in cells
            if (turns := cell.turns.get(name)) is not None
        ]
        if rows:
            label = name.replace("-", " ")
            caption = f"{label.capitalize()}: {STATISTICS[name].story}."
            headings = (
                "experiment",
                "n × d",
                "n/d",
                "paths",
                "with one",
                f"share [{LEVEL:.0%}]",
                "mean",
                "most",
            )
            yield table(f"{name}-table", words(caption), headings, rows, left=(0,))


def _headline(cells: tuple[Cell, ...]) -> Iterator[Block]:
    """Where the active set is monotone least and most often."""
    shares = [(turns.paths, cell) for cell in cells if (turns := cell.turns.get("deactivations"))]
    if not shares:
        return
    most, least = (choose(shares, key=lambda pair: pair[0].value) for choose in (max, min))
    total = f"{sum(share.count for share, _ in shares):,} of {sum(share.of for share, _ in shares):,} paths"
    yield paragraph(
        "A coordinate leaves on ",
        Strong(total),
        f": most often on {_where(most[1])}, on {_share_text(most[0])}; "
        f"least often on {_where(least[1])}, on {_share_text(least[0])}.",
    )


def saddle_blocks(cells: tuple[Cell, ...]) -> Iterator[Block]:
    """How long paths are."""
    yield from saddle_pictures(cells)
    rows = [
        (
            cell.experiment.name,
            f"{cell.n} × {cell.d}",
            f"{float(cell.ratio):.3g}",
            *(str(value) for value in (s.least, s.low, s.median, s.high, s.most)),
            f"{s.mean:.3f}",
            f"{s.mean / cell.d:.3f}",
        )
        for cell in cells
        if (s := cell.saddles) is not None
    ]
    headings = (
        "experiment",
        "n × d",
        "n/d",
        "least",
        "5 %",
        "median",
        "95 %",
        "most",
        "mean",
        "mean / d",
    )
    caption = "Saddles of a path, β_0 = 0 included: exact counts over verified paths."
    yield table("saddle-table", words(caption), headings, rows, left=(0,))


def record_table(results: Results) -> Block:
    """The instances kept for a statistic in which they are extremal."""
    shown = [name for name in results.spec.statistics if name in ("saddles", *TURNS, "bits")]
    rows: list[tuple[Word | Words, ...]] = [
        (
            str(kept.row["instance"]),
            kept.row["experiment"],
            f"{kept.row['n']} × {kept.row['d']}",
            *(str(kept.row[column_of(name)]) for name in shown),
            ", ".join(reason.replace("-", " ") for reason in kept.reasons),
            links(kept),
        )
        for kept in results.records
    ]
    each = results.spec.keep.each
    caption = f"Kept whole: the {each} highest of each statistic named. Each certificate was checked."
    headings = (
        "instance",
        "experiment",
        "n × d",
        *(n.replace("-", " ") for n in shown),
        "extremal in",
        "files",
    )
    return table(
        "record-table", words(caption), headings, rows, left=(1, len(headings) - 2, len(headings) - 1)
    )


def _share_text(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.2%} [{low:.2%}, {high:.2%}]"


def _where(cell: Cell) -> str:
    return f"{cell.n} × {cell.d} ({cell.experiment.name})"
