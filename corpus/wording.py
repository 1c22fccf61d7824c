"""The French of the corpus: why a document is refused, or what its reader must look at.

The staff reads these sentences beside the document that they concern, so each says what was found,
where, and what to do.
"""

from __future__ import annotations

# Reasons for which a document cannot enter at all.
REFUSALS = {
    "not_pdf": "ce fichier n’est pas un PDF : vérifiez qu’il a été téléchargé en entier",
    "encrypted": "le PDF est protégé par un mot de passe : fournissez une version non protégée",
    "damaged": "le PDF est endommagé et ne peut pas être lu : téléchargez-le de nouveau",
    "too_large": "le fichier dépasse 64 Mo : fournissez une version allégée",
    "too_long": "le PDF dépasse 2 000 pages : découpez-le",
    "too_costly": "la lecture du PDF demande trop de ressources : fournissez une autre version",
    "scan": "aucun texte : le PDF est une image (numérisation) ; fournissez le document d’origine",
    "ocr": "le seul texte est une couche invisible (reconnaissance de caractères d’une "
    "numérisation), donc non fiable : fournissez le document d’origine",
    "empty": "aucun texte visible dans le PDF : fournissez le document d’origine",
}

# What a document may hold and still enter once somebody has looked and confirmed.
FLAGS = {
    "pages_lost": "{declared} pages annoncées par le fichier, {read} lues : comparez avec "
    "l’original",
    "page_thin": "page {page} : presque pas de texte ({count} caractères) ; image ou page "
    "blanche ? comparez avec l’original",
    "page_fault": "page {page} : objet endommagé ou illisible ({detail}) ; le texte peut être "
    "incomplet",
    "page_twice": "pages {page} et {other} : même texte ; une page a pu être perdue",
    "object": "le fichier contient un objet endommagé ({detail}) : comparez avec l’original",
    "mended": "le fichier a été réparé à la lecture ({detail}) : comparez avec l’original",
    "hidden": "page {page} : texte caché, écarté ({reason}) : « {detail} »",
    "invisible_characters": "page {page} : {count} caractères invisibles, écartés",
    "unknown_characters": "page {page} : {count} caractères que la police ne permet pas de lire",
    "not_french": "page {page} : ces mots ne semblent pas être du français (police illisible ou "
    "autre langue)",
    "invisible_in_text": "{count} caractères invisibles, écartés : le texte affiché n’est pas tout "
    "ce que le fichier contient",
    "not_french_text": "ces mots ne semblent pas être du français",
    "numbering": "la numérotation imprimée n’est pas connue : les pages citées sont celles du "
    "fichier PDF",
}

HIDDEN = {
    "unpainted": "texte non imprimé",
    "tiny": "caractères minuscules",
    "outside": "hors de la page",
    "clipped": "masqué par un cadre",
    "transparent": "transparent",
    "paper": "de la couleur du fond",
    "layer": "calque masqué",
    "covered": "recouvert d’un cache opaque : une occultation qui n’efface rien",
}

DAMAGE = {
    "page twice": "une page figure deux fois au sommaire",
    "page lost": "une page du fichier n’est reliée à rien",
    "content lost": "le contenu d’une page n’est relié à rien",
}

DECISIONS = {
    "chamber": "chambre introuvable dans l’en-tête : complétez le titre",
    "number": "numéro introuvable dans l’en-tête",
    "date": "date introuvable dans l’en-tête",
    "parties": "parties introuvables dans l’en-tête",
    "unnumbered": "les considérants ne sont pas numérotés : ils sont cités sans numéro",
    "no_dispositif": "dispositif introuvable : la décision est-elle complète ?",
    "name": "nom ou coordonnée à occulter ? « {name} » : vérifiez que c’est la version publiée",
}

STAGING = {
    "duplicate_text": "même texte que « {title} » ({id}), déjà dans le corpus",
    "new_edition": "nouvelle édition de « {title} » ({id}) ? indiquez-le pour qu’elle la remplace",
    "no_passage": "aucun passage n’a pu être tiré de ce document",
}

LAW = {
    # Reasons of refusal.
    "too_large": "fichier trop gros pour un article : ajoutez l’archive elle-même",
    "doctype": "le fichier déclare un DOCTYPE, refusé par sécurité : téléchargez-le de la DILA",
    "not_xml": "ce n’est pas du XML bien formé : téléchargez-le de nouveau",
    "not_article": "la racine est « {detail} », pas ARTICLE : ajoutez un article de LEGI",
    "no_id": "identifiant LEGIARTI absent ou invalide : la version ne peut pas être citée",
    "no_number": "numéro d’article absent : la version ne peut pas être citée",
    "no_code": "code d’origine absent : l’article ne peut pas être cité",
    "unknown_state": "état « {detail} » inconnu : rien ne dit si ce texte s’applique ; signalez-le",
    "bad_date": "date « {detail} » invalide : la période d’application est inconnue",
    "dates_reversed": "dates inversées ({detail}) : la période d’application est inconnue",
    "never_starts": "état {detail} mais date de début 2999 : les données se contredisent",
    "never_ends": "état {detail} sans date de fin : les données se contredisent",
    "empty_body": "article sans texte : rien à citer",
    # What is said beside a version.
    "never": "cette version n’a jamais produit d’effet (état {state})",
    "ended": "cette version n’est plus en vigueur depuis le {end} (état {state})",
    "future_end": "cette version cessera d’être en vigueur le {end}",
    "future": "cette version entre en vigueur le {start}",
    # What is wrong between versions.
    "overlap": "{ref} : les versions {a} et {b} sont toutes deux en vigueur le {day}",
}
