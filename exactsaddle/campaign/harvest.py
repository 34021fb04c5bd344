"""Feed an engine and gather its answers: bounded in flight, retried when a worker dies.

A chunk whose worker died is tried once more; if it dies again the chunk is halved, so that an instance
that kills its worker is found in a few steps and the rest of its chunk is not lost with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass

from exactsaddle.base import EngineLost, InvalidInput
from exactsaddle.campaign.engines import Engine, Function
from exactsaddle.campaign.spec import Spec
from exactsaddle.campaign.work import Answer, Outcome, lost_instance, versions

TRIES = 2
"""Workers that a chunk may take with it before it is halved."""
LAST_TRIES = 3
"""Workers that one instance may take with it before it is given up."""
_TICK = 0.2


@dataclass(frozen=True)
class _Chunk:
    instances: tuple[int, ...]
    deaths: int = 0


def harvest(
    engine: Engine,
    function: Function,
    spec: Spec,
    chunks: Iterable[tuple[int, ...]],
    stopping: Callable[[], bool],
    tick: Callable[[], None],
) -> Iterator[tuple[tuple[int, ...], list[Outcome]]]:
    """The outcomes of each chunk, or of a piece of it, as they come in; every instance once.

    When ``stopping`` is true nothing more is begun and what is in flight is still gathered. ``tick`` is
    called a few times a second. Raises EngineLost, and InvalidInput when workers have other versions.
    """
    fresh = iter(chunks)
    again: deque[_Chunk] = deque()
    flying: dict[Future[Answer], _Chunk] = {}

    def refill() -> None:
        while len(flying) < engine.width and not stopping():
            if again:
                chunk = again.popleft()
            elif (instances := next(fresh, None)) is not None:
                chunk = _Chunk(instances)
            else:
                return
            flying[engine.submit(function, spec.canonical, chunk.instances)] = chunk

    refill()
    while flying:
        done, _ = wait(flying, timeout=_TICK, return_when=FIRST_COMPLETED)
        ended = [(future, flying.pop(future)) for future in done]
        answers: list[tuple[_Chunk, list[Outcome]]] = []
        for future, chunk in ended:
            outcomes = _outcomes(engine, spec, future)
            if outcomes is not None:
                answers.append((chunk, outcomes))
            elif len(chunk.instances) == 1 and chunk.deaths + engine.deaths >= LAST_TRIES:
                reason = f"solve: {chunk.deaths + engine.deaths} workers died of it"
                answers.append((chunk, [lost_instance(spec, chunk.instances[0], reason)]))
            else:
                again.extendleft(reversed(_retried(chunk, engine.deaths)))
        engine.check()
        refill()
        for chunk, outcomes in answers:
            yield chunk.instances, outcomes
        tick()


def _outcomes(engine: Engine, spec: Spec, future: Future[Answer]) -> list[Outcome] | None:
    """What a worker answered; None when it died."""
    try:
        answer = future.result()
    except engine.lost:
        return None
    except CancelledError:
        raise EngineLost("the scheduler has dropped the work, or is gone") from None
    except (ImportError, AttributeError) as error:
        raise EngineLost(f"a worker cannot import what it needs: {error}") from error
    here = versions(spec)
    if answer.versions != here:
        raise InvalidInput(f"a worker has {answer.versions}, but the campaign has {here}: install the same")
    return answer.outcomes


def _retried(chunk: _Chunk, deaths: int) -> list[_Chunk]:
    instances, deaths = chunk.instances, chunk.deaths + deaths
    if deaths < TRIES or len(instances) == 1:
        return [_Chunk(instances, deaths)]
    half = len(instances) // 2
    return [_Chunk(instances[:half]), _Chunk(instances[half:])]
