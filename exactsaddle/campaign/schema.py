"""The tables of a campaign as Parquet: which columns, of plain types, written from rows and read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from exactsaddle.campaign.arrow import pa, pq
from exactsaddle.campaign.comparisons import CONFORMANCE_COLUMNS, LASSO_COLUMNS, flow_columns
from exactsaddle.campaign.spec import Spec
from exactsaddle.campaign.statistics import STATISTICS

if TYPE_CHECKING:
    from exactsaddle.campaign.statistics import Column

SCHEMA = 1
"""The version of the layout and of the columns, see SCHEMA.md."""

_IDENTITY: tuple[Column, ...] = (
    ("instance", "int64"),
    ("experiment", "string"),
    ("size", "string"),
    ("index", "int64"),
    ("n", "int64"),
    ("d", "int64"),
    ("digest", "string"),
    ("status", "string"),
    ("reason", "string"),
    ("lost", "bool"),
    ("complete", "bool"),
    ("check", "string"),
)
_PROPERTIES: tuple[Column, ...] = (
    ("properties_verified", "int64"),
    ("properties_rejected", "int64"),
    ("properties_not_applicable", "int64"),
    ("properties_failed", "string"),
)
TIMES: tuple[Column, ...] = (("instance", "int64"), ("cpu_seconds", "double"))

_TYPES = {"int64": pa.int64(), "double": pa.float64(), "string": pa.string(), "bool": pa.bool_()}


def columns(spec: Spec) -> tuple[Column, ...]:
    """The columns of the result table of this SPEC, in order."""
    return (
        *_IDENTITY,
        *(column for name in spec.statistics for column in STATISTICS[name].columns),
        *(_PROPERTIES if spec.work.properties else ()),
        *(LASSO_COLUMNS if spec.work.lasso else ()),
        *flow_columns(spec),
        *(CONFORMANCE_COLUMNS if spec.work.conformance else ()),
    )


def to_table(rows: Sequence[dict[str, Any]], stated: Sequence[Column]) -> pa.Table:
    """Rows as a table with exactly these columns; what a row lacks is null."""
    schema = pa.schema([pa.field(name, _TYPES[kind]) for name, kind in stated])
    return pa.Table.from_pydict({name: [row.get(name) for row in rows] for name, _ in stated}, schema)


def to_parquet(table: pa.Table, campaign: str) -> bytes:
    """The table as a Parquet file, the campaign's digest and the schema version in its metadata."""
    stated = {"exactsaddle.campaign": campaign, "exactsaddle.schema": str(SCHEMA)}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(stated), sink, compression="zstd")
    return bytes(sink.getvalue())


def content_digest(table: pa.Table) -> str:
    """SHA-256 of the rows as lines of JSON: the same whatever wrote the Parquet."""
    found = hashlib.sha256()
    for row in table.to_pylist():
        found.update(json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n")
    return found.hexdigest()
