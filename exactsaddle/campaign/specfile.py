"""Reading a SPEC: TOML to Spec, every refusal naming file, line, field, value and what was meant."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from exactsaddle.base import InvalidInput, MissingExtra, UnreadableFile
from exactsaddle.campaign.ensembles import ENSEMBLES, Ensemble
from exactsaddle.campaign.parameters import Parse, integer, listed, named, nearest, show, text
from exactsaddle.campaign.spec import CHUNK, FORMAT, Budget, Experiment, Keep, Spec, Work
from exactsaddle.campaign.statistics import STATISTICS
from exactsaddle.numbers import shorten
from exactsaddle.problem import read_text

MAX_INSTANCES = 100_000_000
MAX_ENTRIES = 1_000_000
"""The largest n·d of an instance."""
MAX_CELLS = 10_000
MAX_CHUNK = 100_000

Record = TypeVar("Record", Work, Budget, Keep)


def read_spec(path: str | Path) -> Spec:
    """The SPEC in a TOML file; raises UnreadableFile naming file, line and field."""
    return parse_spec(read_text(path), str(path))


def parse_spec(document: str, source: str = "SPEC") -> Spec:
    """The SPEC in a TOML document; source begins every message."""
    try:
        return spec_from(tomllib.loads(document, parse_float=str))
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"{source}: not TOML: {error}") from None
    except RecursionError:
        raise UnreadableFile(f"{source}: nested too deeply to be read") from None
    except _Wrong as error:
        line = _line(document, error)
        raise UnreadableFile(f"{source}{line and f', line {line}'}: {error}") from None


def spec_to_toml(spec: Spec) -> str:
    """A TOML document of the SPEC, every default written out; ``parse_spec`` reads it back as equal."""
    document = spec.to_json()
    experiments = document.pop("experiment")
    tables = [(f"[{name}]", document.pop(name)) for name in ("do", "budget", "keep")]
    tables += [("[[experiment]]", experiment) for experiment in experiments]
    lines = [_setting(*pair) for pair in document.items()]
    for header, table in tables:
        lines += ["", header, *(_setting(*pair) for pair in table.items())]
    return "\n".join(lines) + "\n"


def _setting(key: str, value: Any) -> str:
    # JSON's strings, integers, booleans and lists of strings are also TOML's
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"


def parse_canonical(canonical: str) -> Spec:
    """The SPEC whose ``canonical`` this is."""
    return spec_from(json.loads(canonical))


def spec_from(document: Mapping[str, Any]) -> Spec:
    """The SPEC of a document of JSON types, as ``to_json`` writes it; InvalidInput names the field."""
    known = ["format", "name", "seed", "chunk", "statistics", "do", "budget", "keep", "experiment"]
    top = _Table(document, "", known)
    top.refuse_unknown()
    version = top.get("format", integer(0, 10**9))
    if version != FORMAT:
        raise _Wrong("", "format", f"is {version}; this version of exactsaddle reads format {FORMAT}")
    spec = Spec(
        name=top.get("name", text, "campaign"),
        seed=top.get("seed", integer(0, 2**63 - 1)),
        experiments=_experiments(document.get("experiment")),
        work=top.record("do", Work),
        budget=top.record("budget", Budget),
        keep=top.record("keep", Keep),
        statistics=top.get("statistics", listed(named(STATISTICS, "statistic")), tuple(STATISTICS)),
        chunk=top.get("chunk", integer(1, MAX_CHUNK), CHUNK),
    )
    lacking = [name for name in spec.keep.extremal if name not in spec.statistics]
    if lacking and "extremal" in document.get("keep", {}):
        raise _Wrong("keep", "extremal", f"has {lacking[0]}, which is not among statistics")
    if lacking:
        extremal = tuple(name for name in spec.keep.extremal if name not in lacking)
        spec = replace(spec, keep=replace(spec.keep, extremal=extremal))
    if len(spec.cells) > MAX_CELLS:
        raise _Wrong(
            "", "experiment", f"has {len(spec.cells):,} sizes in all, over the budget of {MAX_CELLS:,}"
        )
    if spec.instances > MAX_INSTANCES:
        raise _Wrong("", "count", f"makes {spec.instances:,} instances, over the budget of {MAX_INSTANCES:,}")
    if spec.work.flow and spec.work.check == "none":
        raise _Wrong("do", "flow", "compares with a path that is checked: check must not be none")
    return spec


def _experiments(tables: Any) -> tuple[Experiment, ...]:
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise _Wrong("", "experiment", "is missing: at least one [[experiment]] says what to draw")
    found: list[Experiment] = []
    for i, given in enumerate(tables):
        experiment = _experiment(given, i)
        for j, other in enumerate(found):
            common = set(other.sizes) & set(experiment.sizes) if other.law() == experiment.law() else set()
            if common:
                n, d = min(common)
                raise _Wrong(
                    "experiment", "sizes", f"has {n}x{d}, like experiment {j}: the same instances", i
                )
            if other.name == experiment.name:
                raise _Wrong("experiment", "name", f"is {experiment.name!r}, like that of experiment {j}", i)
        found.append(experiment)
    return tuple(found)


def _experiment(given: dict[str, Any], i: int) -> Experiment:
    table = _Table(given, "experiment", ["name", "ensemble", "family", "sizes", "count"], i)
    kinds = [kind for kind in ("ensemble", "family") if kind in given]
    if len(kinds) != 1:
        table.refuse_unknown()
        raise _Wrong("experiment", kinds[-1] if kinds else "ensemble", "or family: exactly one is needed", i)
    kind = kinds[0]
    parameters: dict[str, Any] = {}
    ensemble: Ensemble | None = None
    if kind == "ensemble":
        source = table.get("ensemble", named(ENSEMBLES, "ensemble"))
        ensemble = ENSEMBLES[source]
        table.known += [parameter.name for parameter in ensemble.parameters]
    else:
        source = table.get("family", _family)
    table.refuse_unknown()
    for parameter in ensemble.parameters if ensemble else ():
        parameters[parameter.name] = table.get(parameter.name, parameter.parse, parameter.default)
    sizes = table.get("sizes", listed(_size, empty=False))
    _fit(kind, source, parameters, sizes, i)
    return Experiment(
        name=table.get("name", text, f"{source}-{i}" if i else source),
        kind=kind,
        source=source,
        sizes=sizes,
        count=table.get("count", integer(1, MAX_INSTANCES)),
        parameters=parameters,
    )


def _fit(kind: str, source: str, parameters: Mapping[str, Any], sizes: Iterable[Any], i: int) -> None:
    for n, d in sizes:
        if kind == "family" and not _families()[source].fits(n, d):
            least = "{}x{}".format(*_families()[source].least)
            raise _Wrong("experiment", "sizes", f"has {n}x{d}, but family {source} begins at {least}", i)
        if parameters.get("sparsity", 0) > d:
            raise _Wrong("experiment", "sparsity", f"is {parameters['sparsity']}, more than d in {n}x{d}", i)
    if parameters.get("structure") == "equal" and parameters["rho"] < 0:
        raise _Wrong("experiment", "rho", "must not be negative for structure equal", i)


def _size(value: Any) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,7})\s*[x×]\s*([0-9]{1,7})", value) if isinstance(value, str) else None
    if match is None:
        raise InvalidInput(f'must be a size such as "10x20", not {show(value)}')
    n, d = int(match[1]), int(match[2])
    if min(n, d) < 1 or n * d > MAX_ENTRIES:
        raise InvalidInput(f"must have 1 to {MAX_ENTRIES:,} entries, not {show(value)}")
    return n, d


def _family(value: Any) -> str:
    return str(named(_families(), "family")(value))


def _families() -> Mapping[str, Any]:
    try:
        from exactsaddle.testing.strategies import FAMILIES
    except MissingExtra as error:
        raise MissingExtra(str(error).replace("strategies need", "families need")) from None
    return FAMILIES


class _Wrong(InvalidInput):
    """A field of the SPEC is wrong; knows where, so that its line can be found."""

    def __init__(self, table: str, field: str, message: str, index: int | None = None) -> None:
        place = f"{table} {index}: " if index is not None else f"[{table}] " if table else ""
        super().__init__(f"{place}{field} {message}")
        self.table, self.field, self.index = table, field, index


@dataclass
class _Table:
    """A table of the document: which keys it may have, and reading one with its name in the message."""

    given: Mapping[str, Any]
    name: str
    known: list[str]
    index: int | None = None

    def refuse_unknown(self) -> None:
        for key in self.given:
            if key not in self.known:
                near = nearest(key, self.known)
                message = f"is not a key here; did you mean {near!r}? Known: {', '.join(self.known)}"
                raise _Wrong(self.name, shorten(key), message, self.index)

    def record(self, name: str, kind: type[Record]) -> Record:
        """The table of that name as a dataclass whose fields say how they are read."""
        given = self.given.get(name, {})
        if not isinstance(given, dict):
            raise _Wrong("", name, f"must be a table [{name}], not {show(given)}")
        stated = fields(kind)
        table = _Table(given, name, [field.name for field in stated])
        table.refuse_unknown()
        return kind(
            **{field.name: table.get(field.name, field.metadata["parse"], field.default) for field in stated}
        )

    def get(self, key: str, parse: Parse, *default: Any) -> Any:
        if key not in self.given:
            if default:
                return default[0]
            raise _Wrong(self.name, key, "is missing", self.index)
        try:
            return parse(self.given[key])
        except InvalidInput as error:
            raise _Wrong(self.name, key, str(error), self.index) from None


def _line(document: str, error: _Wrong) -> int | str:
    """The line of the field, found by its header and key; "" when it is not written as a plain line."""
    header = re.compile(r"\s*\[\[?\s*([\w-]+)\s*\]\]?\s*(#.*)?")
    key = re.compile(rf"\s*[\"']?{re.escape(error.field)}[\"']?\s*=")
    table, count, begun = "", -1, ""
    for number, line in enumerate(document.splitlines(), 1):
        if match := header.fullmatch(line):
            table = match[1]
            count += table == "experiment"
        here = table == error.table and error.index in (None, count)
        if here and key.match(line):
            return number
        if here and error.table and not begun:
            begun = str(number)
    return int(begun) if begun else ""
