"""Whether what came out of a PDF may be trusted: gates, each with its reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from corpus.wording import DAMAGE, FLAGS, HIDDEN

THIN = 20  # characters below which a page says nothing
ENOUGH_WORDS = 40  # below, the share of function words means nothing
FRENCH = 0.15  # least share of function words; legal French has about 0.45, English under 0.08
UNKNOWN = 0.01  # largest share of characters that a font does not name
FEW_INVISIBLE = 3  # some layout programs leave a zero-width space or two
SEEN_HIDDEN = 8  # hidden runs reported a document; the rest are counted by their page

_WORD = re.compile(r"[^\W\d_]{1,40}")
FUNCTION_WORDS = frozenset(
    "le la les l un une des du de d au aux à et ou où que qu qui quoi dont ne n pas plus se s sa "
    "son ses leur leurs ce c cet cette ces il elle ils elles on nous vous je j lui y en est sont "
    "être été a ont avoir avait était par pour dans sur sous avec sans entre vers chez dès lors "
    "si mais donc or ni car comme ainsi même tout toute tous toutes autre autres peut doit fait "
    "article".split()
)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that a person must look at before the document is approved.

    Attributes:
        code: Key of ``corpus.wording.FLAGS``.
        text: The reason, in French.
        page: Index of the page from 1, when it concerns one.
    """

    code: str
    text: str
    page: int | None = None


def flag(code: str, page: int | None = None, **details: object) -> Flag:
    """A flag with its French reason."""
    return Flag(code, FLAGS[code].format(page=page, **details), page)


def page_flags(page: int, seen: str, fault: str) -> list[Flag]:
    """Gates of one page, on its visible text as the fonts gave it."""
    found = [flag("page_fault", page, detail=fault)] if fault else []
    count = len("".join(seen.split()))
    if count < THIN:
        return [*found, flag("page_thin", page, count=count)]
    unknown = sum(1 for char in seen if char == "\ufffd" or "\ue000" <= char < "\uf0b7")
    controls = sum(1 for char in seen if char < " " and char not in "\n\t\r")
    unknown += controls
    if controls or unknown > UNKNOWN * count:
        found.append(flag("unknown_characters", page, count=unknown))
    if invisible := _invisible(seen):
        found.append(flag("invisible_characters", page, count=invisible))
    if not looks_french(seen):
        found.append(flag("not_french", page))
    return found


def text_flags(text: str) -> tuple[Flag, ...]:
    """Gates of a plain text file."""
    found = []
    if invisible := _invisible(text):
        found.append(flag("invisible_in_text", count=invisible))
    if not looks_french(text):
        found.append(flag("not_french_text"))
    return tuple(found)


def _invisible(text: str) -> int:
    """Format characters that no reader shows; 0 for the few that layout programs leave."""
    count = sum(1 for c in text if unicodedata.category(c) == "Cf" and c not in "\u00ad\ufeff")
    tags = any(0xE0000 <= ord(char) <= 0xE007F for char in text)
    return count if tags or count > FEW_INVISIBLE else 0


def looks_french(text: str) -> bool:
    """Whether a text is French prose; true too when it is too short to tell."""
    words = [word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", text))]
    if len(words) < ENOUGH_WORDS:
        return True
    return sum(1 for word in words if word in FUNCTION_WORDS) >= FRENCH * len(words)


def hidden_flags(hidden: list[tuple[int, str, str]]) -> list[Flag]:
    """Flags for hidden text, given as (page, reason code, text)."""
    return [
        flag("hidden", page, reason=HIDDEN.get(reason, reason), detail=" ".join(text.split())[:80])
        for page, reason, text in hidden[:SEEN_HIDDEN]
    ]


def document_flags(
    declared: int, texts: list[str], damage: list[str], complaints: list[str]
) -> list[Flag]:
    """Gates of the document as a whole: lost or doubled pages, damaged or mended objects."""
    found = []
    if declared != len(texts):
        found.append(flag("pages_lost", declared=max(declared, 0), read=len(texts)))
    first: dict[str, int] = {}
    for number, text in enumerate(texts, start=1):
        key = "".join(text.split())
        if len(key) >= THIN and key in first:
            found.append(flag("page_twice", first[key], other=number))
        first.setdefault(key, number)
    found += [flag("object", detail=DAMAGE.get(what, what)) for what in damage[:5]]
    found += [flag("mended", detail=what) for what in complaints[:3]]
    return found
