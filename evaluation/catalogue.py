"""The metrics by name: what each is called in a table, and which way is better.

``right`` is the one to look at first: the share of questions whose outcome was right as a whole,
an answer with every fact and nothing forbidden, or silence where silence was due.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Stage = Literal["retrieval", "answer", "citation", "abstention"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A per-question metric.

    Attributes:
        higher: Whether more is better; ``None`` for a quantity that is neither.
        headline: Tested by ``compare`` and guarded by ``gate``.
        paired: Whether two runs define it on the same questions.
        unit: ``share`` (shown in %), or ``words``.
    """

    name: str
    title: str
    stage: Stage
    higher: bool | None = True
    headline: bool = False
    paired: bool = True
    unit: Literal["share", "words"] = "share"


METRICS: Final = (
    Metric("recall@5", "Recall@5", "retrieval", headline=True),
    Metric("recall@10", "Recall@10", "retrieval", headline=True),
    Metric("mrr", "MRR", "retrieval", headline=True),
    Metric("ndcg@10", "nDCG@10", "retrieval", headline=True),
    Metric("success@1", "Success@1", "retrieval"),
    Metric("success@5", "Success@5", "retrieval"),
    Metric("right", "Right outcomes", "answer", headline=True),
    Metric("right_answer", "Right answers", "answer", headline=True),
    Metric("fact_recall", "Fact recall", "answer", headline=True),
    Metric("forbidden", "Forbidden statements", "answer", higher=False, headline=True),
    Metric("words", "Words in an answer (count)", "answer", higher=None, unit="words"),
    Metric("evidence_cited", "Evidence cited", "citation", headline=True),
    Metric("citation_recall", "Citation recall", "citation", headline=True),
    Metric("citation_precision", "Citation precision", "citation", headline=True),
    Metric("uncited", "Uncited sentences", "citation", higher=False),
    Metric("verbatim_rate", "Verbatim quotes", "citation"),
    Metric("page_accuracy", "Page accuracy", "citation"),
    Metric("version_accuracy", "Version accuracy", "citation"),
    Metric("abstention_recall", "Abstention recall", "abstention", headline=True),
    Metric("abstention_precision", "Abstention precision", "abstention", paired=False),
    Metric("wrong_abstention", "Wrong abstentions", "abstention", higher=False, headline=True),
)

BY_NAME: Final = {metric.name: metric for metric in METRICS}
HEADLINE: Final = tuple(metric for metric in METRICS if metric.headline)


def shown(metric: Metric, value: float | None) -> str:
    """A value as a table shows it: a percentage with one decimal, or a number of words."""
    if value is None:
        return "—"
    return f"{value:.0f}" if metric.unit == "words" else f"{100 * value:.1f}"
