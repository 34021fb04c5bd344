"""The scaling study as a report: fitted exponents, pictures and profiles of kept measurements.

Run: python -m tests.benchmarks.scaling_report measurements.json -o reports/scaling
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from exactsaddle import Status, __version__
from exactsaddle.report import palette
from exactsaddle.report.contents.building import facts, paragraph, table
from exactsaddle.report.document import (
    Banner,
    Block,
    Code,
    Document,
    Listing,
    Picture,
    Points,
    Section,
    Strong,
    Word,
    words,
)
from exactsaddle.report.figures.canvas import drawing_style, finish
from exactsaddle.report.figures.panel import (
    Label,
    box,
    label_margin,
    logarithmic_ticks,
    margin_labels,
    new_figure,
)
from exactsaddle.report.writing import Format, prepare, write_report
from tests.benchmarks.scaling import SERIES, Measurement, exponent

Quantity = Callable[[Measurement], float]
FORMATS: tuple[Format, ...] = ("html", "pdf", "csv")
QUANTITIES: dict[str, dict[str, Quantity]] = {
    "n": {
        "solve, s": lambda m: m.solve_seconds,
        "× lars_path": lambda m: m.lars_ratio,
        "check, s": lambda m: m.check_seconds,
        "saddles": lambda m: m.saddles,
        "precision, bits": lambda m: m.precision,
        "certificate, bytes": lambda m: m.certificate_bytes,
    },
    "d": {
        "solve, s": lambda m: m.solve_seconds,
        "× lars_path": lambda m: m.lars_ratio,
        "check, s": lambda m: m.check_seconds,
        "saddles": lambda m: m.saddles,
        "certificate, bytes": lambda m: m.certificate_bytes,
    },
    "tall": {
        "solve, s": lambda m: m.solve_seconds,
        "× lars_path": lambda m: m.lars_ratio,
        "check, s": lambda m: m.check_seconds,
    },
    "entries": {"solve, s": lambda m: m.solve_seconds, "check, s": lambda m: m.check_seconds},
    "rational": {
        "solve, s": lambda m: m.solve_seconds,
        "last dual, bits": lambda m: m.dual_bits,
        "certificate, bytes": lambda m: m.certificate_bytes,
    },
    "digits": {"time for the digits, s": lambda m: m.digits_seconds},
}
"""What is fitted and drawn in each series."""
AXES = {
    "n": "n (d = 2n)",
    "d": "d (n = 50)",
    "tall": "n (d = 30)",
    "entries": "bits of an entry",
    "rational": "n (d = 2n), plain rationals",
    "digits": "decimal digits",
}


def report(measurements: Sequence[Measurement], profiles: Sequence[dict[str, Any]]) -> Document:
    """The study as a document; every figure in it is measured or fitted here."""
    by_series = {name: [m for m in measurements if m.series == name] for name in SERIES}
    with drawing_style():
        sections = [
            _series_section(name, found) for name, found in by_series.items() if name in AXES and found
        ]
    return Document(
        title="How the cost grows",
        subtitle="Time, precision and certificate size against n, d, kind and size of entries, and digits",
        banner=Banner(
            Status.VERIFIED,
            words(
                f"{len(measurements)} paths, each verified by an independent checker. Times and fitted "
                "exponents are measurements, not theorems."
            ),
        ),
        sections=(
            Section("summary", "In short", (_summary(by_series, profiles), _exponents(by_series))),
            *sections,
            Section("kinds", SERIES["kind"], (_kinds(by_series["kind"]),)),
            Section("peers", "Beside others", (_peers(by_series),)),
            Section("profile", "Where the time goes", tuple(_profile_blocks(profiles))),
            Section("method", "How it was measured", tuple(_method())),
        ),
        made_by=words(Code("python -m tests.benchmarks.scaling_report"), f", exactsaddle {__version__}"),
    )


def _points(found: Sequence[Measurement], quantity: Quantity) -> list[tuple[float, float]]:
    pairs = [(float(m.value), float(quantity(m))) for m in found]
    return [(x, y) for x, y in pairs if y > 0]


def _exponent_text(found: Sequence[Measurement], quantity: Quantity) -> str:
    points = _points(found, quantity)
    if len(points) < 3:
        return "too few points"
    slope, error = exponent(points)
    return f"{slope:.2f}" if math.isnan(error) else f"{slope:.2f} ± {error:.2f}"


def _exponents(by_series: dict[str, list[Measurement]]) -> Block:
    rows: list[tuple[Word, ...]] = [
        (SERIES[name], label, _exponent_text(found, quantity))
        for name, found in by_series.items()
        if name in AXES and found
        for label, quantity in QUANTITIES[name].items()
    ]
    return table(
        "exponents",
        words(
            "Exponents of a power law through the larger half of each series, least squares in "
            "logarithms, with their standard error (statistical)."
        ),
        ("series", "quantity", "exponent"),
        rows,
        left=(0, 1),
    )


def _summary(by_series: dict[str, list[Measurement]], profiles: Sequence[dict[str, Any]]) -> Block:
    wide, tall, bits = by_series["n"], by_series["tall"], by_series["entries"]
    rational, digits = by_series["rational"], by_series["digits"]
    same = [(m, r) for r in rational for m in wide if m.n == r.n]
    balls, exact = same[-1]
    slowest = max(wide, key=lambda m: m.n)
    shares = max(profiles, key=lambda p: p["n"] * p["d"])
    first, share = max(shares["shares"].items(), key=lambda item: item[1])
    checked = max((m for m in wide if m.check_seconds > 0), key=lambda m: m.n)
    most = max(m.precision for m in (*wide, *by_series["d"], *tall))
    decided = sum(m.undecided_by_floats for m in (*wide, *by_series["d"], *tall, *bits))
    return Points(
        (
            words(
                f"At {slowest.n} × {slowest.d} a path of {slowest.saddles} saddles takes "
                f"{slowest.solve_seconds:.2g} s of CPU time, {slowest.lars_ratio:.1f} times that of "
                "scikit-learn's lars_path, which proves nothing; the most bits that any binary64 data took "
                f"are {most}: precision does not grow with the number of saddles."
            ),
            words(
                f"At {balls.n} × {balls.d} plain rationals take "
                f"{exact.solve_seconds / balls.solve_seconds:.0f} times as long, and their certificate is "
                f"{exact.certificate_bytes / balls.certificate_bytes:.0f} times as large as that of the "
                "events."
            ),
            words(
                f"Entries of {bits[-1].value} bits cost "
                f"{bits[-1].solve_seconds / bits[0].solve_seconds:.1f} times as much as entries of "
                f"{bits[0].value}; tall data of {tall[-1].n:,} rows cost "
                f"{tall[-1].solve_seconds / tall[0].solve_seconds:.0f} times as much as {tall[0].n}, for "
                f"{tall[-1].n // tall[0].n} times as many rows: one pass over the data."
            ),
            words(
                f"{digits[-1].value:,} digits of the last jump time of a 40 × 80 path cost "
                f"{digits[-1].digits_seconds:.1f} s, {digits[0].value} digits "
                f"{digits[0].digits_seconds:.2f} s."
            ),
            words(
                "The independent interval checker, in plain Python integers, takes "
                f"{checked.check_seconds / checked.solve_seconds:.0f} times as long as the solver at "
                f"{checked.n} × {checked.d}."
            ),
            words(
                f"Of all decisions in the wide, tall and large-entry series {decided} were left open by "
                "binary64 bounds: these data have no ties."
            ),
            words(
                Strong("The next bottleneck: "),
                f"{first}, {share:.0%} of the time at {shares['n']} × {shares['d']} under the profiler. "
                "Small data pay for the number of calls a saddle takes, large data for the product of X with "
                "the residual, which lars_path takes too.",
            ),
        )
    )


def _peers(by_series: dict[str, list[Measurement]]) -> Block:
    """Each peer with its error."""
    found = [m for name in ("n", "d", "tall") for m in by_series[name] if m.lars_ratio]
    return table(
        "peers",
        words(
            "CPU times beside the proved path, and how far the end of each is from the exact one, relatively "
            "to its largest entry. Plain floats: Algorithm 1 in Python's loops, and for how many saddles its "
            "supports are right. R: lars 0.9-5 as Debian has it (r-other-iwrlars, a fork, with the routine "
            "that it lacks supplied by R's qr), on columns of norm 1; R's lars itself is not in Debian."
        ),
        ("data", "× lars_path", "its error", "plain floats, s", "right", "R's lars, s", "its error"),
        [
            (
                f"{m.n:,} × {m.d:,}",
                f"{m.lars_ratio:.2f}",
                f"{m.lars_error:.0e}",
                _shown(m.loops_seconds),
                f"{m.loops_right} of {m.saddles}" if m.loops_right else "—",
                _shown(m.r_seconds),
                f"{m.r_error:.0e}" if m.r_seconds else "—",
            )
            for m in found
        ],
        left=(0,),
    )


def _kinds(found: Sequence[Measurement]) -> Block:
    """How much the kind of entries matters."""
    return table(
        "kinds-table",
        words(
            "CPU times; lars_path gets the nearest floats. Bits: the working precision, or exact rationals "
            "where there are none. Left open: what binary64 bounds left to balls or to exact arithmetic."
        ),
        ("entries", "saddles", "solve, s", "× lars_path", "its error", "bits", "left open", "check, s"),
        [
            (
                f"{m.kind}{'' if m.d != m.n else f' ({m.n} × {m.d})'}",
                str(m.saddles),
                _shown(m.solve_seconds),
                f"{m.lars_ratio:.2f}",
                f"{m.lars_error:.0e}",
                str(m.precision) if m.precision else "—",
                str(m.undecided_by_floats),
                _shown(m.check_seconds),
            )
            for m in found
        ],
        left=(0,),
    )


def _series_section(name: str, found: Sequence[Measurement]) -> Section:
    return Section(f"series-{name}", SERIES[name], (_picture(name, found), _measurements(name, found)))


def _measurements(name: str, found: Sequence[Measurement]) -> Block:
    others = {k: v for k, v in QUANTITIES[name].items() if k not in ("saddles", "precision, bits")}
    return table(
        f"table-{name}",
        words("Measurements; seconds are CPU seconds."),
        (AXES[name], "saddles", "precision, bits", "peak MiB", *others),
        (
            (
                f"{m.value:,}",
                str(m.saddles),
                str(m.precision) if m.precision else "—",
                f"{m.peak_mib:.0f}",
                *(_shown(quantity(m)) for quantity in others.values()),
            )
            for m in found
        ),
    )


def _shown(value: float) -> str:
    if value == 0:
        return "—"
    return f"{value:,.0f}" if isinstance(value, int) else f"{value:.3g}"


def _picture(name: str, found: Sequence[Measurement]) -> Picture:
    """Each quantity over its own value at the smallest point, so that one axis holds them all."""
    height = 230.0
    quantities = QUANTITIES[name]
    curves = {label: np.array(_points(found, quantity)).T for label, quantity in quantities.items()}
    curves = {label: curve for label, curve in curves.items() if curve.size}
    figure = new_figure(height)
    axes = figure.add_axes(box(height, 48, label_margin(list(curves)), 12, 36))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(AXES[name])
    axes.set_ylabel("relative to the smallest")
    labels = []
    for (label, (x, y)), colour in zip(curves.items(), palette.SERIES, strict=False):
        axes.plot(x, y / y[0], color=colour, marker="o", markersize=3, linewidth=1.2)
        labels.append(Label(float(y[-1] / y[0]), label, colour, None))
    logarithmic_ticks(axes.xaxis)
    logarithmic_ticks(axes.yaxis)
    margin_labels(axes, labels)
    ends = "; ".join(
        f"{label} from {_shown(float(curve[1][0]))} to {_shown(float(curve[1][-1]))}"
        for label, curve in curves.items()
    )
    return finish(
        figure,
        anchor=f"scaling-{name}",
        title=SERIES[name],
        alt=f"From {found[0].value:,} to {found[-1].value:,}: {ends}.",
        caption=words("Both axes logarithmic; each quantity divided by its value at the smallest point."),
    )


def _profile_blocks(profiles: Sequence[dict[str, Any]]) -> list[Block]:
    stages = list(profiles[0]["shares"])
    rows = [(stage, *(f"{p['shares'][stage]:.0%}" for p in profiles)) for stage in stages]
    return [
        table(
            "profile-table",
            words(
                "Share of each stage in the time of one path, under Python's profiler, which slows small "
                "calls."
            ),
            ("stage", *(f"{p['n']:,} × {p['d']:,}" for p in profiles)),
            rows,
            left=(0,),
        )
    ]


def _method() -> list[Block]:
    return [
        paragraph(
            "Each path is solved in a process of its own, with one BLAS thread; times are CPU seconds, "
            "medians of a few runs; peak memory is the process's. Ratios are medians of ratios taken in "
            "turn, with the building of Problem. Data: normal deviates of NumPy's "
            "generator with seed 0, taken at their exact dyadic value, or integers of Python's."
        ),
        Listing(
            "python -m tests.benchmarks.scaling measurements.json\n"
            "python -m tests.benchmarks.scaling_report measurements.json -o reports/scaling"
        ),
        facts(
            "made-with", words("Made with"), (("exactsaddle", __version__), ("processors", "2 shared cores"))
        ),
    ]


def _csv(measurements: Sequence[Measurement]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(Measurement.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(vars(m) for m in measurements)
    return stream.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measurements", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    document = json.loads(options.measurements.read_text(encoding="utf-8"))
    measurements = [Measurement(**fields) for fields in document["measurements"]]
    prepare(options.output, FORMATS)
    for place in write_report(
        report(measurements, document["profiles"]), options.output, FORMATS, {"csv": _csv(measurements)}
    ):
        print(place)


if __name__ == "__main__":
    main()
