"""Two runs side by side: what changed, question by question, and is it more than chance?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.bootstrap import Paired, holm, paired
from evaluation.catalogue import HEADLINE, METRICS, Metric
from evaluation.errors import ResultsError
from evaluation.record import Row

ALPHA = 0.05
Verdict = Literal["better", "worse", "no evidence"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a metric did between two runs, over the questions on which both define it.

    ``p`` is the paired bootstrap's over groups, after Holm's correction for the headline metrics
    tested together; ``None`` for the others, which are shown for reading only.
    """

    metric: Metric
    before: float
    after: float
    test: Paired
    p: float | None

    @property
    def verdict(self) -> Verdict:
        """Whether the difference is more than chance, and in which direction."""
        if self.p is None or self.p >= ALPHA or self.metric.higher is None:
            return "no evidence"
        return "better" if (self.after > self.before) == self.metric.higher else "worse"


@dataclass(frozen=True, slots=True)
class Flip:
    """A question on which at least one headline metric moved."""

    id: str
    kind: str
    question: str
    refs: tuple[str, ...]
    moved: tuple[tuple[str, float | None, float | None], ...]
    lost: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that ``compare`` shows.

    Attributes:
        changes: In the catalogue's order.
        flips: Questions that moved, losses first, in the order of the gold set.
        questions: How many both runs hold.
        only_before: Ids that only the first run holds; ``only_after`` likewise.
        lost_refs: References of the questions lost, most frequent first.
    """

    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    questions: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    lost_refs: tuple[tuple[str, int], ...]

    @property
    def significant(self) -> tuple[Change, ...]:
        """Changes that are more than chance."""
        return tuple(c for c in self.changes if c.verdict != "no evidence")


def compare(before: Sequence[Row], after: Sequence[Row]) -> Comparison:
    """Compare two systems' rows on the questions that both hold.

    Raises:
        ResultsError: They share no question.
    """
    second = {row.id: row for row in after}
    pairs = [(row, second[row.id]) for row in before if row.id in second]
    if not pairs:
        raise ResultsError("the two runs share no question: run both on the same gold set")
    tests = {m.name: t for m in METRICS if m.paired and (t := _test(m.name, pairs)) is not None}
    tested = [m.name for m in HEADLINE if m.name in tests]
    adjusted = dict(zip(tested, holm([tests[name][2].p for name in tested]), strict=True))
    changes = tuple(
        Change(m, *tests[m.name], adjusted.get(m.name)) for m in METRICS if m.name in tests
    )
    moved = [flip for a, b in pairs if (flip := _flip(a, b)) is not None]
    lost = Counter(ref for flip in moved if flip.lost for ref in flip.refs)
    known = {a.id for a, _ in pairs}
    return Comparison(
        changes=changes,
        flips=tuple(sorted(moved, key=lambda flip: not flip.lost)),
        questions=len(pairs),
        only_before=tuple(row.id for row in before if row.id not in known),
        only_after=tuple(row.id for row in after if row.id not in known),
        lost_refs=tuple(sorted(lost.items(), key=lambda item: (-item[1], item[0]))),
    )


def _test(name: str, pairs: Sequence[tuple[Row, Row]]) -> tuple[float, float, Paired] | None:
    a, b, groups = [], [], []
    for before, after in pairs:
        x, y = before.values.get(name), after.values.get(name)
        if x is not None and y is not None:
            a.append(x)
            b.append(y)
            groups.append(before.group)
    test = paired(a, b, groups)
    return None if test is None else (sum(a) / len(a), sum(b) / len(b), test)


def _flip(before: Row, after: Row) -> Flip | None:
    moved, losses, gains = [], 0, 0
    for metric in HEADLINE:
        x, y = before.values.get(metric.name), after.values.get(metric.name)
        if x == y:
            continue
        moved.append((metric.name, x, y))
        if x is not None and y is not None:
            worse = (y < x) == bool(metric.higher)
            losses, gains = losses + worse, gains + (not worse)
    if not moved:
        return None
    was, now = before.values.get("right"), after.values.get("right")
    told = was is not None and now is not None and was != now
    lost = was == 1.0 if told else losses > gains
    return Flip(before.id, before.kind, before.question, before.refs, tuple(moved), lost)
