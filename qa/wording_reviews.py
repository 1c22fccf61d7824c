"""The French of staff verdicts: what the review database says when an act cannot be done."""

from __future__ import annotations

ERRORS = {
    "unavailable": (
        "La base des vérifications ne répond pas ou n’accepte pas d’écriture : prévenez la "
        "personne qui administre le service ; rien n’a été enregistré."
    ),
    "gone": "Cette réponse n’est plus dans la file : revenez à la file pour en choisir une autre.",
    "citations": "Chaque citation doit recevoir un avis : complétez ceux qui manquent.",
    "verdict": "Cet avis ne convient pas à cette réponse : choisissez-en un de la liste.",
    "reviewer": "L’avis n’est pas signé : indiquez votre nom (200 signes au plus).",
    "long": "Un commentaire dépasse 2 000 signes : raccourcissez-le.",
}
CSV_HEADER = (
    "réponse", "question", "répondu", "génération", "soumise le", "relecteur", "avis",
    "commentaire", "nature", "faits attendus", "citation", "référence", "citation textuelle",
    "avis sur la citation", "commentaire sur la citation", "avis rendu le",
)  # fmt: skip
