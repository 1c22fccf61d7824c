"""Every French sentence that an answer may hold besides the quotations themselves."""

from __future__ import annotations

from typing import Final

from qa.answer import Reason

CONTACT: Final = (
    "Votre conseil départemental de l’ordre (CDO) est la personne à interroger : ses coordonnées "
    "sont sur www.ordremk.fr."
)
REFUSALS: Final[dict[Reason, str]] = {
    "hors_corpus": (
        "Les documents consultés (guide du Conseil national, articles et décisions qu’il cite) ne "
        f"traitent pas de cette question. {CONTACT}"
    ),
    "preuve_insuffisante": (
        "Les documents consultés abordent le sujet, mais aucun passage ne répond à ce point "
        f"précis. Les passages les plus proches sont indiqués pour lecture. {CONTACT}"
    ),
    "demande_refusee": (
        "Cette demande ne peut pas être satisfaite : les réponses viennent des seuls documents "
        "publiés, qui ne révèlent l’identité de personne et que rien ne permet d’inventer. "
        f"{CONTACT}"
    ),
}
EMPTY: Final = "La question est vide : écrivez-la en quelques mots, en français."
TOO_LONG: Final = (
    "La question dépasse {limit} caractères : résumez la situation en quelques phrases, sans "
    "élément qui identifie un patient."
)
NOT_FRENCH: Final = (
    "La question ne semble pas être en français : les documents le sont, posez-la en français. "
    f"{CONTACT}"
)
INSTRUCTION_IGNORED: Final = (
    "Une partie de la demande s’adressait à l’outil et non aux documents : elle a été écartée."
)
AS_OF: Final = "Textes consultés dans leur version connue au {day}."
TEXT_MISSING: Final = (
    "Le texte de la référence « {ref} » ne figure pas dans les documents consultés. Les passages "
    f"qui la citent, s’il y en a, sont indiqués pour lecture. {CONTACT}"
)
REPEALED: Final = (
    "{ref} n’est plus en vigueur depuis le {day} : le texte cité est celui que reproduit le guide."
)
REWORDED: Final = (
    "{ref} : la rédaction citée par le guide n’est pas celle en vigueur depuis le {day} ; comparez "
    "les deux versions."
)
