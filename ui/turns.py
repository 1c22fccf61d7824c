"""Turns at the engine: first come first served, a few at once, and nobody waits without an end.

A browser session sends one question at a time, so serving the queue in order is fair between
people. What is limited is what one machine can answer at once, never who may ask.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_ONCE = 4
MOST_WAITING = 50
WAIT_SECONDS = 20.0
STAGE_SECONDS = 30.0


class EngineBusy(Exception):
    """Nobody could be served in time: ask again in a moment."""


class Turns:
    """A queue before a resource.

    Args:
        at_once: How many are served at a time.
        most_waiting: How many may wait; the next is told at once that it is busy.
        wait: Seconds that one waits at most.
        stage: Seconds that a stage may take (see :meth:`limited`).
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        wait: float = WAIT_SECONDS,
        stage: float = STAGE_SECONDS,
    ) -> None:
        self._at_once, self._most, self._wait, self._stage = at_once, most_waiting, wait, stage
        self._served = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, in order of arrival, and hold it until the block ends.

        Raises:
            EngineBusy: The queue is full, or the turn did not come in time.
        """
        ticket = object()
        with self._changed:
            if len(self._queue) >= self._most:
                raise EngineBusy
            self._queue.append(ticket)
            try:
                if not self._changed.wait_for(lambda: self._is_next(ticket), self._wait):
                    raise EngineBusy
                self._served += 1
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._served -= 1
                self._changed.notify_all()

    def _is_next(self, ticket: object) -> bool:
        return self._served < self._at_once and self._queue[0] is ticket

    def limited(self, tell: Callable[[str], None]) -> Callable[[str], None]:
        """A callback for each stage that ends the work when the stage before took too long."""
        began = time.monotonic()

        def told(stage: str) -> None:
            nonlocal began
            if time.monotonic() - began > self._stage:
                raise EngineBusy
            began = time.monotonic()
            tell(stage)

        return told
