"""What objects of lower rooms offer from rooms above, as mixins; the only imports that run upwards are here.

Each method loads the room above when it is called, so nothing below depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from exactsaddle.base import Verdict
    from exactsaddle.certificates import (
        Certificate,
        DescentCertificate,
        LassoCertificate,
        LassoOutline,
        Outline,
        PenalisedCertificate,
    )
    from exactsaddle.certificates.document import Document
    from exactsaddle.lasso import LassoPath
    from exactsaddle.minimisers import MinimiserSet, Selection, SeveralMinimisers, UniqueMinimiser
    from exactsaddle.path import Jump, Saddle, SaddlePath
    from exactsaddle.path.descent import DescentPath
    from exactsaddle.problem import Network, Problem


class VerdictDoors:
    """A verdict in a notebook."""

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import verdict_html

        return verdict_html(cast("Verdict", self))


class ProblemDoors:
    """A problem from a data frame, and in a notebook."""

    @staticmethod
    def from_frame(
        frame: Any,
        *,
        target: str | int | None = None,
        center: bool = False,
        weights: str | int | None = None,
        columns: Iterable[str | int] | None = None,
        drop: Iterable[str | int] = (),
        missing: Literal["error", "drop"] = "error",
        categories: Literal["error", "one-hot"] = "error",
        drop_first: bool = False,
    ) -> Problem:
        """The problem in a data frame, names from its columns.

        frame: of pandas, polars (collected), pyarrow or xarray (a Dataset of one dimension), a structured
        NumPy array, or a dict of columns. Columns by name, or by 0-based place; the target is the last one by
        default. Options are those of ``read_problem``; every column keeps its own type, so that an integer
        beside floats is exact. A RealProblem where entries are expressions.

        Raises UnreadableFile naming row, column and value, and the argument that would help.
        """
        from exactsaddle.problem import read_frame

        return read_frame(
            frame,
            target=target,
            center=center,
            weights=weights,
            columns=columns,
            drop=drop,
            missing=missing,
            categories=categories,
            drop_first=drop_first,
        )

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import problem_html

        return problem_html(cast("Problem", self))


class CertificateDoors:
    """A certificate in a notebook."""

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import certificate_html

        return certificate_html(cast("Document", self))


class JumpDoors:
    """A jump in a notebook."""

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import jump_html

        return jump_html(cast("Jump", self))


class SaddleDoors:
    """From a saddle to the set of its minimisers, and a saddle in a notebook."""

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import saddle_html

        return saddle_html(cast("Saddle", self))

    @cached_property
    def minimisers(self) -> MinimiserSet:
        """The set M_k of all minimisers here, β_k among them."""
        from exactsaddle.minimisers import minimisers

        return minimisers(cast("Saddle", self))

    @property
    def uniqueness(self) -> UniqueMinimiser | SeveralMinimisers:
        """Whether β_k is the only minimiser, with the proof."""
        return self.minimisers.uniqueness

    @property
    def unique(self) -> bool:
        """True when β_k is the only minimiser, proved exactly."""
        return self.uniqueness.unique

    @cached_property
    def selected(self) -> Selection:
        """The minimiser that the flow of the problem's network selects as α → 0, enclosed to 30 digits."""
        return self.selected_by(None)

    def selected_by(self, network: Network | None) -> Selection:
        """The same for another network with these thresholds (MATHEMATICS.md §4, §8)."""
        from exactsaddle.minimisers import network_selection

        return network_selection(self.minimisers, network)


