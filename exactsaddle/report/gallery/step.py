"""What a step of gradient descent makes of a path, beside the flow's."""

from __future__ import annotations

from exactsaddle.path import SaddlePath
from exactsaddle.path.descent import descent_path, step_limits
from exactsaddle.report.contents.building import coordinates, paragraph, table
from exactsaddle.report.contents.numbers import jump_time, number
from exactsaddle.report.document import Code, Listing, Section, Strong, Word, words


def step_section(path: SaddlePath, step: str) -> Section:
    """The limit path of descent with this step, checked on its own, beside the path of the flow."""
    problem = path.problem
    descent = descent_path(problem, step)
    verdict = descent.certificate().check()
    rows: list[tuple[Word, ...]] = []
    for k in range(max(len(path), len(descent))):
        flow = path[k] if k < len(path) else None
        mine = descent[k] if k < len(descent) else None
        rows.append(
            (
                str(k),
                jump_time(path, flow) if flow else "—",
                coordinates(flow.support, problem.names) if flow else "—",
                f"≈ {mine.jump_time_text(8)}" if mine else "—",
                coordinates(mine.support, problem.names) if mine else "—",
            )
        )
    ends = [", ".join(map(str, saddles[-1].beta)) for saddles in (path, descent)]
    return Section(
        "step",
        "What a step makes of it",
        (
            paragraph(
                f"Gradient descent with the step η = {step} has a limit path of its own as α → 0. Its "
                "certificate is ",
                Strong(verdict.status.value),
                " by its own checker. The events are the flow's, in its order, for every η up to ",
                number(step_limits(problem).order.low, 6),
                ", proved. ",
                Code(f"exactsaddle path problem.json --step {step}"),
                " gives it again.",
            ),
            table(
                "step-saddles",
                words(f"The flow, and gradient descent with η = {step}, in the time η·(steps)/ln(1/α)."),
                ("k", "flow t", "flow support", "descent t", "descent support"),
                rows,
                left=(2, 4),
            ),
            Listing(f"flow     ({ends[0]})\ndescent  ({ends[1]})", "The end of the path"),
        ),
    )
