"""Twenty people at once, ten questions each: nobody reads another's answer, nobody waits long.

Each person speaks the server's own WebSocket protocol, so that what is measured is the server and
not twenty browsers drawing on the same two cores.
"""

from __future__ import annotations

import statistics
import threading
import time
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Origin, Subprotocol
from websockets.sync.client import ClientConnection, connect

from tests.browsing import served

pytestmark = pytest.mark.long

PEOPLE, QUESTIONS = 20, 10
SUBJECTS = (
    "le secret après la mort du patient", "une réquisition de la gendarmerie",
    "le partage avec le médecin traitant", "les sanctions encourues", "l’article R. 4321-55",
    "un mineur maltraité", "le secret devant un juge", "un stagiaire au cabinet",
    "des locaux partagés", "la famille du patient",
)  # fmt: skip


class Person:
    """One session: what it asked, what it was shown, and how long that took."""

    def __init__(self, number: int, socket: ClientConnection) -> None:
        self.number = number
        self.spent: list[float] = []
        self.shown: list[str] = []
        self._socket = socket
        self._input = ""
        self._page = ""
        first = BackMsg()
        first.rerun_script.query_string = ""
        self._run(first)

    def _run(self, message: BackMsg) -> str:
        """Send a message; every text drawn until the script has finished."""
        self._socket.send(message.SerializeToString())
        drawn: list[str] = []
        while True:
            received = ForwardMsg()
            raw = self._socket.recv(timeout=120)
            assert isinstance(raw, bytes)
            received.ParseFromString(raw)
            kind = received.WhichOneof("type")
            if kind == "new_session":
                self._page = received.new_session.page_script_hash
            elif kind == "delta" and received.delta.WhichOneof("type") == "new_element":
                element = received.delta.new_element
                if element.WhichOneof("type") == "chat_input":
                    self._input = element.chat_input.id
                drawn.append(str(element.markdown.body or element.heading.body))
            elif kind == "script_finished":
                return "\n".join(drawn)

    def ask(self, n: int) -> None:
        self.send(f"Dossier {self.number:02d}-{n} : que dit le guide sur {self._subject(n)} ?")

    def send(self, text: str) -> None:
        """Ask anything, and keep what is shown and how long it took."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self._input
        state.chat_input_value.data = text
        start = time.perf_counter()
        self.shown.append(self._run(message))
        self.spent.append(time.perf_counter() - start)

    def _subject(self, n: int) -> str:
        return SUBJECTS[(self.number + n) % len(SUBJECTS)]


def test_twenty_people_ask_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people: list[Person] = []
    failures: list[BaseException] = []
    with served(tmp_path / "store") as server:
        address = server.url.replace("http", "ws") + "/_stcore/stream"
        together = threading.Barrier(PEOPLE)

        def live(number: int) -> None:
            try:
                with connect(
                    address, origin=Origin(server.url), subprotocols=[Subprotocol("streamlit")]
                ) as socket:
                    person = Person(number, socket)
                    people.append(person)
                    together.wait(120)
                    for n in range(QUESTIONS):
                        person.ask(n)
            except BaseException as error:  # told by the test, below
                failures.append(error)
                together.abort()

        threads = [threading.Thread(target=live, args=(number,)) for number in range(PEOPLE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        log = server.log()
    for person in people:
        for n, text in enumerate(person.shown):
            assert f"Dossier {person.number:02d}\\-{n}" in text
            others = [f"Dossier {p.number:02d}" for p in people if p is not person]
            assert not any(other in text for other in others)
    assert "Error" not in log and "Traceback" not in log and "Dossier" not in log
    spent = [seconds for person in people for seconds in person.spent]
    assert len(spent) == PEOPLE * QUESTIONS
    p95 = statistics.quantiles(spent, n=20)[-1]
    with capsys.disabled():
        print(f"\n{len(spent)} answers, median {statistics.median(spent):.2f} s, p95 {p95:.2f} s")