class PathDoors:
    """From a path to its certificates, the Lasso beside it, a picture of it."""

    def certificate(self, *, uniqueness: bool = False) -> Certificate:
        """The certificate of this path: what anyone needs to check it, as one document.

        With uniqueness it also says of each saddle, with proof, whether β_k is the only minimiser.
        """
        from exactsaddle.certificates import Certificate

        return Certificate.of(cast("SaddlePath", self), uniqueness=uniqueness)

    def outline(self, digits: int = 0) -> Outline:
        """The certificate of the events of this path, for paths whose numbers are long.

        It states no numbers, or with digits so many of each, within one unit of the last.
        """
        from exactsaddle.certificates import Outline

        return Outline.of(cast("SaddlePath", self), digits)

    def lasso(self, t: Any) -> tuple[Fraction, ...]:
        """A Lasso solution at λ = 1/t, t ≥ 0 accelerated time, d Fractions: see LassoPath.at.

        It is the time average of the path wherever s(t) is a subgradient of ‖·‖₁ at that average
        (MATHEMATICS.md §3; ``lasso_agreement`` says where). Raises InvalidInput unless s_0 = 0.
        """
        return self._lasso_path.at_time(t)

    @cached_property
    def _lasso_path(self) -> LassoPath:
        from exactsaddle.lasso import lasso_path

        return lasso_path(cast("SaddlePath", self).problem)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        coordinates: Iterable[int | str] | int | str | None = None,
        alphas: Any = (),
        everything: bool = False,
    ) -> Figure:
        """The coordinates of the limit as steps over accelerated time, with the flow at ``alphas`` over them.

        It ends where the residual lies within the resolution of the data unless everything is asked for.
        A matplotlib Figure, new unless ``ax`` is given; coordinates are those that stand out. See
        ``exactsaddle.report.plotting``. Raises MissingExtra without matplotlib.
        """
        from exactsaddle.report.plotting import plot

        return plot(
            cast("SaddlePath", self), ax, coordinates=coordinates, alphas=alphas, everything=everything
        )

    def to_latex(self, *, document: bool = False, everything: bool = False) -> str:
        """The path for a paper: problem, booktabs table, pgfplots figure, and the sentence to cite.

        The certificate is made and checked by the independent checker; the sentence says its verdict and its
        SHA-256: that of ``certificate.json`` of ``exactsaddle bundle``. For the body of a paper that loads
        amsmath, booktabs and pgfplots, with T1 fonts; a document of its own when asked for. Every name is
        text: it can be no command. The table ends where the residual lies within the resolution of the data
        unless everything is asked for.
        """
        from exactsaddle.report.paper import path_to_latex

        return path_to_latex(cast("SaddlePath", self), document=document, everything=everything)

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import path_html

        return path_html(cast("SaddlePath", self))


class LassoPathDoors:
    """From a Lasso path to its certificate, and a Lasso path in a notebook."""

    def _repr_html_(self) -> str:
        from exactsaddle.report.notebook import lasso_html

        return lasso_html(cast("LassoPath", self))

    def certificate(self, digits: int = 0) -> LassoCertificate | LassoOutline:
        """The certificate of this path: what anyone needs to check it, as one document.

        It states exact numbers; that of a path found by bounds its events and, with digits, so many of each
        number, within one unit of the last.
        """
        from exactsaddle.certificates import LassoCertificate, LassoOutline

        path = cast("LassoPath", self)
        return LassoCertificate.of(path) if path.is_exact else LassoOutline.of(path, digits)


class DescentDoors:
    """From the path of an optimiser to its certificate."""

    def certificate(self) -> DescentCertificate | PenalisedCertificate:
        """The certificate of this path: what anyone needs to check it, as one document.

        That of weight decay alone is one of a saddle path with a field ``penalty``; for every other rule it
        states the rule.
        """
        from exactsaddle.certificates import DescentCertificate, PenalisedCertificate
        from exactsaddle.path.rules import WeightDecay

        path = cast("DescentPath", self)
        kind = PenalisedCertificate if isinstance(path.rule, WeightDecay) else DescentCertificate
        return kind.of(path)

    def outline(self) -> PenalisedCertificate:
        """The certificate of the events of a path of weight decay, which states no numbers.

        Raises InvalidInput for any other rule.
        """
        from exactsaddle.certificates import PenalisedCertificate

        return PenalisedCertificate.of(cast("DescentPath", self), by_events=True)
