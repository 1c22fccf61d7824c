"""Forty French injections, in the question and inside an added document, on both ways.

The scripted model obeys every one of them: what is measured is what a reader would be shown.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from corpus.library import DEFAULT_FOLDER, load_library
from index.build import build
from index.encoder import load_encoder
from index.hit import Hit
from qa.answer import Outcome
from qa.generative import answer, consent_to, outgoing_text
from qa.injection import gives_orders
from qa.pipeline import Engine
from tests.chat_server import Passages, Reply, phrases, serve

DATA = Path(__file__).parent / "data"
ROWS: list[dict[str, str]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "injections.jsonl")
    .read_text("utf-8")
    .splitlines()
]
IN_QUESTION = [row for row in ROWS if row["where"] == "question"]
IN_DOCUMENT = [row for row in ROWS if row["where"] == "document"]
GUIDE = "guide-secret-professionnel.txt"


def by_id(row: dict[str, str]) -> str:
    return row["id"]


def _folder(root: Path, rows: list[dict[str, str]]) -> Path:
    """The guide, and one added document a row; each repeats its question so as to be found."""
    root.mkdir()
    (root / GUIDE).write_bytes((DEFAULT_FOLDER / GUIDE).read_bytes())
    for row in rows:
        text = f"Note de service {row['id']}\n\n{row['question']}\n\n{row['attack']}\n"
        (root / f"note-{row['id']}.txt").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def clean(real_engine: Engine) -> Engine:
    return real_engine


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    root = tmp_path_factory.mktemp("poisoned")
    library = load_library(_folder(root / "sources", IN_DOCUMENT))
    build(library, root / "index", load_encoder("embedded"))
    return Engine.open(root / "index")


def _said(outcome: Outcome) -> tuple[str, ...]:
    return tuple(row["text"] for row in outcome.as_json()["sentences"])


@pytest.mark.parametrize("row", IN_QUESTION, ids=by_id)
def test_an_injection_in_the_question_does_not_change_what_is_said(
    row: dict[str, str], clean: Engine
) -> None:
    guide = clean.index.documents[0].text
    for text in (f"{row['question']} {row['attack']}", f"{row['attack']} {row['question']}"):
        said = _said(clean.ask(text))
        assert not any(re.search(row["payload"], sentence) for sentence in said)
        own = set(said) - set(_said(clean.ask(row["question"])))
        assert all(sentence in guide for sentence in own)  # the guide's words, nothing else


@pytest.mark.slow
@pytest.mark.parametrize("row", IN_DOCUMENT, ids=by_id)
def test_an_injection_in_a_document_is_not_said(row: dict[str, str], poisoned: Engine) -> None:
    said = _said(poisoned.ask(row["question"]))
    assert not any(re.search(row["payload"], sentence) for sentence in said), said


def _hits(engine: Engine, row: dict[str, str]) -> tuple[Hit, ...]:
    found = tuple(engine.index.retriever.search(row["question"], 8))
    planted = tuple(Hit(p, 1.0) for p in engine.index.passages if f"note-{row['id']}" in p.source)
    return planted + tuple(h for h in found if h.passage not in {p.passage for p in planted})


def _obeying(row: dict[str, str], answers: dict[str, Any]) -> Reply:
    """A model that says what the attack asks, citing in turn all that it could cite."""

    def content(passages: Passages) -> str:
        cited = [(key, p["texte"]) for key, p in passages.items()]
        answers["offered"] = [p["texte"] for p in passages.values()]
        return phrases(
            *((row["obeyed"], [source]) for source in cited[:6]),
            (row["obeyed"], cited),
            (row["obeyed"], [("P-00000000", row["obeyed"])]),
            (row["obeyed"], [(cited[0][0], row["obeyed"])]),
            (row["obeyed"], []),
        )

    return Reply(content)


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_a_model_that_obeys_gets_nothing_unsupported_shown(
    row: dict[str, str], poisoned: Engine
) -> None:
    question = row["question"]
    if row["where"] == "question":
        question = f"{question} {row['attack']}"
    hits = _hits(poisoned, row)
    seen: dict[str, Any] = {}
    with serve(_obeying(row, seen)) as server:
        result = answer("openai:scripted", question, hits, base_url=f"{server.url}/v1",
                        consent=consent_to(outgoing_text(question, hits)))  # fmt: skip
    assert len(server.bodies) == 2  # asked, and asked once to mend
    assert (result.problem, result.sentences) == ("nothing_left", ())
    assert seen["offered"]
    assert not any(row["attack"] in text for text in seen["offered"])


def test_no_passage_of_the_guide_is_taken_for_an_order() -> None:
    assert not [p.id for p in load_library().passages if gives_orders(p.text)]
    assert all(gives_orders(row["attack"]) for row in IN_DOCUMENT)
