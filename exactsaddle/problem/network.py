"""The network that is trained: its depth, scales and parametrisation, and all that follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from flint import arb, fmpq

from exactsaddle.base import InvalidInput, misfit
from exactsaddle.numbers import Number, brief, number_text, shorten, to_fraction, to_rational, to_text
from exactsaddle.problem.entries import root_or_number
from exactsaddle.problem.links import Exponential, Link, Power, Scaled

Parametrisation = Literal["hadamard", "powers"]
MAX_DEPTH = 64
_FIELDS = ("depth", "scales", "parametrisation", "units")


@dataclass(frozen=True, init=False)
class Network:
    """β = u ⊙ v ("hadamard", depth 2) or β = u^L − v^L ("powers", depth L ≥ 2), started at scale α.

    scales κ > 0, one rational or d of them: the weights start at κ_i times what they start at otherwise,
    that is w±_i = κ_i α^(c±_i) at depth 2 and u_i = v_i = ακ_i at depth L ≥ 3, where scales are the
    thresholds c = κ^(−(L−2)) (MATHEMATICS.md §8). Other thresholds c± of a problem are those of weights that
    start at αc^(−1/(L−2)), an infinite one that of an absent weight.
    units N > 0, d rationals or roots "sqrt(2)": the network is trained on columns X_i/N_i (of norm 1 in
    ``Problem.standardized``), and β_i is its coefficient over N_i. Thresholds and initial dual of the problem
    are then N_i times those of the columns divided. None, or all 1: on the columns as they are.
    Raises InvalidInput unless depth is an integer from 2 to MAX_DEPTH and scales and units are positive.
    """

    depth: int
    scales: Fraction | tuple[Fraction, ...]
    parametrisation: Parametrisation
    units: tuple[Number, ...] | None

    def __init__(
        self,
        depth: int = 2,
        scales: Any = 1,
        parametrisation: Parametrisation | None = None,
        units: Sequence[Any] | None = None,
    ) -> None:
        if isinstance(depth, bool) or not isinstance(depth, int) or not 2 <= depth <= MAX_DEPTH:
            raise InvalidInput(f"depth must be an integer from 2 to {MAX_DEPTH}, not {shorten(repr(depth))}")
        chosen = parametrisation or ("hadamard" if depth == 2 else "powers")
        if chosen not in ("hadamard", "powers"):
            raise InvalidInput(f"parametrisation must be hadamard or powers, not {shorten(repr(chosen))}")
        if chosen == "hadamard" and depth > 2:
            raise InvalidInput(f"hadamard (u ⊙ v) has depth 2, not {depth}: take parametrisation powers")
        object.__setattr__(self, "depth", depth)
        object.__setattr__(self, "scales", _scales(scales))
        object.__setattr__(self, "parametrisation", chosen)
        object.__setattr__(self, "units", _units(units))

    # --- for one problem --------------------------------------------------------------------

    def scale(self, i: int) -> fmpq:
        """κ_i."""
        return to_rational(self.scales[i] if isinstance(self.scales, tuple) else self.scales)

    def unit(self, i: int) -> Number:
        """N_i, by which column i is divided."""
        return fmpq(1) if self.units is None else self.units[i]

    @property
    def bare(self) -> Network:
        """The network itself, whatever its columns are divided by."""
        return self if self.units is None else Network(self.depth, self.scales, self.parametrisation)

    def with_units(self, units: Sequence[Number] | None) -> Network:
        """The same network on columns divided by these."""
        return Network(self.depth, self.scales, self.parametrisation, units)

    def threshold(self, i: int) -> Number:
        """N_i·κ_i^(−(L−2)): what unit and scale make of a threshold that is 1 at scale 1."""
        return self.unit(i) * self.scale(i) ** (2 - self.depth)

    def thresholds(
        self, lower: Sequence[Number | None], upper: Sequence[Number | None], names: Sequence[str]
    ) -> tuple[tuple[Number | None, ...], tuple[Number | None, ...]]:
        """(lower, upper) with scales put in: N·κ^(−(L−2)) where a threshold is N, or is that already.

        Raises InvalidInput where scales and thresholds say different things, or differ in number.
        """
        self.check_size(len(lower))
        if self.depth == 2:
            return tuple(lower), tuple(upper)
        found: dict[str, tuple[Number | None, ...]] = {}
        for field, given in (("lower", lower), ("upper", upper)):
            scaled = []
            for i, c in enumerate(given):
                own, plain = self.threshold(i), self.unit(i)
                if c is not None and own != plain and c not in (plain, own):
                    raise InvalidInput(
                        f"column {shorten(names[i])!r}: {field} = {brief(c)} and scales = "
                        f"{to_text(self.scale(i))} differ: at "
                        f"depth {self.depth} that scale is the threshold {brief(own)}; give one of the two"
                    )
                scaled.append(c if c is None or own == plain else own)
            found[field] = tuple(scaled)
        return found["lower"], found["upper"]

    def listed(self, thresholds: Sequence[Number | None], *, bare: bool) -> list[Number | str]:
        """Thresholds as an argument of ``Problem``; bare: those that the scales set are the unit again."""
        return [
            "inf" if c is None else self.unit(i) if bare and c == self.threshold(i) else c
            for i, c in enumerate(thresholds)
        ]

    def check_size(self, d: int) -> None:
        """InvalidInput unless there is one scale, or d of them, and d units if any."""
        if self.units is not None and len(self.units) != d:
            raise misfit("units", len(self.units), d, "column")
        if isinstance(self.scales, tuple) and len(self.scales) != d:
            raise misfit("scales", len(self.scales), d, "column")

    def check_start(self, name: str, below: Number | None, above: Number | None, dual: Number) -> None:
        """InvalidInput where the initial dual would need an infinite weight: on a threshold, if depth ≥ 3."""
        touched = (above is not None and dual == above) or (below is not None and dual == -below)
        if touched and self.depth > 2:
            raise InvalidInput(
                f"dual of column {shorten(name)!r}: {brief(dual)} is on its threshold: at depth "
                f"{self.depth} that weight would start infinite; take it strictly inside"
            )

    def link(self, d: int) -> Link:
        """β as a function of the dual, for d coordinates."""
        if self.depth > 2:
            return self.on_units(Power(self.depth))
        halves = fmpq(1, 2) if self.parametrisation == "hadamard" else fmpq(1)
        return self.on_units(Exponential(tuple(halves * self.scale(i) ** 2 for i in range(d))))

    def on_units(self, link: Link) -> Link:
        """The law of the columns divided, seen from the columns as they are."""
        return link if self.units is None else Scaled(link, self.units)

    # --- the clock --------------------------------------------------------------------------

    def real_time(self, time: Any, alpha: Any) -> Fraction | arb:
        """Real time of gradient flow at an accelerated time: exact if depth ≥ 3, else a ball."""
        moment, scale = to_rational(time), to_rational(alpha)
        if self.depth > 2:
            return to_fraction(moment / (self.depth * (self.depth - 2) * scale ** (self.depth - 2)))
        return -arb(scale).log() * arb(moment) / self._speed

    @property
    def clock(self) -> str:
        """``real_time`` as a formula."""
        if self.depth > 2:
            power = "" if self.depth == 3 else f"^{self.depth - 2}"
            return f"t/({self.depth * (self.depth - 2)}·α{power})"
        return "t·ln(1/α)" if self._speed == 1 else f"t·ln(1/α)/{self._speed}"

    @property
    def expansion(self) -> str:
        """The jump times at finite α to first order, as a formula: t + cε."""
        if self.depth > 2:
            return "t + c·α" + ("" if self.depth == 3 else f"^{self.depth - 2}")
        return "t + c/ℓ, ℓ = ln(1/α)"

    @property
    def selection(self) -> str:
        """What the flow does where there are several minimisers b, in words."""
        size, where = ("|b_i|", "") if self.units is None else ("N_i|b_i|", ", N_i = ‖X_i‖")
        if self.depth > 2:
            return f"maximises Σ ({size})^(2/{self.depth}){where}".replace("(|b_i|)", "|b_i|")
        scale = "κ_i²/2" if self._speed == 1 else "κ_i²"
        return f"minimises Σ {size}(ln({size}/K_i) − 1), K_i = {scale}{where}"

    @property
    def shows(self) -> str:
        """When plateau k shows at finite α, to first order, as a formula."""
        shift = "t_{k+1} − t_k > (|c_{k+1} − c_k| + "
        if self.depth > 2:
            unit = "α" if self.depth == 3 else f"α^{self.depth - 2}"
            return f"{shift}2/ρ)·{unit}, ρ the slowest rate at which β relaxes in units of {unit}"
        return f"{shift}1/λ_min)/ln(1/α)"

    @property
    def drawn_alphas(self) -> tuple[str, ...]:
        """Scales at which a report shows the flow where no others are asked for, largest first."""
        return ("1e-1", "1e-2", "1e-3") if self.depth > 2 else ("1e-2", "1e-4", "1e-8", "1e-16")

    @property
    def usual_alphas(self) -> tuple[str, ...]:
        """Scales at which convergence is looked at where no others are asked for, largest first.

        From depth 3 on the flow is about α^L from a saddle: some 12 digits more at each.
        """
        if self.depth > 2:
            decades = -(-12 // self.depth)
            return tuple(f"1e-{k * decades}" for k in (1, 2, 3))
        return "1e-10", "1e-20", "1e-50"

    def digits_of_distance(self, alpha: Any) -> int:
        """The m at which 10^−m is about how far the flow is from a saddle; 0 where slack decides that."""
        if self.depth == 2:
            return 0
        inverse = 1 / to_rational(alpha) ** self.depth
        return len(inverse.ceil().str()) - 1

    @property
    def _speed(self) -> int:
        return 1 if self.parametrisation == "hadamard" else 2

    def log_scale(self, per_unit: arb) -> arb:
        """The ln(1/α) at which 1/ε has this value."""
        return per_unit.log() / (self.depth - 2) if self.depth > 2 else per_unit

    # --- identity ---------------------------------------------------------------------------

    @property
    def formula(self) -> str:
        """β in terms of the weights."""
        if self.parametrisation == "hadamard":
            return "β = u ⊙ v"
        return f"β = u^{self.depth} − v^{self.depth}"

    def __str__(self) -> str:
        several = isinstance(self.scales, tuple) or self.scales != 1
        scales = self.scales if isinstance(self.scales, tuple) else (self.scales,)
        listed = ", ".join(to_text(to_rational(value)) for value in scales)
        divided = "" if self.units is None else ", X_i divided by " + shorten(", ".join(self._unit_texts()))
        shown = f", scales {shorten(listed)}" if several else ""
        return f"{self.formula} (depth {self.depth}){shown}{divided}"

    def _unit_texts(self) -> list[str]:
        return [number_text(unit) for unit in self.units or ()]

    def to_json(self) -> dict[str, Any]:
        """What ``from_json`` reads: depth, scales as "p/q", parametrisation; units where there are any."""
        several = isinstance(self.scales, tuple)
        scales = [str(value) for value in self.scales] if several else str(self.scales)  # type: ignore[union-attr]
        found = {"depth": self.depth, "scales": scales, "parametrisation": self.parametrisation}
        return found if self.units is None else {**found, "units": self._unit_texts()}

    @classmethod
    def from_json(cls, document: Any) -> Network:
        """The network of a document with some of "depth", "scales", "parametrisation"."""
        if not isinstance(document, Mapping):
            raise InvalidInput(f"network must be an object with {', '.join(_FIELDS)}")
        unknown = sorted(set(document) - set(_FIELDS))
        if unknown:
            raise InvalidInput(f"{shorten(unknown[0])!r} is not a field of a network: {list(_FIELDS)}")
        return cls(**document)


def read_network(given: Network | Mapping[str, Any] | None) -> Network:
    """The network given, as itself or as its JSON; u ⊙ v for None."""
    if given is None:
        return _TWO_LAYERS
    return given if isinstance(given, Network) else Network.from_json(given)


def two_layers(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a problem without its network, which must be u ⊙ v from scale 1; else InvalidInput."""
    if read_network(fields.get("network")) != Network():
        raise InvalidInput("a network other than u ⊙ v from scale 1 needs rational data: leave it out")
    return {key: value for key, value in fields.items() if key != "network"}


def _units(given: Sequence[Any] | None) -> tuple[Number, ...] | None:
    """Positive rationals or roots; None where all are 1."""
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidInput(f"units must be a list, one number for a column, not {shorten(repr(given))}")
    found = tuple(root_or_number(value, f"unit of column {i}", set()) for i, value in enumerate(given))
    for i, value in enumerate(found):
        if not value > 0:
            raise InvalidInput(f"unit of column {i}: {brief(value)} is not positive")
    return None if set(found) == {fmpq(1)} else found


def _scales(given: Any) -> Fraction | tuple[Fraction, ...]:
    """One positive rational or several, exact."""
    several = isinstance(given, Sequence) and not isinstance(given, str)
    values = tuple(to_fraction(to_rational(value)) for value in (given if several else (given,)))
    for i, value in enumerate(values):
        if value <= 0:
            where = f"scale of column {i}" if several else "scales"
            raise InvalidInput(f"{where}: {value} is not positive")
    return values if several else values[0]


_TWO_LAYERS = Network()
