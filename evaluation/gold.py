"""The gold set: questions whose right answer, or right refusal, is known.

One JSON object a line, in the form of ``docs/gold-set.md``. The split of a question is not stored:
it follows from its group by `split_of`, so that paraphrases of one need never lie on both sides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from evaluation.errors import GoldFileError

Split = Literal["development", "test"]

GOLD_DIR: Final = Path(__file__).parent / "gold"

#: Written by others, and never tuned on: measured whole, with ``--gold`` and ``--split all``.
UNSEEN_DIR: Final = Path(__file__).parent / "unseen"

#: What each kind means is written once, in docs/gold-set.md.
ANSWERABLE_KINDS: Final = frozenset(
    {
        "direct", "reworded", "spoken", "keywords", "reference", "multi", "situation", "typo",
        "noaccent", "false_premise", "negation", "hops", "version", "followup", "injected",
    }
)  # fmt: skip
ABSTAINING_KINDS: Final = frozenset({"unanswerable_far", "unanswerable_near", "refused"})
KINDS: Final = ANSWERABLE_KINDS | ABSTAINING_KINDS

#: Per cent of groups that fall on the development side. The rest, never used for tuning, is the
#: larger part, since it is the one whose intervals are published.
DEVELOPMENT_SHARE: Final = 45


@dataclass(frozen=True, slots=True)
class Review:
    """A second reading of a question against the documents, by someone named by role."""

    reader: str
    date: str
    verdict: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question, what proves the right answer, and what the answer must and must not hold.

    `evidence` are verbatim spans of the cleaned documents: with mode ``any`` one of them is
    enough, with ``all`` each is needed; empty means that the right behaviour is to abstain.
    `answer_facts` holds one tuple a fact, met when any of its patterns matches (case-insensitive).
    `history` holds the questions asked before this one, oldest first. `origin` is ``file:line``.
    """

    id: str
    question: str
    kind: str
    group: str
    evidence: tuple[str, ...]
    evidence_mode: Literal["any", "all"]
    refs: tuple[str, ...]
    answer_facts: tuple[tuple[str, ...], ...]
    must_not: tuple[str, ...]
    history: tuple[str, ...] = ()
    review: Review | None = None
    origin: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the documents hold the answer; otherwise the right behaviour is to abstain."""
        return bool(self.evidence)

    @property
    def split(self) -> Split:
        """The side of the split on which the question's group falls."""
        return split_of(self.group)


def split_of(group: str) -> Split:
    """Return the side of `group`: its SHA-256 modulo 100, below `DEVELOPMENT_SHARE` or not.

    A rule rather than a stored field: nobody can move a question that the product fails.
    """
    digest = hashlib.sha256(group.encode("utf-8")).digest()
    return "development" if int.from_bytes(digest) % 100 < DEVELOPMENT_SHARE else "test"


def gold_files(path: Path) -> tuple[Path, ...]:
    """Return the gold files at `path`: itself, or the ``*.jsonl`` files of a folder, by name.

    Raises:
        GoldFileError: nothing is there.
    """
    if path.is_file():
        return (path,)
    found = tuple(sorted(path.glob("*.jsonl"))) if path.is_dir() else ()
    if not found:
        raise GoldFileError(f"No gold file at {path}: give a .jsonl file or a folder of them.")
    return found


def read_gold(path: Path = GOLD_DIR) -> tuple[GoldQuestion, ...]:
    """Read every question at `path`, a file or a folder, in file and line order.

    Fields beyond the documented ones are ignored; a question without a group is its own group.

    Raises:
        GoldFileError: a file is missing, or a line is not a question of the documented form.
    """
    return tuple(question for file in gold_files(path) for question in _read_file(file))


def select(questions: Iterable[GoldQuestion], split: Split) -> tuple[GoldQuestion, ...]:
    """Return the questions of one side of the split, in order."""
    return tuple(question for question in questions if question.split == split)


def _read_file(file: Path) -> list[GoldQuestion]:
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldFileError(f"Cannot read {file} ({error}): give a UTF-8 .jsonl file.") from error
    return [
        _parse(line, f"{file.name}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def _parse(line: str, origin: str) -> GoldQuestion:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise GoldFileError(f"{origin}: not JSON ({error.msg}); write one object a line.") from None
    if not isinstance(record, dict):
        raise GoldFileError(f"{origin}: not a JSON object; write one object a line.")
    try:
        return _question(record, origin)
    except (KeyError, TypeError) as error:
        raise GoldFileError(
            f"{origin}: missing or misshapen field ({error}); see docs/gold-set.md."
        ) from None


def _question(record: Mapping[str, Any], origin: str) -> GoldQuestion:
    mode = record.get("evidence_mode", "any")
    if mode not in ("any", "all"):
        raise TypeError("evidence_mode is neither 'any' nor 'all'")
    facts = record.get("answer_facts", [])
    if not isinstance(facts, list):
        raise TypeError("answer_facts is not a list of lists")
    identifier = _string(record["id"], "id")
    return GoldQuestion(
        id=identifier,
        question=_string(record["question"], "question"),
        kind=_string(record["kind"], "kind"),
        group=_string(record.get("group", identifier), "group"),
        evidence=_strings(record.get("evidence", []), "evidence"),
        evidence_mode=mode,
        refs=_strings(record.get("refs", []), "refs"),
        answer_facts=tuple(_strings(fact, "answer_facts") for fact in facts),
        must_not=_strings(record.get("must_not", []), "must_not"),
        history=_strings(record.get("history", []), "history"),
        review=_review(record.get("review")),
        origin=origin,
    )


def _review(value: object) -> Review | None:
    if value is None:
        return None
    return Review(**value) if isinstance(value, dict) else _bad("review")


def _string(value: object, field: str) -> str:
    return value if isinstance(value, str) and value.strip() else _bad(field)


def _strings(value: object, field: str) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_string(item, field) for item in value)
    _bad(field)


def _bad(field: str) -> NoReturn:
    raise TypeError(f"{field} is not of the documented type")
