"""How well each sentence of the passages found answers the question.

A linear model over features of the pair (question, sentence in its context): what retrieval said
of the passage, which of the question's words and concepts the sentence and its context hold, what
it means (cosine), the reference asked for, and whether it has the form that the question calls
for. The weights are data (``qa/data/ranking.json``), fitted on the development split alone by
``python -m evaluation.fit_answers``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from corpus.passage import Passage
from corpus.references import Reference, names_same
from index.analysis import coarse, words
from index.asked import Asked as EditorialQuestions
from index.concepts import trade
from index.encoder import Encoder
from index.hit import Hit
from index.likeness import Likeness
from index.open import Index
from index.reading import Reading
from qa.cases import unspoken
from qa.features import FEATURES, Analysis, Asked, analyse, as_asked, features, stems_of
from qa.laws import law_named
from qa.question import DATA, Question, normal_form, question_types
from qa.units import Unit

NAMED = 4.0
"""Logits given to the text that a question names: an exact reference always comes first."""
_SAMPLE = 5_000  # passages read for the rarity of words: enough for a stable figure


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage found.

    Attributes:
        features: In the order of `FEATURES`.
        score: A logit, with `NAMED` for the text that the question names.
        plain: The same without it.
        strays: Whether it is the rule of a situation that the question does not speak of.
    """

    unit: Unit
    hit: Hit
    features: tuple[float, ...]
    score: float
    plain: float
    strays: bool = False


class Ranker:
    """Scores the sentences of an index; safe to share between threads.

    Args:
        index: The generation that answers; the analysis of its sentences is kept by passage.
        weights: Of `FEATURES`; by default the fitted ones.
    """

    def __init__(self, index: Index, weights: Sequence[float] | None = None) -> None:
        self._index = index
        self._weights = np.asarray(fitted() if weights is None else weights, dtype=np.float64)
        self._analysed: dict[str, tuple[Analysis, ...]] = {}
        self._vectors: dict[str, Any] = {}
        self._asked = index.retriever.asked or EditorialQuestions.nothing(self.encoder.dimension)
        self._taught = frozenset(passage_id for passage_id, _ in self._asked.keys)
        self._refs = tuple({(p.ref, p.item) for p in index.passages if p.kind != "guide"})
        self._by_ref: dict[tuple[str, str], tuple[Passage, ...]] | None = None
        self._frequency, self._total = _frequencies(index.passages[:_SAMPLE])

    @property
    def encoder(self) -> Encoder:
        """The encoder of the index."""
        return self._index.retriever.encoder

    def ask(self, question: Question, reading: Reading) -> Asked:
        """Prepare a question for scoring.

        Args:
            question: As understood.
            reading: As retrieval read it: its words as meant, its references, its likeness.
        """
        read = reading.query
        content: list[tuple[str, frozenset[str], float]] = []
        for word in read.words:
            if not word.empty:
                form = coarse(word)
                concepts = frozenset(trade().of((word,)))
                if form.isdigit() and not self.holds(form, concepts):
                    continue  # an age, an hour: it tells the case and asks nothing
                content.append((form, concepts, self.rarity(form, concepts)))
        phrases = set(trade().of(read.words)) - {c for _, held, _ in content for c in held}
        content += [(c, frozenset({c}), self.rarity(c, frozenset({c}))) for c in sorted(phrases)]
        compared = reading.compared
        return Asked(
            question,
            tuple(dict.fromkeys(content)),
            tuple(read.references),
            reading.vector,
            Likeness({}, {}, {}, {}) if compared is None else self._asked.likeness(compared),
            tuple(t for t in question_types() if t.name in question.types),
            law_named(question.asked),
        )

    def rarity(self, form: str, concepts: frozenset[str]) -> float:
        """Inverse document frequency of a word, or of its most frequent concept, at least 0.1.

        A word that the documents never hold, nor any word for it, has the highest: what they do
        not speak of matters most.
        """
        seen = max([self._frequency[form], *(self._frequency[c] for c in concepts)])
        return max(0.1, math.log((self._total + 1) / (seen + 0.5)))

    def holds(self, form: str, concepts: frozenset[str]) -> bool:
        """Whether any document, or any of its editorial questions, holds the word or its like."""
        return any(self._frequency[n] or self._asked.holds(n) for n in (form, *concepts))

    def taught(self, passage: Passage) -> bool:
        """Whether a passage has editorial questions; one just added has none."""
        return passage.id in self._taught

    def has_reference(self, reference: Reference) -> bool:
        """Whether the documents hold the text of an article or decision."""
        return any(names_same(reference, ref) for ref, _ in self._refs)

    def lacks_item(self, reference: Reference) -> bool:
        """Whether they hold the article named, by items, and not the item named."""
        items = {i for ref, i in self._refs if i and names_same(reference, ref)}
        return bool(reference.item and items) and reference.item not in items

    def analysis(self, unit: Unit) -> Analysis:
        """The analysis of one sentence."""
        return self.analyses(unit.passage)[unit.index]

    def analyses(self, passage: Passage) -> tuple[Analysis, ...]:
        """The sentences of a passage, analysed once."""
        known = self._analysed.get(passage.id)
        if known is None or known[0].unit.passage is not passage:
            known = self._analysed[passage.id] = tuple(analyse(passage))
        return known

    def vectors(self, passage: Passage) -> Any:
        """Vectors of the sentences of a passage, shape ``(sentences, dimension)``."""
        known = self._vectors.get(passage.id)
        if known is None:
            texts = [a.unit.text for a in self.analyses(passage)]
            known = self._vectors[passage.id] = self.encoder.encode_passages(texts)
        return known

    def siblings(self, passage: Passage) -> tuple[Passage, ...]:
        """The other passages of the same reference and source, in the document's order."""
        if self._by_ref is None:
            found: dict[tuple[str, str], list[Passage]] = {}
            for each in self._index.passages:
                found.setdefault((each.source, each.ref), []).append(each)
            self._by_ref = {key: tuple(group) for key, group in found.items()}
        return self._by_ref.get((passage.source, passage.ref), ())

    def rank(self, asked: Asked, hits: Sequence[Hit]) -> tuple[Candidate, ...]:
        """Every sentence of the passages found, best first."""
        rows = [(hit, analysis) for hit in hits for analysis in self.analyses(hit.passage)]
        if not rows:
            return ()
        cosines = np.concatenate([self.vectors(h.passage) @ asked.vector for h in hits])
        matrix = features(asked, rows, cosines, hits[0].score)
        plain = matrix @ self._weights
        named = matrix[:, FEATURES.index("reference")]
        scores = plain + NAMED * named * as_asked(asked, rows)
        others = unspoken(normal_form(asked.question.query), asked.concepts)
        found = [
            Candidate(
                analysis.unit, hit, tuple(matrix[i].tolist()), float(scores[i]), float(plain[i]),
                strays=not named[i] and any(rule.search(analysis.form) for rule in others),
            )
            for i, (hit, analysis) in enumerate(rows)
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda c: (-c.score, c.unit.key)))


@cache
def fitted() -> tuple[float, ...]:
    """The fitted weights, in the order of `FEATURES`."""
    data = json.loads((DATA / "ranking.json").read_text(encoding="utf-8"))
    return tuple(float(data["weights"].get(name, 0.0)) for name in FEATURES)


def _frequencies(passages: Iterable[Passage]) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    total = 0
    for passage in passages:
        found = words(f"{' '.join(passage.section)} {passage.text}")
        counts.update(stems_of(found) | frozenset(trade().of(found)))
        total += 1
    return counts, total
