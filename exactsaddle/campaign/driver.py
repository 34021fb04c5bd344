"""Run a campaign, or go on with one: what is not finished in its directory is computed and stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from exactsaddle.base import EngineLost, InvalidInput
from exactsaddle.campaign.engines import Engine
from exactsaddle.campaign.harvest import harvest
from exactsaddle.campaign.journal import Entry
from exactsaddle.campaign.results import Results, extremal_instances
from exactsaddle.campaign.spec import Spec
from exactsaddle.campaign.store import Store
from exactsaddle.campaign.work import Outcome, compute, preserve


@dataclass(frozen=True)
class Progress:
    """How far a campaign has come: instances, by verdict, and how many of them in this run.

    damaged counts parts that were found not to match their checksum when this run began, and are redone;
    workers is how many there are now; seconds is the wall time of this run.
    """

    total: int
    done: int
    here: int
    verified: int
    rejected: int
    unchecked: int
    damaged: int
    workers: int
    seconds: float

    @property
    def rate(self) -> float | None:
        """Instances for each second of this run; None at its beginning."""
        return self.here / self.seconds if self.here and self.seconds > 0 else None

    @property
    def eta(self) -> float | None:
        """Seconds that are left at this rate; None when there is no rate yet."""
        return None if self.rate is None else (self.total - self.done) / self.rate


Report = Callable[[Progress], None]


def run(
    spec: Spec,
    directory: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    engine: Engine | None = None,
    stopping: Callable[[], bool] = lambda: False,
    progress: Report = lambda state: None,
) -> Results:
    """Compute what is not yet finished of a campaign, in a new directory or in its own.

    The work is done by processes of this machine, ``workers`` of them or one for each CPU, or by the
    cluster of a Dask ``scheduler`` ("tcp://host:8786"), or by an engine of the caller's. The results do not
    depend on which. ``stopping`` is asked now and then; once it says True nothing more is begun, and what
    is being computed is stored. Killed at any moment, the campaign can be gone on with by the same call.

    In a script call it under ``if __name__ == "__main__":``, as always with processes that are spawned.

    Raises InvalidInput when the directory holds anything else, is in use, cannot be written (a full disk),
    or no scheduler answers; EngineLost when a scheduler goes away. All that was stored until then is safe.
    """
    _refuse_missing_target(spec)  # before the directory is of this SPEC: its mistake can be mended there
    return _run(Store.create(directory, spec), workers, scheduler, engine, stopping, progress, False)


def resume(
    directory: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    engine: Engine | None = None,
    retry_lost: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    progress: Report = lambda state: None,
) -> Results:
    """Go on with the campaign in a directory, as ``run`` does; damaged parts are computed again.

    With retry_lost also the parts in which an instance took its workers with it.
    """
    store = Store.open(directory)
    store.refuse_other_versions()
    _refuse_missing_target(store.spec)
    return _run(store, workers, scheduler, engine, stopping, progress, retry_lost)


def _run(
    store: Store,
    workers: int | None,
    scheduler: str | None,
    engine: Engine | None,
    stopping: Callable[[], bool],
    progress: Report,
    retry_lost: bool,
) -> Results:
    with store.lock():
        store.sweep()
        scan = store.scan()
        entries = dict(scan.finished)
        if retry_lost:
            for part in [part for part, entry in entries.items() if entry.lost]:
                store.forget(part)
                del entries[part]
        chosen = engine or _engine(workers, scheduler)
        campaign = _Campaign(store, entries, len(scan.damaged), chosen, stopping, progress)
        finished = False
        try:
            campaign.compute_parts()
            campaign.preserve_extremal()
            finished = True
        except EngineLost as error:
            raise EngineLost(f"{error}; {campaign.safe}") from error
        except InvalidInput as error:
            raise InvalidInput(f"{error}; {campaign.safe}") from error
        finally:
            if engine is None:
                chosen.close(now=not finished)
    return Results(store)


def _engine(workers: int | None, scheduler: str | None) -> Engine:
    if scheduler is not None:
        if workers is not None:
            raise InvalidInput("workers are those of the scheduler: name one of the two")
        from exactsaddle.campaign.engines.cluster import DaskCluster

        return DaskCluster(scheduler)
    from exactsaddle.campaign.engines.local import LocalProcesses

    return LocalProcesses(workers)


def _refuse_missing_target(spec: Spec) -> None:
    """A target that cannot be loaded is found out before any work is done."""
    if spec.work.conformance is not None:
        from exactsaddle.testing.conformance import Target

        Target(spec.work.conformance).close()


class _Campaign:
    """The state of one run: which parts are finished, which are being put together."""

    def __init__(
        self,
        store: Store,
        entries: dict[int, Entry],
        damaged: int,
        engine: Engine,
        stopping: Callable[[], bool],
        progress: Report,
    ) -> None:
        self.store, self.spec, self.entries, self.damaged = store, store.spec, entries, damaged
        self.engine, self.stopping, self.progress = engine, stopping, progress
        self.began = time.monotonic()
        self.here = 0
        self.counts = {
            name: sum(getattr(entry, name) for entry in entries.values())
            for name in ("rows", "verified", "rejected", "unchecked")
        }

    @property
    def safe(self) -> str:
        """What is stored, and how to go on: the end of every message about a run cut short."""
        return (
            f"{self.counts['rows']:,} of {self.spec.instances:,} instances are stored; "
            f"go on with: exactsaddle campaign resume {self.store.directory}"
        )

    def tick(self) -> None:
        """Report."""
        self.progress(
            Progress(
                total=self.spec.instances,
                done=self.counts["rows"],
                here=self.here,
                verified=self.counts["verified"],
                rejected=self.counts["rejected"],
                unchecked=self.counts["unchecked"],
                damaged=self.damaged,
                workers=self.engine.workers,
                seconds=time.monotonic() - self.began,
            )
        )

    def compute_parts(self) -> None:
        """All parts without an entry, each stored when its last piece has come in."""
        chunks = (tuple(self.spec.part(part)) for part in range(self.spec.parts) if part not in self.entries)
        gathered: dict[int, dict[int, Outcome]] = {}
        self.tick()
        for instances, outcomes in self._harvest(compute, chunks):
            part = instances[0] // self.spec.chunk
            pieces = gathered.setdefault(part, {})
            pieces.update(zip(instances, outcomes, strict=True))
            if len(pieces) == len(self.spec.part(part)):
                self._store(part, [pieces[i] for i in self.spec.part(part)])
                del gathered[part]

    def preserve_extremal(self) -> None:
        """Keep whole the instances with the highest statistics, once all parts are there."""
        if len(self.entries) < self.spec.parts:
            return
        wanted = [
            (row["instance"],)
            for row in extremal_instances(Results(self.store))
            if not self.store.has_problem(row["digest"]) or not self.store.has_certificate(row["digest"])
        ]
        for _, outcomes in self._harvest(preserve, wanted):
            for outcome in outcomes:
                if outcome.kept is not None:
                    self.store.keep(outcome.row["digest"], outcome.kept)

    def _harvest(
        self, function: object, chunks: Iterable[tuple[int, ...]]
    ) -> Iterable[tuple[tuple[int, ...], list[Outcome]]]:
        return harvest(self.engine, function, self.spec, chunks, self.stopping, self.tick)

    def _store(self, part: int, outcomes: list[Outcome]) -> None:
        entry = self.store.write_part(part, outcomes)
        self.entries[part] = entry
        self.here += entry.rows
        for name in self.counts:
            self.counts[name] += getattr(entry, name)
