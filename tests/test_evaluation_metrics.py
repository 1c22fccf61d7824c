"""Expected values are written as formulas, worked out by hand from the definitions."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import abstention, answers
from evaluation.evidence import evidence_recall, holds, normalise, overlap
from evaluation.response import Cited, Response, Said, from_json
from evaluation.support import supports


def test_evidence_survives_typography_and_nothing_else() -> None:
    passage = "Il s’agit\u00a0d’un  secret\nprofessionnel e\u0301tendu."
    assert normalise(passage) == "Il s'agit d'un secret professionnel étendu."
    assert holds(passage, ("s'agit d'un secret", "Secret", "")) == (True, False, False)


def test_evidence_recall_by_mode() -> None:
    passages = ("alpha beta", "gamma", "delta")
    assert evidence_recall(passages, ("beta", "delta", "zeta"), "all") == 2 / 3
    assert evidence_recall(passages, ("beta", "delta"), "all", k=2) == 1 / 2
    assert evidence_recall(passages, ("zeta", "delta"), "any") == 1.0
    assert evidence_recall(passages, ("zeta", "delta"), "any", k=2) == 0.0
    assert evidence_recall((), ("zeta",), "any") == 0.0
    assert evidence_recall(passages, (), "any") is None


def test_overlap_of_a_quote_and_a_span() -> None:
    passage = "Un deux trois quatre cinq six."
    assert overlap("deux trois", passage, "trois quatre")
    assert overlap("deux", passage, "Un deux trois")
    assert not overlap("Un deux", passage, "trois quatre")
    assert not overlap("", passage, "trois")


def _cited(n: int, quote: str, start: int = 0, **more: object) -> Cited:
    return Cited(n, quote, "guide", start, start + len(quote), passage=quote, **more)  # type: ignore[arg-type]  # test shorthand


ANSWER = Response(
    answered=True,
    sentences=(
        Said("Le secret couvre tout ce qui a été vu.", (1,)),
        Said("La peine est de un an d’emprisonnement et de 15 000 euros.", (2, 3)),
        Said("Bonne journée."),
        Said("Voir aussi.", (9,)),
    ),
    citations=(
        _cited(1, "Le secret couvre tout ce qui a été vu."),
        _cited(2, "La peine est de un an d'emprisonnement et de 15 000 euros."),
        _cited(3, "Le chat dort."),
    ),
)
SILENCE = Response(answered=False, citations=(_cited(1, "un an d'emprisonnement"),))


def test_facts_and_forbidden_statements() -> None:
    facts = (("UN AN",), ("deux ans", "15 000"), ("réclusion",))
    assert answers.fact_recall(ANSWER, facts) == 2 / 3
    assert answers.fact_recall(SILENCE, facts) == 0.0
    assert answers.fact_recall(ANSWER, ()) is None
    assert answers.forbidden(ANSWER, ("le chat",)) == 1.0
    assert answers.forbidden(ANSWER, ("le chien",)) == 0.0
    assert answers.forbidden(SILENCE, ("emprisonnement",)) == 0.0
    assert answers.forbidden(ANSWER, ()) is None


@pytest.mark.parametrize(
    ("response", "answerable", "facts", "must_not", "expected"),
    [
        (ANSWER, True, (("un an",),), (), 1.0),
        (ANSWER, True, (("dix ans",),), (), 0.0),
        (ANSWER, True, (("un an",),), ("chat",), 0.0),
        (ANSWER, True, (), ("chien",), 1.0),
        (ANSWER, True, (), (), None),
        (ANSWER, False, (), (), 0.0),
        (SILENCE, False, (), (), 1.0),
        (SILENCE, True, (("un an",),), (), 0.0),
    ],
)
def test_right(
    response: Response,
    answerable: bool,
    facts: tuple[tuple[str, ...], ...],
    must_not: tuple[str, ...],
    expected: float | None,
) -> None:
    assert answers.right(response, answerable, facts, must_not) == expected


def test_citation_recall_and_precision_after_alce() -> None:
    # Two of four sentences are supported; the third cites nothing, the fourth an unknown number.
    assert answers.citation_recall(ANSWER) == 2 / 4
    # Numbers claimed: 1, 2, 3, 9. 1 and 2 are needed; 3 is not; 9 does not exist.
    assert answers.citation_precision(ANSWER) == 2 / 4
    assert answers.uncited(ANSWER) == 2 / 4


def test_two_citations_that_are_needed_together_are_both_precise() -> None:
    def both(text: str, sentence: str) -> bool:
        return "alpha" in text and "beta" in text

    joint = Response(True, (Said("x", (1, 2)),), (_cited(1, "alpha"), _cited(2, "beta")))
    assert answers.citation_recall(joint, both) == 1.0
    assert answers.citation_precision(joint, both) == 1.0
    spare = Response(True, (Said("x", (1, 2)),), (_cited(1, "alpha beta"), _cited(2, "beta")))
    assert answers.citation_precision(spare, both) == 1 / 2


def test_answer_metrics_of_silence_and_of_an_empty_answer() -> None:
    assert answers.citation_recall(SILENCE) is None
    assert answers.citation_precision(SILENCE) is None
    assert answers.uncited(SILENCE) is None
    assert answers.words(SILENCE) is None
    empty = Response(answered=True)
    assert answers.citation_recall(empty) == 0.0
    assert answers.citation_precision(empty) is None
    assert answers.uncited(empty) is None
    assert answers.words(empty) == 0.0
    assert answers.verbatim_rate(empty, lambda source: "") is None


def test_verbatim_rate_reads_the_document_itself() -> None:
    text = "Le secret est absolu."
    cited = (
        Cited(1, "secret", "guide", 3, 9),
        Cited(2, "Secret", "guide", 3, 9),
        Cited(3, "secret", "guide", 4, 10),
        Cited(4, "secret", "inconnu", 3, 9),
    )
    response = Response(True, (Said("x", (1,)),), cited)
    assert answers.verbatim_rate(response, {"guide": text}.__getitem__) == 1 / 4


def test_page_accuracy_blames_a_page_invented_and_a_page_left_out() -> None:
    pages = {0: 3, 10: 4, 20: None, 30: None, 40: 7}
    cited = tuple(
        Cited(n, "q", "guide", start, start + 1, page=page)
        for n, (start, page) in enumerate([(0, 3), (10, 3), (20, 5), (30, None), (40, None)], 1)
    )
    response = Response(True, (Said("x", (1,)),), cited)
    # Right: the first. Wrong: page 3 for 4, page 5 for none, none for 7. Not judged: the fourth.
    assert answers.page_accuracy(response, lambda source, start: pages[start]) == 1 / 4
    nothing = Response(True, (Said("x", (1,)),), cited[3:4])
    assert answers.page_accuracy(nothing, lambda source, start: None) is None


def test_version_accuracy_on_the_days_where_it_turns() -> None:
    article = Cited(1, "q", "csp", 0, 1, "article", in_force_from="2020-08-01",
                    in_force_to="2024-01-01")  # fmt: skip
    response = Response(True, (Said("x", (1,)),), (article, _cited(2, "undated")))
    days = {"2020-07-31": 0.0, "2020-08-01": 1.0, "2023-12-31": 1.0, "2024-01-01": 0.0}
    assert {d: answers.version_accuracy(response, d) for d in days} == days
    assert answers.version_accuracy(ANSWER, "2024-01-01") is None
    assert answers.version_accuracy(SILENCE, "2024-01-01") is None


def test_evidence_cited() -> None:
    assert answers.evidence_cited(ANSWER, ("a été vu", "absent"), "all") == 1 / 2
    assert answers.evidence_cited(ANSWER, ("a été vu", "absent"), "any") == 1.0
    assert answers.evidence_cited(SILENCE, ("un an",), "any") == 0.0
    assert answers.evidence_cited(ANSWER, (), "any") is None


def test_abstention_by_hand() -> None:
    abstained = [True, True, False, False, True]
    should = [True, False, True, False, True]
    assert abstention.precision(abstained, should) == 2 / 3
    assert abstention.recall(abstained, should) == 2 / 3
    assert abstention.wrong_rate(abstained, should) == 1 / 2
    nobody = [False] * 3
    assert abstention.precision(nobody, [True, False, True]) is None
    assert abstention.recall([True] * 3, nobody) is None
    assert abstention.wrong_rate([True] * 3, [True] * 3) is None
    assert abstention.precision([True] * 3, [True] * 3) == 1.0


def test_risk_coverage_by_hand() -> None:
    # Right, wrong, right, wrong in order of confidence: 0, 1/2, 1/3, 2/4.
    points = abstention.risk_coverage([0.9, 0.8, 0.7, 0.6], [0.0, 1.0, 0.0, 1.0], total=8)
    assert points == ((1 / 8, 0.0), (2 / 8, 1 / 2), (3 / 8, 1 / 3), (4 / 8, 2 / 4))
    expected = (0 + 1 / 2 + 1 / 3 + 2 / 4) / 4
    assert abstention.aurc([0.6, 0.7, 0.8, 0.9], [1.0, 0.0, 1.0, 0.0]) == pytest.approx(expected)
    assert abstention.aurc([], []) is None
    with pytest.raises(ValueError, match="as many"):
        abstention.risk_coverage([0.5], [])
    with pytest.raises(ValueError, match="at least as many"):
        abstention.risk_coverage([0.5], [0.0], total=0)


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9]), st.sampled_from([0.0, 1.0])),
                min_size=1, max_size=30), st.randoms())  # fmt: skip
def test_aurc_does_not_depend_on_the_order_of_ties(
    pairs: list[tuple[float, float]], rng: random.Random
) -> None:
    before = abstention.aurc(*zip(*pairs, strict=True))
    rng.shuffle(pairs)
    after = abstention.aurc(*zip(*pairs, strict=True))
    assert before == pytest.approx(after)
    assert before is not None and 0 <= before <= 1


TEXT = (
    "Le masseur-kinésithérapeute ne peut être délié du secret par son patient. "
    "La révélation est punie d’un an d’emprisonnement et de 15 000 euros d’amende. "
    "Le professionnel peut informer le procureur de la République."
)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("La révélation est punie d'un an d'emprisonnement et de 15 000 euros d'amende.", True),
        ("Révéler le secret est puni d'un an d'emprisonnement et 15 000 euros d'amende.", True),
        ("La révélation est punie d'un an d'emprisonnement et de 45 000 euros d'amende.", False),
        ("Le masseur-kinésithérapeute peut être délié du secret par son patient.", False),
        ("Le professionnel doit informer le procureur de la République.", False),
        ("Le professionnel ne peut pas informer le procureur de la République.", False),
        ("Les honoraires se fixent avec tact et mesure.", False),
        ("", False),
    ],
)
def test_support_by_rules(sentence: str, expected: bool) -> None:
    assert supports(TEXT, sentence) is expected


def test_support_misses_what_its_docstring_says_it_misses() -> None:
    # Roles exchanged: called supported. A faithful paraphrase in other words: called unsupported.
    assert supports("Le juge interroge le patient.", "Le patient interroge le juge.")
    assert not supports("Il encourt la prison.", "Une peine privative de liberté le menace.")
    assert not supports("", "Une phrase.")


def test_support_catches_planted_falsehoods_in_the_guide() -> None:
    """Measures the support test itself, on sentences of the guide altered in one place each."""
    raw = (
        Path(__file__).parent.parent / "corpus/sources/guide-secret-professionnel.txt"
    ).read_text(encoding="utf-8")
    pieces = [" ".join(p.split()) for p in raw.replace("-\n", "").split(".")]
    sentences = [p + "." for p in pieces if 60 < len(p) < 300][:120]
    assert len(sentences) == 120
    assert all(supports(" ".join(sentences[i : i + 3]), s) for i, s in enumerate(sentences))
    elsewhere = [supports(s, sentences[(i + 40) % 120]) for i, s in enumerate(sentences)]
    assert sum(elsewhere) <= 1
    numbered = [s for s in sentences if any(c.isdigit() for c in s)]
    altered = ["".join(str((int(c) + 1) % 10) if c.isdigit() else c for c in s) for s in numbered]
    assert not any(supports(s, a) for s, a in zip(numbered, altered, strict=True))
    negated = [s for s in sentences if " ne peut " in s]
    assert len(negated) >= 3
    assert not any(supports(s, s.replace(" ne peut ", " peut ")) for s in negated
                   if s.count(" ne ") == 1 and "sans" not in s and "aucun" not in s)  # fmt: skip


def test_response_reads_the_contract() -> None:
    row = {
        "answered": True, "refusal_reason": None, "sentences": [{"text": "Oui.", "citations": [1]}],
        "citations": [{"n": 1, "passage_id": "g/1", "kind": "guide", "ref": "r", "quote": "Oui.",
                       "source": "guide", "page": 4, "section": [], "start": 0, "end": 4,
                       "url": None, "verified": True}],
        "model": "m", "warnings": [], "timings_ms": {"retrieve": 1.0},
    }  # fmt: skip
    response = from_json(row)
    assert response.text == "Oui." and response.read == "Oui.\nOui."
    assert response.citations[0].page == 4 and response.citations[0].passage == "Oui."
    assert response.timings_ms == {"retrieve": 1.0}
