"""Who cites whom."""

from __future__ import annotations

from pathlib import Path

import legi_maker as legi
import typeset

from corpus.citations import CitationGraph
from corpus.law import read_article
from index.following import follow
from index.hit import Hit

GUIDE = typeset.guide_document().passages


def test_the_prose_leads_to_the_article_it_cites_and_back() -> None:
    graph = CitationGraph(GUIDE)
    expert = next(p for p in GUIDE if p.section[-1:] and "expert" in p.section[-1])
    (link,) = [link for link in graph.cites(expert) if link.ref == "CSP, art. R. 4321-141"]
    assert [p.ref for p in link.passages] == ["CSP, art. R. 4321-141"]
    assert expert in graph.cited_by(link.passages[0])


def test_an_article_cites_another() -> None:
    graph = CitationGraph(GUIDE)
    immunity = next(p for p in GUIDE if p.ref == "CP, art. 226-14")
    violation = next(p for p in GUIDE if p.ref == "CP, art. 226-13")
    assert immunity in graph.cited_by(violation)
    assert not any(p.ref == "CP, art. 226-13" for p in graph.cited_by(violation))


def test_what_is_cited_without_being_quoted_is_said() -> None:
    named = CitationGraph(GUIDE).only_cited()
    assert {"CPP, art. 60-1", "CSP, art. R. 4321-90", "C. civ., art. 9"} <= set(named)
    assert "CP, art. 226-13" not in named


def test_only_the_text_in_force_on_a_day_is_followed() -> None:
    old, new = (
        read_article(
            typeset.source(Path(f"LEGIARTI00000000000{n}.xml")),
            legi.article(
                "R4321-90", state, start, end, identifier=f"LEGIARTI00000000000{n}"
            ).encode(),
        )
        for n, (state, start, end) in enumerate(
            [("MODIFIE", "2008-11-05", "2020-01-01"), ("VIGUEUR", "2020-01-01", "2999-01-01")]
        )
    )
    graph = CitationGraph([*GUIDE, *old.passages, *new.passages])
    assert graph.texts("CSP, art. R. 4321-90", "2015-01-01") == old.passages
    assert graph.texts("CSP, art. R. 4321-90", "2026-01-01") == new.passages
    assert graph.texts("CSP, art. R. 4321-90", "2000-01-01") == ()
    citing = {p.source for p in graph.cited_by(new.passages[0])}
    assert citing == {"guide-secret-professionnel"}


def test_a_search_follows_the_prose_to_the_article_that_it_cites() -> None:
    """Each text once, none that was found already, after the hits and never ahead of them."""
    graph = CitationGraph(GUIDE)
    expert = next(p for p in GUIDE if p.section[-1:] and "expert" in p.section[-1])
    cited = [p for p in GUIDE if p.ref == "CSP, art. R. 4321-141"]
    assert cited
    hits = (Hit(expert, 0.9, rank=1), Hit(expert, 0.4, rank=2))
    followed = follow(graph, hits)
    assert followed[:2] == hits
    assert [p.id for p in cited if p.id in {hit.passage.id for hit in followed[2:]}]
    assert {hit.score for hit in followed[2:]} == {0.4}
    assert [hit.rank for hit in followed] == list(range(1, len(followed) + 1))
    again = follow(graph, [*hits, Hit(cited[0], 0.3, rank=3)])
    assert [hit.passage.id for hit in again].count(cited[0].id) == 1
    assert len(follow(graph, hits, most=0)) == 2
