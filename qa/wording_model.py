"""French wording of the chat-model way: what is told to the model, and to the reader about it."""

from __future__ import annotations

from typing import Final, Literal

from qa.failure import Code

Problem = Literal[
    "masking",  # an identifier may be left: nothing was sent
    "consent",  # the author has not agreed to this exact text: nothing was sent
    "not_installed",  # the provider's package is missing
    "configuration",  # the setting or the key is missing or malformed
    "key",  # the service refuses the key
    "model",  # the service has no such model
    "rate_limit",
    "timeout",
    "unreachable",
    "server",  # the service failed
    "rejected",  # the service refuses the request as formed
    "refusal",  # the model declines to answer
    "truncated",  # the answer was cut short
    "malformed",  # the answer cannot be read
    "no_answer",  # the model finds no answer in the passages
    "nothing_left",  # no sentence passed the gate
    "unknown",
]

PROBLEMS: Final[dict[Problem, str]] = {
    "masking": "La question n’a pas été envoyée : le masquage des identifiants n’est pas certain. "
    "Reformulez-la sans élément qui identifie une personne.",
    "consent": "Rien n’a été envoyé : relisez le texte exact qui partirait, puis acceptez-le.",
    "not_installed": "Le connecteur de ce modèle n’est pas installé sur cette machine.",
    "configuration": "Le modèle est mal configuré (réglage ou clé d’accès manquants).",
    "key": "Le service a refusé la clé d’accès.",
    "model": "Le service ne connaît pas ce modèle.",
    "rate_limit": "Le service reçoit trop de demandes : réessayez dans quelques minutes.",
    "timeout": "Le modèle n’a pas répondu dans le temps imparti.",
    "unreachable": "Le service du modèle est injoignable.",
    "server": "Le service du modèle est en panne.",
    "rejected": "Le service n’a pas accepté la demande.",
    "refusal": "Le modèle a décliné la demande.",
    "truncated": "La réponse du modèle a été coupée.",
    "malformed": "La réponse du modèle est illisible.",
    "no_answer": "Le modèle ne trouve pas de réponse dans les passages fournis.",
    "nothing_left": "Aucune phrase du modèle n’a passé le contrôle des citations.",
    "unknown": "L’appel du modèle a échoué.",
}
FALLBACK: Final = (
    "{problem} La réponse ci-dessous est composée d’extraits des documents, sans modèle."
)
WRITTEN_BY: Final = (
    "Réponse rédigée par le modèle « {model} » ; chaque phrase a été confrontée à ses citations."
)
DROPPED: Final = "{count} phrase(s) du modèle, non conformes à leurs citations, ont été écartées."
PSEUDONYMISED: Final = (
    "La question a été pseudonymisée avant l’envoi ; ce n’est pas une anonymisation."
)

FAILURES: Final[dict[Code, str]] = {
    "no_citation": "la phrase ne cite aucun passage",
    "unknown_key": "clé inconnue : {detail}",
    "quote": "citation absente du passage, mot pour mot : {detail}",
    "reference": "référence absente du passage cité : {detail}",
    "date": "date absente du passage cité : {detail}",
    "figure": "chiffre absent du passage cité : {detail}",
    "support": "mots absents du passage cité : {detail}",
    "negation": "négation ajoutée ou perdue autour de : {detail}",
    "modality": "possibilité, obligation ou prudence changée autour de : {detail}",
    "contrary": "mot mis pour un autre : {detail}",
    "role": "personnes inversées : {detail}",
    "condition": "condition, exception ou restriction ajoutée ou perdue : {detail}",
}
