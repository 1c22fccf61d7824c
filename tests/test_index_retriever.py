"""The hybrid retriever as a whole, on a tiny corpus."""

from __future__ import annotations

import threading
import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_index import Letters, passage, retriever

from corpus.expansions import EditorialQuestion, places_of
from index.asked import Asked
from index.asked_build import build_asked
from index.retriever import UNASKED

SHARED = retriever()


def ids(query: str, k: int = 10, **filters: Any) -> list[str]:
    return [hit.passage.id for hit in SHARED.search(query, k, **filters)]


def test_other_words_bad_spelling_and_references_find_their_passage() -> None:
    assert ids("les flics veulent des papiers")[0] == "p2"
    assert ids("quelle amande de 15 000 euros, emprisonement ?")[0] == "p3"
    assert ids("l'article 226-14, 4°")[:2] == ["p5", "p4"]
    assert ids("article 60-1 du code de procédure pénale")[0] == "p6"


def test_filters() -> None:
    assert set(ids("secret", kinds=("article",))) == {"p3", "p4", "p5"}
    assert set(ids("secret", sources=("guide",))) == {"p1", "p2", "p6"}
    assert "p4" not in ids("informer", day="2020-07-31") and "p5" in ids(
        "informer", day="2020-07-31"
    )
    assert "p5" not in ids("informer", day="2020-08-01") and "p4" in ids(
        "informer", day="2020-08-01"
    )
    assert ids("secret", kinds=()) == []


def test_hits_say_why() -> None:
    hit = retriever().search("Le nom de mes patients est-il SECRET ?", 1)[0]
    assert (hit.passage.id, hit.rank) == ("p1", 1)
    assert hit.matched == ("nom", "patients", "SECRET")
    assert hit.signals["bm25"] == hit.signals["coverage"] == 1.0
    assert all(0 <= value <= 1 for value in hit.signals.values())


@pytest.mark.parametrize("query", ["", "   ", "?!", "…", "\x00"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert retriever().search(query) == ()


def test_ties_go_by_id() -> None:
    twins = [passage(name, "Le même texte.") for name in ("z", "b", "a")]
    assert [hit.passage.id for hit in retriever(twins).search("texte", 2)] == ["a", "b"]


def test_k_takes_the_first_of_a_longer_list() -> None:
    everything = ids("le secret devant le juge", 6)
    assert len(everything) == 6
    for k in range(1, 6):
        assert ids("le secret devant le juge", k) == everything[:k]
    assert ids("le secret", 0) == []


@given(st.text(max_size=300))
def test_any_question_is_answered_in_order(query: str) -> None:
    query = unicodedata.normalize("NFC", query)
    hits = SHARED.search(query, 4)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(a.score >= b.score for a, b in pairwise(hits))
    assert all(word in query for hit in hits for word in hit.matched)


def test_threads_get_the_same_answers() -> None:
    questions = [f"le secret et l'article 226-1{n % 5} devant {n} juges" for n in range(40)]
    expected = [SHARED.search(q, 3) for q in questions]
    found: dict[int, object] = {}

    def work(part: int) -> None:
        for i in range(part, len(questions), 8):
            found[i] = SHARED.search(questions[i], 3)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(len(questions))] == expected


def taught(question: str) -> Asked:
    """One editorial question, answered by the first sentence of the sixth passage."""
    passages = SHARED.passages
    opening = next(p.text for p in passages if p.id == "p6")[:30]
    questions = [EditorialQuestion(question, (opening,))]
    return build_asked(questions, places_of(questions, passages), Letters())


def test_editorial_questions_lead_to_their_passage() -> None:
    """What was asked in other words leads there, and passages without questions lose nothing."""
    asked = taught("Qui a trinqué pour ses indiscrétions ?")
    question = "quelqu'un a-t-il trinqué ?"
    plain, led = retriever(), retriever(asked=asked)
    assert plain.search(question, 1)[0].passage.id != "p6"
    best = led.search(question, 1)[0]
    assert best.passage.id == "p6" and best.signals["asked"] == 1.0
    before, after = (r.search("le nom des patients", 1)[0] for r in (plain, led))
    assert before.passage.id == after.passage.id == "p1"
    assert after.signals["asked"] == pytest.approx(UNASKED * after.signals["bm25"])


def test_questions_of_filtered_passages_count_for_nothing() -> None:
    asked = taught("payé pour ses bavardages ?")
    hits = retriever(asked=asked).search("payé pour ses bavardages", kinds=("article",))
    assert {hit.passage.id for hit in hits} == {"p3", "p4", "p5"}
