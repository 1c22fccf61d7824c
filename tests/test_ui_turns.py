"""The queue before the engine: in order, a few at once, and never without an end."""

from __future__ import annotations

import threading
import time

import pytest

from ui.turns import EngineBusy, Turns


def test_never_more_at_once_and_in_order_of_arrival() -> None:
    turns, order, inside, most = Turns(at_once=2, wait=10), [], [0], [0]
    lock, arrived = threading.Lock(), threading.Semaphore(0)

    def person(number: int) -> None:
        arrived.release()
        with turns.turn():
            with lock:
                order.append(number)
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            with lock:
                inside[0] -= 1

    with turns.turn(), turns.turn():
        people = [threading.Thread(target=person, args=(n,)) for n in range(20)]
        for n, one in enumerate(people):
            one.start()
            arrived.acquire()
            while len(turns._queue) <= n:
                time.sleep(0.001)
    for one in people:
        one.join()
    assert most[0] == 2
    # Two are served side by side: a neighbour may write its number first.
    assert all(abs(number - place) <= 1 for place, number in enumerate(order))


def refused(turns: Turns) -> None:
    with pytest.raises(EngineBusy), turns.turn():
        pass


def test_a_full_queue_and_a_long_wait_are_said() -> None:
    turns = Turns(at_once=1, most_waiting=1, wait=0.3)
    with turns.turn():
        with pytest.raises(EngineBusy), turns.turn():
            pass
        waiting = threading.Thread(target=refused, args=(turns,))
        waiting.start()
        while not turns._queue:
            time.sleep(0.001)
        with pytest.raises(EngineBusy), turns.turn():
            pass
        assert turns._queue, "one too many is told at once, while the other still waits"
        waiting.join()
    with turns.turn():
        pass


def test_a_fault_gives_the_turn_back() -> None:
    turns = Turns(at_once=1, wait=0.1)
    with pytest.raises(ValueError, match="x"), turns.turn():
        raise ValueError("x")
    with turns.turn():
        pass


def test_a_stage_that_lasts_ends_the_work() -> None:
    told: list[str] = []
    tell = Turns(stage=0.05).limited(told.append)
    tell("retrieve")
    time.sleep(0.06)
    with pytest.raises(EngineBusy):
        tell("verify")
    assert told == ["retrieve"]
