"""Pure changes of a sentence, for the generators: faithful rewordings, and tamperings."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from corpus.passage import Passage

_OPENING = re.compile(
    r"^(?:Dès lors|En outre|En revanche|Toutefois|Ainsi|De même|Nonobstant|Cependant), "
)
_PLURALS = (
    ("le masseur-kinésithérapeute", "les masseurs-kinésithérapeutes"), ("peut", "peuvent"),
    ("doit", "doivent"), ("est tenu", "sont tenus"), ("est soumis", "sont soumis"),
    ("est autorisé", "sont autorisés"), ("veille", "veillent"), ("protège", "protègent"),
)  # fmt: skip
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"15 000 euros", "15000 €"), (r"15 000 euros", "quinze mille euros"), (r"\bun an\b", "1 an"),
    (r"29 mars 2022", "29/03/2022"), (r"4 juin 2021", "04/06/2021"), (r"R\. ?4321-", "R4321-"),
    (r"30 juillet 2020", "30/07/2020"), (r"L\. ?1110-", "L.1110-"), (r"n°", "n° "),
    (r"27/11/2018", "27 novembre 2018"), (r"26/09/2018", "26 septembre 2018"),
)  # fmt: skip


def lower(text: str) -> str:
    """A sentence made to stand within another."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _name(passage: Passage) -> str:
    if passage.kind == "article":
        code, _, number = passage.ref.partition(", art. ")
        return f"l’article {number} du {code}"
    return "le guide du CNOMK" if passage.kind == "guide" else f"la décision {passage.ref}"


def _led(text: str, passage: Passage) -> str | None:
    bare = re.sub(r"^(?:[IVX]+(?: bis)?\.|\d°) ", "", text)
    return f"Selon {_name(passage)}, {lower(bare)}"


def _quoted(text: str, passage: Passage) -> str | None:
    if "«" in text or "»" in text:
        return None
    return f"{_upper(_name(passage))} dispose : « {text} »"


def _without_opening(text: str, passage: Passage) -> str | None:
    bare = _OPENING.sub("", text)
    return bare[0].upper() + bare[1:] if bare != text else None


def _plural(text: str, passage: Passage) -> str | None:
    if not re.match(r"(?:Dès lors, )?le masseur-kin", text, re.IGNORECASE):
        return None
    for one, many in _PLURALS:
        text = re.sub(rf"\b{one}\b", many, text, count=1, flags=re.IGNORECASE)
    return text[0].upper() + text[1:]


def _respelt(text: str, passage: Passage) -> str | None:
    changed = text
    for one, other in random.Random(len(text)).sample(_SPELLINGS, len(_SPELLINGS)):
        changed = re.sub(one, other, changed)
    return changed if changed != text else None


def _alias(text: str, passage: Passage) -> str | None:
    changed = re.sub(r"masseur-kinésithérapeute", "kinésithérapeute", text)
    return changed if changed != text else None


def _typed(text: str, passage: Passage) -> str | None:
    return text.replace("’", "'").replace(" »", "\u00a0»").replace("« ", "«\u00a0")


def _no_parenthesis(text: str, passage: Passage) -> str | None:
    changed = re.sub(r" \([^()]{5,120}\)", "", text)
    return changed if changed != text else None


def _as_is(text: str, passage: Passage) -> str | None:
    return text


Rewording = Callable[[str, Passage], str | None]
REWORDINGS: dict[str, Rewording] = {
    "verbatim": _as_is, "lead-in": _led, "in quotation marks": _quoted,
    "opening dropped": _without_opening, "plural": _plural, "other spelling": _respelt,
    "kinésithérapeute": _alias, "typed": _typed, "parenthesis dropped": _no_parenthesis,
}  # fmt: skip


