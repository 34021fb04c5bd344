"""Logs as people export them: long and wide tables, streamed in bounded memory, and what is no log."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exactsaddle.audit import read_run, run_of
from exactsaddle.base import InvalidInput, UnreadableFile
from tests.support.training import train

LOG = train(1e-2, 0.01, 300, every=50, log=("beta", "loss"))
ENTRIES = [
    (int(step), f"beta/{i}", float(value))
    for step, row in zip(LOG["step"], LOG["beta"], strict=True)
    for i, value in enumerate(row)
] + [(int(step), "loss", float(value)) for step, value in zip(LOG["step"], LOG["loss"], strict=True)]


def long_csv(entries: list[tuple[int, str, float]]) -> str:
    lines = ["Wall time,Step,Tag,Value", *(f"2024-01-01,{s},{t},{v!r}" for s, t, v in entries)]
    return "\n".join(lines)


def long_json(entries: list[tuple[int, str, float]]) -> str:
    return "\n".join(json.dumps({"step": s, "tag": t, "value": v}) for s, t, v in entries)


@pytest.mark.parametrize("order", [lambda e: e[0], lambda e: e[1]], ids=["step after step", "tag after tag"])
@pytest.mark.parametrize(("write", "name"), [(long_csv, "run.csv"), (long_json, "run.jsonl")])
def test_long_tables(order: Any, write: Any, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(write(sorted(ENTRIES, key=order)))
    found = read_run(tmp_path / name)
    assert np.array_equal(found.clock, LOG["step"])
    assert found.beta is not None
    assert found.losses is not None
    assert np.array_equal(found.beta, LOG["beta"])
    assert np.array_equal(found.losses, LOG["loss"])


def test_a_wide_table_with_other_columns(tmp_path: Path) -> None:
    rows = [
        f"{s},run-7,1700000000.5,{','.join(repr(float(v)) for v in b)}"
        for s, b in zip(LOG["step"], LOG["beta"], strict=True)
    ]
    (tmp_path / "run.csv").write_text("\n".join(["_step,name,_timestamp,beta.0,beta.1,beta.2", *rows]))
    found = read_run(tmp_path / "run.csv")
    assert found.beta is not None
    assert np.array_equal(found.beta, LOG["beta"])


def test_tags_at_other_steps_are_refused(tmp_path: Path) -> None:
    short = sorted(ENTRIES, key=lambda entry: entry[1])[:-1]
    (tmp_path / "run.csv").write_text(long_csv(short))
    with pytest.raises(UnreadableFile, match="'loss' was logged at other steps than 'beta/0'"):
        read_run(tmp_path / "run.csv")
    (tmp_path / "other.csv").write_text("step,weights\n0,1\n1,2\n")
    with pytest.raises(InvalidInput, match="its fields: weights"):
        read_run(tmp_path / "other.csv")


def test_memory_is_bounded_whatever_the_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exactsaddle.audit.thinning.MAX_ROWS", 100)

    def rows(count: int) -> Iterator[dict[str, Any]]:
        for k in range(count):
            yield {"step": k, "beta": 1.0 * (k > count // 2)}

    peaks = []
    for count in (800, 3_200):
        tracemalloc.start()
        run_of({"step": row["step"], "beta_0": row["beta"]} for row in rows(count))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("name", ["run.npz", "packed.npz", "run.npy", "fortran.npz"])
def test_large_arrays_are_read_by_blocks(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exactsaddle.audit.blocks.WHOLE_BYTES", 1000)
    monkeypatch.setattr("exactsaddle.audit.thinning.MAX_ROWS", 200)
    step = np.arange(5000)
    beta = (np.arange(5000)[:, None] > [1234, 3456]).astype(np.float32)
    fields = {"step": step, "beta": beta, "host": np.array(["a", "b"])}
    np.savez(tmp_path / "run.npz", **fields)
    np.savez_compressed(tmp_path / "packed.npz", **fields)
    np.savez(tmp_path / "fortran.npz", step=step, beta=np.asfortranarray(beta))
    np.save(tmp_path / "run.npy", np.column_stack([step, beta]).astype(np.float32))
    found = read_run(tmp_path / name)
    assert found.single  # the type of the file
    assert found.beta is not None
    rows = found.clock.astype(int)
    assert np.array_equal(found.beta, beta[rows])
    if name != "fortran.npz":
        assert len(found) <= 400
        assert {1235, 3457} <= set(rows)  # the events
        assert found.notes == (f"{len(found)} of 5,000 rows kept around events",)


def test_blocks_keep_memory_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exactsaddle.audit.blocks.WHOLE_BYTES", 1000)
    monkeypatch.setattr("exactsaddle.audit.thinning.MAX_ROWS", 50)
    peaks = []
    for count in (2_000, 6_000):
        np.savez(tmp_path / "run.npz", step=np.arange(count), beta=np.zeros((count, 40)))
        tracemalloc.start()
        read_run(tmp_path / "run.npz")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < 6_000 * 40 * 8  # not even one array of the longer log


def test_parquet_wide_with_lists_and_long(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    tables = {
        "wide": {"step": LOG["step"], **{f"beta_{i}": LOG["beta"][:, i] for i in range(3)}},
        "lists": {"step": LOG["step"], "run": ["a"] * len(LOG["step"]), "beta": LOG["beta"].tolist()},
        "long": {
            "step": [s for s, t, _ in ENTRIES if t != "loss"],
            "tag": [t for _, t, _ in ENTRIES if t != "loss"],
            "value": [v for _, t, v in ENTRIES if t != "loss"],
        },
    }
    for name, columns in tables.items():
        parquet.write_table(arrow.table(columns), tmp_path / f"{name}.parquet")
        found = read_run(tmp_path / f"{name}.parquet")
        assert found.beta is not None
        assert np.array_equal(found.beta, LOG["beta"]), name


def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.npz").write_bytes(b"step,beta_0\n")
    with pytest.raises(UnreadableFile, match=r"run\.npz: .*zip"):
        read_run(tmp_path / "run.npz")
