"""What hangs in the gallery: problems with one thing to see each, in the order of the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from exactsaddle.problem import Network, Problem, load_dataset
from exactsaddle.report.gallery.training import Training, drawn


@dataclass(frozen=True)
class Exhibit:
    """One report of the gallery; ``slug`` names its folder.

    story says what to look at. floats: show what the recursion in plain floats makes of it;
    step: what gradient descent with this step does.
    corpus names the file of tests/corpus that states the same problem and proves what the story claims.
    """

    slug: str
    title: str
    story: str
    problem: Callable[[], Problem]
    data: str = ""
    """The name of a packaged data set; otherwise the problem is a file beside its report."""
    floats: bool = False
    step: str = ""
    corpus: str = ""
    training: Training | None = None
    """The run that is audited: the report is then the audit's."""


EXHIBITS: tuple[Exhibit, ...] = (
    Exhibit(
        "diabetes",
        "Diabetes",
        "Raw, uncentred data of 442 patients. The feature s1 enters first, leaves at the third jump and "
        "comes back at the fifth: the active set is not monotone on the best-known data set of this field.",
        partial(load_dataset, "diabetes"),
        data="diabetes",
    ),
    Exhibit(
        "planted",
        "A planted solution, more features than observations",
        "Eight observations of twenty integer features, y = 3·x2 − 2·x11 + x17 exactly. The path ends at "
        "the planted coefficients, the interpolator of least ℓ₁ norm, after other coordinates have come "
        "and gone.",
        partial(load_dataset, "planted"),
        data="planted",
    ),
    Exhibit(
        "deactivation",
        "The smallest deactivation",
        "A coordinate leaves the support: at t = 6 column 0 enters, which alone fits y, and column 1 "
        "leaves. No smaller shape, and no problem of this shape with smaller integer entries, has one.",
        partial(Problem, [[1, 2], [0, -1]], [1, 0]),
        corpus="smallest-deactivation",
    ),
    Exhibit(
        "support-drop",
        "The smallest drop of the support",
        "The support gets smaller at a jump: one coordinate enters and two leave. It takes three columns "
        "and three rows.",
        partial(Problem, [[0, 1, 2], [1, 0, 0], [-2, 0, -1]], [1, 0, 0]),
        corpus="smallest-strict-drop",
    ),
    Exhibit(
        "sign-flip",
        "A sign flip",
        "Coordinate 1 is 3/5 after the first jump, leaves, its dual travels from one threshold to the "
        "other, and it comes back as −1.",
        partial(Problem, [[1, 2], [0, -1]], [2, 1]),
        corpus="smallest-sign-flip",
    ),
    Exhibit(
        "exact-tie",
        "An exact tie",
        "At t = 21/5 two coordinates hit at the same moment, because exchanging the first two rows exchanges "
        "their columns. The tie is decided exactly; both enter, and the one that was in the support leaves.",
        partial(Problem, [[0, 1, 2], [1, 0, 2], [0, 0, 1]], [-1, -1, 2]),
    ),
    Exhibit(
        "near-tie",
        "A near-tie that floats get wrong",
        "Integer data that binary64 holds exactly. Both columns would hit within a relative 1.1·10⁻⁸ of "
        "each other, and after the first has entered the other has a gradient of 2.6·10⁻⁹ left: it "
        "replaces the first at t = 4, and both together fit y at t = 7.6·10⁸ with coefficients near 10⁸. "
        "Plain floats are wrong about the second jump and never see the end.",
        partial(Problem, [[94906267, 94906266], [94906266, 94906265]], [1, 0]),
        floats=True,
        corpus="determinant-beyond-binary64",
    ),
    Exhibit(
        "selection",
        "A saddle that is not unique, and the point the flow selects",
        "Three columns that depend on one another leave a segment of minimisers. The flow picks one point"
        " of it, b = (1 − c/2, 3/4 − c/2, c) with c² = b₀·b₁: an irrational one, from rational data.",
        partial(Problem, [[4, 0, 2], [0, 4, 2]], [4, 3]),
        corpus="irrational-selection-of-math",
    ),
    Exhibit(
        "depth",
        "Three layers: the same saddles, another clock, another point",
        "The data of the exhibit before, trained as u³ − v³. Saddles and jump times are those of u ⊙ v, on "
        "the clock t/(3α) instead of t·ln(1/α); distances fall like α³. Of the same segment of minimisers "
        "this network takes another point: the one that maximises the sum of the cube roots of bᵢ².",
        partial(Problem, [[4, 0, 2], [0, 4, 2]], [4, 3], network=Network(3)),
    ),
    Exhibit(
        "step",
        "A step that changes the order of events",
        "Gradient descent with the step 9/10 takes column 0 second, where the flow takes column 2, and ends "
        "at (1, 0, 0): another interpolator, not that of least ℓ₁ norm. A search found no smaller problem.",
        partial(Problem, [[1, 2, 1], [0, -1, -3]], [1, 0]),
        step="9/10",
        corpus="smallest-step-that-reorders",
    ),
    Exhibit(
        "orthogonal",
        "An orthogonal design",
        "Orthogonal columns do not see one another: coordinate i enters at 1/|r_i| with value r_i/γ_i and"
        " never moves again.",
        partial(Problem, [[2, 0, 0], [0, 3, 0], [0, 0, 1], [0, 0, 0]], [3, -1, 2, 1]),
    ),
    Exhibit(
        "longest",
        "The longest small path known",
        "Sixteen saddles of a 4 × 6 problem with entries in [−100, 100]: the longest path that a search "
        "has found at this size. Longest found, not longest: the bound is 43, and nothing proves that no "
        "longer one exists.",
        partial(
            Problem,
            [
                [0, 6, 5, 0, 3, -3],
                [-32, -35, -25, 58, 0, 30],
                [0, 0, 5, -27, -34, 29],
                [-59, -1, 8, 59, 31, 61],
            ],
            [5, 0, 0, 10],
        ),
        corpus="long-path-4x6",
    ),
    Exhibit(
        "audit-agrees",
        "A training run that agrees",
        "Descent from α = 10⁻⁸ with the step 1/100, on data drawn with the seed 9. The audit finds every "
        "plateau and every arrival of the log where theory puts them, and nothing unexplained.",
        partial(drawn, 9, 4, 3),
        training=Training("1e-8", "1/100", 8400, 60),
    ),
    Exhibit(
        "audit-clock",
        "A training run with the wrong clock",
        "The run before with the loss ‖y − Xβ‖²/n, without its ½. Read with the paper's clock every jump is "
        "twice too early. The audit finds which convention made the log and gives the times on its clock.",
        partial(drawn, 9, 4, 3),
        training=Training("1e-8", "1/100", 4200, 30, doubled=True),
    ),
    Exhibit(
        "audit-coarse",
        "A training run too coarse in α",
        "The same data from α = 1/5: coordinates creep where the limit jumps, and of its four saddles one "
        "alone shows as a plateau. The audit does not blame the run: descent shows no more of the staircase "
        "at this α.",
        partial(drawn, 9, 4, 3),
        training=Training("1/5", "1/100", 800, 5),
    ),
    Exhibit(
        "audit-step",
        "A training run with too large a step",
        "The problem of the exhibit on steps, trained with the step 9/10 from α = 10⁻⁴⁰. Column 0 comes "
        "second, where the flow takes column 2. Repeated descent explains every row, the flow does not: "
        "the order of events is the step's doing.",
        partial(Problem, [[1, 2, 1], [0, -1, -3]], [1, 0]),
        corpus="smallest-step-that-reorders",
        training=Training("1e-40", "9/10", 1200, 8),
    ),
    Exhibit(
        "audit-figure-1",
        "The experiment of Figure 1, run and audited",
        "The setting of Figure 1 of Pesme & Flammarion, as page 3 of the guide states it: five Gaussian rows "
        "of seven features, β⋆ = (10, 20, 0, 0, 0, 0, 0), α = 10⁻¹²⁰. Their draw is not published; seed, "
        "three decimals and the step 1/100 are ours. Saddle 3 is too short to show; where the step moves the "
        "jumps, the limit of descent says so.",
        partial(
            Problem.planted,
            [
                ["0.346", "0.822", "0.330", "-1.303", "0.905", "0.446", "-0.537"],
                ["0.581", "0.365", "0.294", "0.028", "0.547", "-0.736", "-0.163"],
                ["-0.482", "0.599", "0.040", "-0.292", "-0.782", "-0.257", "0.008"],
                ["-0.276", "1.294", "1.007", "-2.711", "-1.889", "-0.175", "-0.422"],
                ["0.214", "0.217", "2.118", "-1.112", "-0.378", "2.043", "0.647"],
            ],
            [10, 20, 0, 0, 0, 0, 0],
        ),
        training=Training("1e-120", "1/100", 30_000, 75),
    ),
)
