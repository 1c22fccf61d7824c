"""Load: many readers of one engine, each with their own question and only their own answer."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from real_index import real_index

from qa.answer import Answer, Refusal
from qa.pipeline import Engine

Record = Callable[[str, object], None]
ROUNDS = 5
SUBJECTS = (
    "Que risque un kinésithérapeute qui viole le secret professionnel",
    "Le secret s’applique-t-il après la mort du patient",
    "Puis-je partager des informations avec le médecin traitant",
    "Que faire face à une réquisition de la police",
    "Dois-je témoigner devant un juge",
    "Le patient peut-il délier le kinésithérapeute du secret",
    "Les ayants droit peuvent-ils lire le dossier du patient décédé",
    "Quelle est la capitale de la Mongolie",
)


def canary(reader: int) -> str:
    letters = "abcdefghij"
    return "Zyxq" + "".join(letters[int(digit)] for digit in f"{reader:03d}") + "wv"


def question(reader: int, turn: int) -> str:
    """An ordinary question: whoever asks gives a name first, which is the canary."""
    return f"Je suis Mme {canary(reader)}. {SUBJECTS[(reader + turn) % len(SUBJECTS)]} ?"


def timeless(outcome: Answer | Refusal) -> Answer | Refusal:
    """The outcome without its durations."""
    return replace(outcome, timings_ms={})


def resident() -> int:
    """Resident memory of this process, in MiB."""
    import psutil

    gc.collect()
    return int(psutil.Process().memory_info().rss >> 20)


def run(engine: Engine, readers: int, turns: int) -> list[str]:
    """Every reader asks, all at once; what was wrong, one line each."""
    alone = {
        (reader, turn): timeless(engine.ask(question(reader, turn)))
        for reader in range(min(readers, len(SUBJECTS)))
        for turn in range(len(SUBJECTS))
    }
    answered = sum(outcome.answered for outcome in alone.values())
    # All but the last subject can be answered; fewer than half would leave little to be crossed.
    wrong = [] if answered > len(alone) / 2 else [f"{answered} of {len(alone)} answered: too few"]
    together = threading.Barrier(readers)

    def read(reader: int) -> None:
        together.wait()
        for turn in range(turns):
            outcome = engine.ask(question(reader, turn), id=f"{reader}/{turn}")
            if outcome.question != question(reader, turn) or outcome.id != f"{reader}/{turn}":
                wrong.append(f"reader {reader} had another's outcome")
            known: Any = alone.get((reader, turn % len(SUBJECTS)))
            if known is not None and timeless(replace(outcome, id=None)) != known:
                wrong.append(f"reader {reader}, turn {turn}: not the answer that it has alone")
            said = str(outcome.as_json())
            wrong.extend(
                f"reader {reader} was shown {canary(other)}"
                for other in range(readers)
                if other != reader and canary(other) in said
            )

    with ThreadPoolExecutor(readers) as pool:
        for done in [pool.submit(read, reader) for reader in range(readers)]:
            done.result()
    return wrong


@pytest.mark.slow
def test_readers_at_once_have_each_their_own_answer(record_property: Record) -> None:
    assert run(Engine.open(real_index()), readers=8, turns=4) == []
    record_property("reliability", "33|questions of 8 threads with their canaries|32|questions")


@pytest.mark.long(minutes=2)
def test_fifty_readers_for_a_long_time(record_property: Record) -> None:
    """No error, no crossed answer, and no memory gained once warm."""
    engine = Engine.open(real_index())
    assert run(engine, readers=50, turns=8) == []
    warm, most = resident(), 0
    for _ in range(ROUNDS):
        assert run(engine, readers=50, turns=8) == []
        most = max(most, resident())
    assert most <= warm * 1.1 + 20, f"from {warm} to {most} MiB"
    what = f"questions of 50 readers at once; memory {warm} then at most {most} MiB"
    record_property("reliability", f"32|{what}|{ROUNDS * 400}|questions")
