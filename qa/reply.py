"""Reading what a chat model returned: an object, JSON in text, or plain text with its keys."""

from __future__ import annotations

import json
import re
from typing import Any

from qa.prompt import Draft
from qa.wording_model import Problem

MAX_REPLY = 40_000  # characters read of a reply
MAX_SENTENCES = 12
_FENCE = re.compile(r"^\s{0,4}```(?:json)?\s{0,4}|\s{0,4}```\s{0,4}$")
_KEY = re.compile(r"\[?\(?\b(P-[0-9a-f]{8})\b\)?\]?")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?=\s{1,4}[^\s\[(])|\n")
_CUT = frozenset({"length", "max_tokens", "model_length"})
_DECLINED = frozenset({"content_filter", "refusal", "safety"})


def read_reply(result: Any) -> tuple[Draft, ...] | Problem:
    """The drafts of a reply, or why there are none.

    Args:
        result: What ``with_structured_output(…, include_raw=True)`` returned: a mapping of
            ``raw``, ``parsed`` and ``parsing_error``; or None, from a model that ignored the form.
    """
    if not isinstance(result, dict):
        return "malformed"
    raw, parsed = result.get("raw"), result.get("parsed")
    reason = _stop_reason(raw)
    if reason in _DECLINED or getattr(raw, "additional_kwargs", {}).get("refusal"):
        return "refusal"
    if reason in _CUT:
        return "truncated"
    # The text first: LangChain's own reading completes JSON that was cut, which hides the cut.
    text = _text(raw)
    if not text.strip():
        return _drafts(parsed) if isinstance(parsed, dict) else "malformed"
    found = _object(text)
    if found is not None:
        return _drafts(found)
    if text.lstrip()[:1] in "{[" or text.lstrip().startswith("```"):
        return "malformed"  # JSON that is cut or damaged: half of it is not shown as prose
    return _plain(text)


def _stop_reason(raw: Any) -> str:
    metadata = getattr(raw, "response_metadata", None) or {}
    names = ("finish_reason", "stop_reason", "done_reason")
    return str(next((metadata[n] for n in names if metadata.get(n)), "")).lower()


def _text(raw: Any) -> str:
    content = getattr(raw, "content", "")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)[:MAX_REPLY]


def _object(text: str) -> dict[str, Any] | None:
    body = _FENCE.sub("", text.strip())
    start, end = body.find("{"), body.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        found = json.loads(body[start : end + 1])
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _drafts(found: dict[str, Any]) -> tuple[Draft, ...] | Problem:
    rows = found.get("phrases")
    if not isinstance(rows, list):
        return "malformed"
    drafts = [draft for row in rows[:MAX_SENTENCES] if (draft := _draft(row)) is not None]
    if rows and not drafts:
        return "malformed"
    return tuple(drafts) if drafts else "no_answer"


def _draft(row: Any) -> Draft | None:
    if not isinstance(row, dict) or not isinstance(row.get("texte"), str):
        return None
    given = row.get("sources")
    sources = tuple(
        (str(s.get("cle", "")), str(s.get("extrait", "")))
        for s in (given if isinstance(given, list) else [])
        if isinstance(s, dict)
    )
    text = clean_sentence(row["texte"])
    return Draft(text, sources) if text else None


def _plain(text: str) -> tuple[Draft, ...] | Problem:
    """Sentences of plain text; each cites whole the passages whose keys stand in it."""
    drafts = []
    for piece in _SENTENCE_END.split(text):
        keys = tuple(dict.fromkeys(_KEY.findall(piece)))
        sentence = clean_sentence(piece)
        if sentence:
            drafts.append(Draft(sentence, tuple((key, "") for key in keys)))
    return tuple(drafts[:MAX_SENTENCES]) if drafts else "malformed"


def clean_sentence(text: str) -> str:
    """A sentence without its keys, control characters and list marks."""
    bare = "".join(c if c.isprintable() else " " for c in _KEY.sub("", text))
    return re.sub(r"\s{2,40}", " ", bare).replace(" .", ".").strip(" -•*\t")
