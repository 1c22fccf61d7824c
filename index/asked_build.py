"""Make the editorial questions of an index: embedded, with what is learnt from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.expansions import EditorialQuestion, Place
from index import learnt
from index.asked import Asked
from index.asked_fields import FIELDS, editorial_words, fields_of
from index.encoder import Encoder
from index.reduction import Reduced

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]
_SLICE = 256  # rows of the kernel made at a time: bounds memory


def build_asked(
    questions: Sequence[EditorialQuestion],
    places: Mapping[str, Sequence[Place]],
    encoder: Encoder,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Asked:
    """Embed the editorial questions, with what is learnt from them.

    Args:
        questions: All of them; none is kept when no passage holds a sentence of theirs.
        places: Where their sentences stand in the passages of the index (`places_of`).
        encoder: For the vectors.
        cache: Folder where what is learnt for this encoder is kept.
        progress: Told how far the learning is, which may take half a minute.
    """
    if not any(places.values()):
        return Asked.nothing(encoder.dimension)
    wanted = learnt.identity(questions, encoder.fingerprint)
    vectors = Reduced.of(_embedded(questions, encoder, wanted))
    kept = cache and cache / f"questions-{encoder.fingerprint[:16]}.safetensors"
    lessons = learnt.stored(learnt.SHIPPED, wanted)
    if lessons is None and kept:
        lessons = learnt.stored(kept, wanted)
    if lessons is None:
        lessons = learn(questions, vectors, progress)
        if kept:
            learnt.store(kept, wanted, lessons)
    weights = lessons.weights.astype(np.float16).astype(np.float32)
    return Asked(questions, places, vectors, weights, lessons.postings)


def learn(
    questions: Sequence[EditorialQuestion], vectors: Reduced, progress: Progress | None = None
) -> learnt.Lessons:
    """The weights of `index.learnt`, from the kernel of every two questions."""
    say = progress or (lambda stage, done, total: None)
    fields = fields_of(q.text for q in questions)
    gram = np.empty((len(questions), len(questions)), np.float32)
    for first in range(0, len(questions), _SLICE):
        say("learning", first, len(questions))
        rows = slice(first, first + _SLICE)
        found = [editorial_words(q.text) for q in questions[rows]]
        said, written = (np.stack([fields[name].cosines(w) for w in found]) for name in FIELDS)
        gram[rows] = learnt.kernel(said, written, vectors.rows[rows] @ vectors.rows.T)
    weights = learnt.fit(gram, learnt.targets_of(questions))
    say("learning", len(questions), len(questions))
    return learnt.Lessons(weights, {name: field.postings for name, field in fields.items()})


_LAST: dict[str, Floats] = {}  # vectors of the last questions embedded: a server builds again


def _embedded(questions: Sequence[EditorialQuestion], encoder: Encoder, identity: str) -> Floats:
    known = _LAST.get(identity)
    if known is None:
        known = encoder.encode_queries([q.text for q in questions])
        _LAST.clear()
        _LAST[identity] = known
    return known