_VERBS = (
    "peut peuvent doit doivent est sont couvre permettent repose veille protège encourt dispose"
    " participent appartiennent contribue applique prévoit porte"
).split()
_MODALS: tuple[tuple[str, str], ...] = (
    (r"\bpeut\b", "doit"), (r"\bpeuvent\b", "doivent"), (r"\bdoit\b", "peut"),
    (r"\bdoivent\b", "peuvent"), (r"\best tenu de\b", "peut"), (r"\bsont tenus au\b", "peuvent au"),
    (r"\best autorisé\b", "est tenu"),
    (r"[Ii]l convient (?:donc |néanmoins )?d", "il est possible d"),
    (r"il semble possible pour le masseur-kinésithérapeute", "le masseur-kinésithérapeute doit"),
    (r"il semble possible d’affirmer", "il faut affirmer"), (r"Il appartient", "Il est permis"),
)  # fmt: skip


def _one_digit(rng: random.Random, text: str, pattern: str) -> str | None:
    found = list(re.finditer(pattern, text))
    if not found:
        return None
    match = rng.choice(found)
    places = [i for i in range(*match.span("n")) if text[i].isdigit()]
    at = rng.choice(places)
    digit = rng.choice([d for d in "0123456789" if d != text[at]])
    return text[:at] + digit + text[at + 1 :]


def _article(rng: random.Random, text: str) -> str | None:
    return _one_digit(rng, text, r"(?P<n>(?<![\d/n°-])(?:\d{2,4}-\d{1,3})(?:-\d)?)(?![\d/])")


def _date(rng: random.Random, text: str) -> str | None:
    months = "janvier|mars|mai|juin|juillet|septembre|novembre"
    return _one_digit(rng, text, rf"(?P<n>\d\d?/\d\d/\d{{4}}|\d{{1,2}} (?:{months}) \d{{4}})")


def _amount(rng: random.Random, text: str) -> str | None:
    changed = _one_digit(rng, text, r"(?P<n>\d[\d  ]*)(?= euros| ans)")
    if changed is None and re.search(r"\bd’un an\b", text):
        return re.sub(r"\bd’un an\b", f"de {rng.choice(['deux', 'trois', 'cinq'])} ans", text)
    return changed


def _docket(rng: random.Random, text: str) -> str | None:
    return _one_digit(rng, text, r"n° ?(?P<n>[\d/-]{5,})")


def _denied_less(rng: random.Random, text: str) -> str | None:
    edits: tuple[tuple[str, str], ...] = (
        (r"\b(?:ne |n’)((?:[\wé’]+ ){1,2})(?:pas|plus) ?", r"\1"),
        (r"\bne ((?:peut|saurait|doit) )(?!pas\b)(?!.{0,40}\bque\b)", r"\1"),
        (r"\bne (s’oppose|fait) pas", r"\1"), (r"\bsans\b", "avec"),
        (r"\bnon (nécessaires)", r"\1"),
        (r"\bn’(entraine|est|a|y a) aucun", r"\1 un"), (r"\baucune atteinte ne", "une atteinte"),
    )  # fmt: skip
    return _edited(rng, text, edits)


def _denied_more(rng: random.Random, text: str) -> str | None:
    denied = "(?! pas| plus| aucun)"
    edits = [(rf"(?<!ne )(?<!n’)(?<!qui )\b({verb})\b{denied}", r"ne \1 pas") for verb in _VERBS]
    edits.append((r"\bavec (l’accord|son accord|leur accord)", r"sans \1"))
    return _edited(rng, text, edits)


def _modal(rng: random.Random, text: str) -> str | None:
    return _edited(rng, text, _MODALS)


def _edited(rng: random.Random, text: str, edits: Sequence[tuple[str, str]]) -> str | None:
    for pattern, new in rng.sample(list(edits), len(edits)):
        found = list(re.finditer(pattern, text))
        if found:
            match = rng.choice(found)
            return text[: match.start()] + match.expand(new) + text[match.end() :]
    return None


TAMPERINGS: dict[str, Callable[[random.Random, str], str | None]] = {
    "digit in an article": _article, "digit in a date": _date, "digit in an amount": _amount,
    "digit in a docket": _docket, "negation removed": _denied_less,
    "negation added": _denied_more, "modality changed": _modal,
}  # fmt: skip
