"""Staff verdicts: kept, revised, erased, compared, exported; kappa worked out by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import settings
from corpus.library import load_library
from evaluation.gold import GoldQuestion, read_gold
from evaluation.importing import import_verdicts
from evaluation.lint import check as lint
from index.open import open_index
from qa import reviews as module
from qa.agreement import cohen
from qa.answer import Answer, Refusal
from qa.errors import ReviewGone, ReviewsUnavailable, VerdictInvalid
from qa.pipeline import Engine
from qa.review_export import as_csv, as_gold, as_jsonl, pairs, pattern_of
from qa.reviews import CitationJudgement, Judgement, Reviews, Submission
from tests.postgres import address, any_server  # noqa: F401  # fixtures

QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"


@pytest.fixture(scope="module")
def engine(real_engine: Engine) -> Engine:
    return real_engine


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    found = engine.ask(QUESTION)
    assert isinstance(found, Answer)
    return found


@pytest.fixture(scope="module")
def refusal(engine: Engine) -> Refusal:
    found = engine.ask("What is the weather like in Paris today?")
    assert isinstance(found, Refusal)
    return found


@pytest.fixture(scope="module")
def fact(answer: Answer) -> str:
    return answer.citations[0].quote[:50].rsplit(" ", 1)[0]


@pytest.fixture
def reviews(tmp_path: Path) -> Iterator[Reviews]:
    made = Reviews(f"sqlite:///{tmp_path / 'new' / 'reviews.sqlite'}")
    yield made
    made.close()


def judged(
    kept: Submission, who: str, verdict: module.Verdict = "right",
    citation: module.CitationVerdict = "supports", *, kind: str = "direct",
    facts: tuple[str, ...] = (),
) -> Judgement:  # fmt: skip
    cited = tuple(CitationJudgement(c["n"], citation) for c in kept.citations)
    return Judgement(kept.id, who, verdict, cited, kind=kind, facts=facts)


# Kappa, by hand.


def test_kappa_of_the_textbook_table() -> None:
    # 50 items: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no. Alike 35/50 = 0.7;
    # by chance 0.5·0.6 + 0.5·0.4 = 0.5; kappa (0.7 − 0.5) / 0.5 = 0.4.
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    found = cohen(first, second)
    assert found.n == 50 and found.observed == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    # SE = √(0.7·0.3/50) / 0.5 = 0.0648 / 0.5 = 0.12961; 1.959964 · SE = 0.25403.
    assert found.low == pytest.approx(0.14597, abs=1e-4)
    assert found.high == pytest.approx(0.65403, abs=1e-4)


def test_kappa_of_three_labels() -> None:
    # a: A A B B C C, b: A B B B C A. Alike 4/6; by chance (2·2 + 2·3 + 2·1)/36 = 12/36.
    # kappa (2/3 − 1/3) / (2/3) = 0.5.
    assert cohen("AABBCC", "ABBBCA").kappa == pytest.approx(0.5)


def test_kappa_below_chance_is_negative() -> None:
    # Never alike, half and half: (0 − 0.5) / 0.5 = −1.
    assert cohen("AABB", "BBAA").kappa == pytest.approx(-1.0)


def test_kappa_is_not_defined_where_nothing_could_differ() -> None:
    found = cohen("AAAA", "AAAA")
    assert found.observed == 1.0 and found.kappa is None
    assert cohen("", "").observed is None


def test_kappa_wants_the_same_items() -> None:
    with pytest.raises(ValueError, match="same items"):
        cohen("AB", "A")


labels = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=1)


@given(labels)
def test_kappa_is_symmetric_bounded_and_one_only_when_alike(rows: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in rows], [b for _, b in rows]
    one, other = cohen(first, second), cohen(second, first)
    assert one.kappa == other.kappa
    if one.kappa is not None and one.low is not None and one.high is not None:
        assert -1 <= one.low <= one.kappa <= one.high <= 1
        assert (one.kappa == pytest.approx(1)) == (first == second)


# The database.


def test_an_answer_is_kept_whole_and_reread(reviews: Reviews, answer: Answer) -> None:
    number = reviews.submit(answer, "mk@exemple.fr")
    kept = reviews.get(number)
    assert kept.outcome == json.loads(json.dumps(answer.as_json()))
    assert (kept.question, kept.answered, kept.submitted_by) == (QUESTION, True, "mk@exemple.fr")
    assert [c["quote"] for c in kept.citations] == [c.quote for c in answer.citations]


def test_a_refusal_has_no_citation_to_judge(reviews: Reviews, refusal: Refusal) -> None:
    kept = reviews.get(reviews.submit(refusal, "x"))
    assert not kept.answered and kept.citations == ()
    reviews.judge(Judgement(kept.id, "a", "right"))
    with pytest.raises(VerdictInvalid):
        reviews.judge(Judgement(kept.id, "a", "abstain"))


def test_a_verdict_is_revised_by_its_reviewer_and_by_no_other(
    reviews: Reviews, answer: Answer
) -> None:
    kept = reviews.get(reviews.submit(answer, "x"))
    reviews.judge(judged(kept, "a", "wrong"))
    reviews.judge(judged(kept, "b", "right", "partly"))
    reviews.judge(judged(kept, "a", "partial", "misplaced"))
    found = {one.reviewer: one for one in reviews.judgements(kept.id)}
    assert {who: one.verdict for who, one in found.items()} == {"a": "partial", "b": "right"}
    assert {c.verdict for c in found["a"].citations} == {"misplaced"}
    assert {c.verdict for c in found["b"].citations} == {"partly"}
    assert reviews.get(kept.id).reviewers == ("a", "b")


def test_the_queue_begins_with_what_fewest_have_judged(reviews: Reviews, answer: Answer) -> None:
    first, second, third = (reviews.submit(answer, "x") for _ in range(3))
    reviews.judge(judged(reviews.get(first), "a"))
    reviews.judge(judged(reviews.get(first), "b"))
    reviews.judge(judged(reviews.get(second), "a"))
    assert [one.id for one in reviews.queue()] == [third, second, first]


def test_an_incomplete_or_unknown_verdict_is_refused(reviews: Reviews, answer: Answer) -> None:
    kept = reviews.get(reviews.submit(answer, "x"))
    whole = judged(kept, "a")
    bad = [
        Judgement(kept.id, "a", "right", whole.citations[1:]),
        Judgement(kept.id, "a", "right", (*whole.citations, CitationJudgement(99, "supports"))),
        Judgement(kept.id, "a", "right", (*whole.citations, whole.citations[0])),
        Judgement(kept.id, "a", "perfect", whole.citations),  # type: ignore[arg-type]  # the test
        Judgement(kept.id, "  ", "right", whole.citations),
        Judgement(kept.id, "a", "right", whole.citations, comment="x" * 2_001),
    ]
    for one in bad:
        with pytest.raises(VerdictInvalid):
            reviews.judge(one)
    assert reviews.judgements() == ()


def test_an_answer_erased_is_nowhere_on_the_disk(
    reviews: Reviews, engine: Engine, tmp_path: Path
) -> None:
    outcome = engine.ask("Canari-51c9 : que risque celui qui viole le secret professionnel ?")
    number = reviews.submit(outcome, "x")
    file = tmp_path / "new" / "reviews.sqlite"
    assert b"Canari-51c9" in file.read_bytes()
    kept = reviews.get(number)
    reviews.judge(judged(kept, "a", "right"))
    reviews.delete(number)
    assert reviews.judgements() == () and reviews.queue() == ()
    assert not any(b"Canari-51c9" in path.read_bytes() for path in file.parent.iterdir())
    for act in (lambda: reviews.get(number), lambda: reviews.delete(number)):
        with pytest.raises(ReviewGone):
            act()
    assert reviews.submit(outcome, "x") != number


def test_the_file_is_for_its_owner_alone(reviews: Reviews, tmp_path: Path) -> None:
    assert (tmp_path / "new" / "reviews.sqlite").stat().st_mode & 0o077 == 0


def test_a_database_that_fails_repeats_nothing_of_a_question(
    tmp_path: Path, answer: Answer
) -> None:
    file = tmp_path / "reviews.sqlite"
    made = Reviews(f"sqlite:///{file}")
    made.close()
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(ReviewsUnavailable) as told:
        made.submit(answer, "x")
    made.close()
    assert QUESTION not in str(told.value)
    with pytest.raises(ReviewsUnavailable):
        Reviews("nonsense://nowhere")


def test_the_setting_chooses_the_database(tmp_path: Path) -> None:
    plain = settings.Settings(data=tmp_path)
    assert module.address(plain) == f"sqlite:///{tmp_path / 'reviews.sqlite'}"
    other = settings.Settings(reviews="postgresql://user@db/reviews")
    assert module.address(other) == "postgresql://user@db/reviews"


# Agreement and exports.


def test_agreement_counts_what_both_have_judged(reviews: Reviews, answer: Answer) -> None:
    numbers = [reviews.submit(answer, "x") for _ in range(4)]
    for number, one, two in zip(numbers, ("right", "right", "wrong", "wrong"),
                                ("right", "wrong", "wrong", "wrong"), strict=True):  # fmt: skip
        reviews.judge(judged(reviews.get(number), "a", one))  # type: ignore[arg-type]  # literals
        reviews.judge(judged(reviews.get(number), "b", two))  # type: ignore[arg-type]  # literals
    reviews.judge(judged(reviews.get(reviews.submit(answer, "x")), "a", "right"))
    (pair,) = pairs(reviews.judgements())
    assert (pair.first, pair.second, pair.answers.n) == ("a", "b", 4)
    # Alike 3/4; by chance (2·1 + 2·3)/16 = 1/2; kappa (3/4 − 1/2) / (1/2) = 1/2.
    assert pair.answers.kappa == pytest.approx(0.5)
    assert pair.citations.n == 4 * len(answer.citations) and pair.citations.kappa is None


def test_the_table_opens_in_a_french_spreadsheet_without_formulas(
    reviews: Reviews, answer: Answer
) -> None:
    kept = reviews.get(reviews.submit(answer, "x"))
    cited = tuple(CitationJudgement(c["n"], "supports", "=1+1") for c in kept.citations)
    reviews.judge(Judgement(kept.id, "@a", "right", cited, comment="vu ; « relu »\nà la ligne"))
    data = as_csv(reviews.queue(), reviews.judgements())
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + len(answer.citations)
    for row, citation in zip(rows[1:], answer.citations, strict=True):
        assert row[5] == "'@a" and row[14] == "'=1+1" and "à la ligne" in row[7]
        assert row[12] == citation.quote


def _gold(reviews: Reviews) -> tuple[list[int], dict[int, str]]:
    lines, missing = as_gold(reviews.queue(), reviews.judgements())
    return [one.submission for one in lines], dict(missing)


def test_only_what_two_reviewers_agree_on_is_offered_as_gold(
    reviews: Reviews, answer: Answer, fact: str
) -> None:
    alone, apart, partial, bare, unkind, doubted, whole = (
        reviews.submit(answer, "x") for _ in range(7)
    )
    facts = (fact,)

    def give(number: int, who: str, verdict: module.Verdict, **more: object) -> None:
        reviews.judge(judged(reviews.get(number), who, verdict, **more))  # type: ignore[arg-type]  # forwarded

    give(alone, "a", "right", facts=facts)
    give(apart, "a", "right", facts=facts)
    give(apart, "b", "wrong", facts=facts)
    for who in "ab":
        give(partial, who, "partial", facts=facts)
        give(bare, who, "right", facts=("mots qui ne sont nulle part",))
        give(unkind, who, "right", facts=facts, kind="")
        give(doubted, who, "right", facts=facts, citation="partly")
        give(whole, who, "right", facts=facts)
    assert _gold(reviews) == (
        [whole],
        {alone: "one_reading", apart: "disagree", partial: "partial", bare: "no_fact",
         unkind: "no_kind", doubted: "no_citation"},
    )  # fmt: skip


def _lint(questions: Sequence[GoldQuestion]) -> Sequence[str]:
    texts = [document.text for document in load_library().documents]
    return [str(problem) for problem in lint(questions, texts)]


def test_the_evaluation_imports_what_is_exported(
    reviews: Reviews, engine: Engine, answer: Answer, fact: str, tmp_path: Path
) -> None:
    weather = engine.ask("Combien de mois de salaire valent les congés d’un boulanger à Rennes ?")
    kept = reviews.get(reviews.submit(answer, "x"))
    other = reviews.get(reviews.submit(weather, "x"))
    for who in "ab":
        reviews.judge(judged(kept, who, facts=(fact,)))
        verdict: module.Verdict = "abstain" if other.answered else "right"
        reviews.judge(judged(other, who, verdict, "unsupported", kind="unanswerable_far"))
    lines, missing = as_gold(reviews.queue(), reviews.judgements())
    assert missing == ()
    file = tmp_path / "export.jsonl"
    file.write_bytes(as_jsonl(lines))
    gold = tmp_path / "gold"
    gold.mkdir()
    (gold / "first.jsonl").write_text("")
    done = import_verdicts(file, _lint, gold)
    assert {q.question for q in done.questions} == {QUESTION, other.question}
    assert _lint(read_gold(gold)) == []
    first = next(q for q in done.questions if q.question == QUESTION)
    assert set(first.evidence) <= {c.quote for c in answer.citations}


def test_a_fact_is_taken_word_for_word_whatever_its_signs() -> None:
    assert pattern_of("l'article (226-13)") == r"l['’]article \(226\-13\)"


@pytest.mark.slow
def test_postgresql_keeps_the_same_verdicts(
    address: str,  # noqa: F811  # the fixture
    answer: Answer,
) -> None:
    made = Reviews(address)
    kept = made.get(made.submit(answer, "x"))
    made.judge(judged(kept, "a", "wrong"))
    made.judge(judged(kept, "a", "right"))
    assert [one.verdict for one in made.judgements()] == ["right"]
    made.delete(kept.id)
    assert made.queue() == () and made.judgements() == ()
    made.close()


def test_opening_twice_keeps_what_is_there(tmp_path: Path, answer: Answer, real_root: Path) -> None:
    assert open_index(real_root).passages  # the index that the answer comes from
    chosen = settings.Settings(data=tmp_path)
    for expected in (0, 1):
        made = Reviews.open(chosen)
        assert len(made.queue()) == expected
        made.submit(answer, "x")
        made.close()
