"""The path as tables: saddle after saddle, and every nonzero coefficient."""

from __future__ import annotations

from exactsaddle.base import counted
from exactsaddle.path import CertainEvents, Saddle, SaddlePath
from exactsaddle.report.contents import formulas as formula
from exactsaddle.report.contents import numbers
from exactsaddle.report.contents.building import coordinates, details, named, paragraph, table
from exactsaddle.report.document import Block, Section, Word, words
from exactsaddle.report.steps import MARK, steps

MAX_COEFFICIENTS = 2_000
"""The most coefficients β_k,i that the page lists one by one."""


def path_section(path: SaddlePath, beyond: int = 0, certain: CertainEvents | None = None) -> Section:
    """Every saddle, and who enters and leaves at its jump; beyond are below the resolution of the data.

    certain says which events all data within the resolution share: the last such saddle is marked.
    """
    leaves = sum(bool(jump.left) for jump in path.events)
    together = sum(len(jump.hits) > 1 for jump in path.events)
    remarks: list[Word] = [
        f"{counted(len(path), 'saddle')}, {counted(len(path.events), 'jump')}. On ",
        formula.PLATEAU,
        " the limit rests at ",
        formula.BETA_K,
        " while the dual moves on a straight line, ",
        formula.DUAL_FLOW,
        ", until a coordinate reaches its threshold. ",
        f"A coordinate leaves the support at {counted(leaves, 'jump')}. "
        if leaves
        else "No coordinate ever leaves the support. ",
        f"Several coordinates hit together at {counted(together, 'jump')}: exact ties."
        if together
        else "No two coordinates hit together.",
    ]
    names, last = path.problem.names, None if certain is None else certain.last
    blocks: list[Block] = [
        paragraph(*remarks),
        *([paragraph(_below(path, beyond))] if beyond else []),
        *([paragraph(_certain(certain))] if certain is not None else []),
        table(
            "saddles",
            words(
                "The saddles. ",
                "Decimals are correctly rounded; an exact value of more than "
                f"{numbers.MAX_EXACT_DIGITS:,} digits is in the certificate only."
                if path.decisions is None
                else "Decimals are correctly rounded from rigorous bounds: the path was found without "
                "its exact values.",
            ),
            (
                "k",
                ("jump time ", formula.T_K),
                "enters",
                "leaves",
                formula.SUPPORT,
                formula.LOSS_K,
                formula.L1_NORM,
            ),
            (
                (
                    f"{saddle.index} {MARK}" if saddle.index == last else str(saddle.index),
                    numbers.jump_time(path, saddle),
                    coordinates(entered, names) + _silent(path, saddle, entered),
                    coordinates(left, names),
                    str(len(saddle.support)),
                    numbers.loss(path, saddle, 7),
                    numbers.l1_norm(path, saddle, 7),
                )
                for saddle, entered, left in steps(path)
            ),
            left=(2, 3),
        ),
    ]
    count = sum(len(saddle.support) for saddle in path)
    if count <= MAX_COEFFICIENTS:
        blocks.append(_coefficients(path))
    else:
        blocks.append(
            paragraph(
                f"The {count:,} nonzero coefficients are too many for a page; the certificate and the JSON "
                "form of this report have them."
            )
        )
    return Section("path", "The path", tuple(blocks))


def _below(path: SaddlePath, beyond: int) -> str:
    return (
        f"At saddle {path[-1].index} the residual of every observation is no larger than what the resolution "
        f"of the data explains ({path.problem.resolution}): proved, as is that at every saddle before it is "
        f"larger somewhere. {counted(beyond, 'more saddle')} of the certificate fit the rounding of the "
        "data: tables and pictures end here; --all shows them."
    )


def _certain(certain: CertainEvents) -> str:
    return (
        f"{MARK} What the resolution of the data leaves certain, proved by rigorous bounds over all of "
        f"them at once: {certain}."
    )


def _silent(path: SaddlePath, saddle: Saddle, entered: tuple[int, ...]) -> str:
    """Who hit a threshold without entering: a tie whose least squares leaves it at zero."""
    hits = path[saddle.index - 1].hits if saddle.index else {}
    idle = [i for i in hits if i not in entered]
    return f" ({coordinates(idle, path.problem.names)} hit, and stays at 0)" if idle else ""


def _coefficients(path: SaddlePath) -> Block:
    names = path.problem.names
    return details(
        "Every nonzero coefficient of every saddle",
        table(
            "coefficients",
            words("The nonzero coefficients of ", formula.BETA_K, "."),
            ("k", "i", "coordinate", formula.BETA_KI),
            (
                (str(saddle.index), str(i), named(names[i]), numbers.beta(path, saddle, i))
                for saddle in path
                for i in saddle.support
            ),
            left=(2,),
        ),
    )
