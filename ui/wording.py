"""Every French word that the pages show, in one place. Data (quotes, titles) is never here."""

from __future__ import annotations

from ui.typography import set_in_french

PRODUCT = "Secret professionnel"
TAGLINE = "Le guide de l’ordre des masseurs-kinésithérapeutes, interrogé et cité mot pour mot"

# Pages
ASK = "Poser une question"
SEARCH = "Chercher"
READ = "Lire"
SOURCE = "Source"
ABOUT = "À propos"

# Emergency numbers: constant HTML, without any data in it.
EMERGENCY_LINE = """<p class="urgences" role="note" aria-label="Numéros d’urgence">
<strong>Urgence</strong>
<span><a href="tel:15">15</a> ou <a href="tel:112">112</a></span>
<span><a href="tel:3114">3114</a> suicide</span>
<span><a href="tel:119">119</a> enfance</span>
<span><a href="tel:3919">3919</a> violences faites aux femmes</span></p>"""
EMERGENCY_BOX = """<section class="alerte-urgence" role="alert">
<h2>Une vie est peut-être en danger : appelez d’abord</h2>
<ul><li><a href="tel:15"><b>15</b> SAMU</a></li>
<li><a href="tel:112"><b>112</b> toute urgence</a></li>
<li><a href="tel:3114"><b>3114</b> prévention du suicide</a></li>
<li><a href="tel:119"><b>119</b> enfance en danger</a></li>
<li><a href="tel:3919"><b>3919</b> violences faites aux femmes</a></li></ul>
<p>Ce qui suit rappelle la règle de droit ; cela ne remplace pas l’appel.</p></section>"""

# Poser une question
ASK_TITLE = "Que dit le guide sur le secret professionnel ?"
ASK_LEAD = (
    "Décrivez la situation comme elle se présente. La réponse est composée de phrases du guide, "
    "des articles et des décisions qu’il reproduit ; chacune renvoie au passage exact."
)
ASK_PLACEHOLDER = "Votre question, sans nom de patient"
ASK_SUGGESTIONS_TITLE = "Pour commencer"
SUGGESTIONS = (
    "La gendarmerie me demande le dossier d’un patient, dois-je le donner ?",
    "Puis-je transmettre des informations au médecin de mon patient ?",
    "Un patient me confie qu’il veut se suicider, que puis-je faire ?",
    "Que risque un kinésithérapeute qui viole le secret ?",
    "Le secret continue-t-il après la mort du patient ?",
    "Que dit l’article R. 4321-55 ?",
)
ASK_PRIVACY = (
    "Votre question reste sur cette machine, dans cette fenêtre : elle n’est ni enregistrée ni "
    "transmise."
)
STAGES = {
    "retrieve": "Recherche dans les textes…",
    "synthesise": "Rédaction…",
    "verify": "Vérification des citations…",
}
ASK_SHORTENED = "Poser cette question"
ASK_AGAIN = "Poser de nouveau cette question"
BUSY = (
    "Beaucoup de questions arrivent en même temps, et la vôtre n’a pas pu être traitée. "
    "Elle n’est pas perdue : posez-la de nouveau dans un instant."
)
ASK_AGAIN = "Autre question ou précision"
NEW_CONVERSATION = "Effacer et recommencer"
EARLIER = "Question précédente"
PARTS = {
    "conclusion": "Ce que dit le guide",
    "texte": "Textes applicables",
    "decision": "Décisions disciplinaires",
    "complement": "À savoir aussi",
}
READY = "Réponse : {sentences}, {citations}."
READY_SENTENCES = ("{n} phrase", "{n} phrases")
READY_CITATIONS = ("{n} citation vérifiée", "{n} citations vérifiées")
REFUSED = "Pas de réponse : les documents ne permettent pas d’en donner une."
# Both stand above the rule, so that a phone shows the three at once.
SOURCES = "D’après : {refs}."
SOURCE_GUIDE = "le guide de l’ordre"
BEFORE_ACTING = "Avant d’agir : parlez-en à votre [conseil départemental (CDO)]({url})."
CITATION_HELP = "Voir le passage : {ref}"
QUESTION_LABEL = "Votre question"

# Boxes
ALERTS = {
    "identite": (
        "Votre question semble contenir de quoi identifier un patient. Effacez-la et reformulez-la "
        "sans nom, date de naissance, numéro ni adresse."
    ),
    "penal": (
        "Une erreur expose ici à une peine (un an d’emprisonnement et 15 000 euros d’amende, "
        "code pénal, art. 226-13). Faites confirmer votre lecture avant d’agir."
    ),
}
NOT_ADVICE = (
    "Ce service cite des textes ; il ne donne pas de consultation juridique. Avant d’agir, "
    "parlez-en à votre conseil départemental de l’ordre (CDO)."
)
CDO_LABEL = "Trouver mon conseil départemental : www.ordremk.fr"
CDO_URL = "https://www.ordremk.fr"
NOTICE_TITLE = "À noter"

# Refusals
REFUSAL_TITLES = {
    "hors_corpus": "Cette question sort des documents disponibles",
    "preuve_insuffisante": "Les documents ne permettent pas de répondre avec certitude",
    "demande_refusee": "Cette demande n’est pas de celles auxquelles ce service répond",
}
REFUSAL_POINTERS = "Passages les plus proches"
REFUSAL_POINTERS_LEAD = "Ils ne répondent pas à votre question ; ils peuvent aider à la préciser."

# The passage panel
PANEL_TITLE = "Passage cité"
PANEL_CITATION = "Citation {n}"
PREVIOUS = "Passage précédent"
NEXT = "Passage suivant"
OPEN_IN_DOCUMENT = "Lire dans le document"
PERMANENT_LINK = "Lien vers ce passage"
CITING = "Textes liés à ce passage"
CITES = "Ce passage cite :"
CITED_BY = "Ce texte est cité par :"
COPY_CITATION = "Copier la citation"
COPY_ALL = "Copier la réponse et ses références"
BACK_TO_ANSWER = "Revenir à la réponse"
PAGE = "p. {page}"
DATED = "du {date}"
DECIDED = "décision du {date}"
VERSION = "version {version}"
IN_FORCE = "en vigueur depuis le {start}"
IN_FORCE_UNTIL = "en vigueur du {start} au {end}"
NO_VERSION = "version reproduite dans le guide"
ITEM = "{item}"
RANKS = {
    "loi": "Loi",
    "decret": "Décret",
    "deontologie": "Code de déontologie",
    "decision": "Décision disciplinaire",
    "guide": "Guide de l’ordre",
}
RANK_ORDER = (
    "De la norme la plus haute à la plus basse : loi, décret, code de déontologie, décision, guide."
)

# References and exports
REFERENCES = "Références"
EXPORT = "Garder cette réponse"
EXPORT_LEAD = (
    "Les fichiers contiennent votre question : conservez-les comme un document professionnel."
)
EXPORTS = {"docx": "Word", "pdf": "PDF", "md": "Markdown", "csl": "Références (CSL-JSON)"}
FILE_NAME = "secret-professionnel-{day}"
PRINT = "Imprimer"
EXPORT_TITLE = "Secret professionnel du masseur-kinésithérapeute"
EXPORT_QUESTION = "Question"
EXPORT_ANSWER = "Réponse"
EXPORT_QUOTES = "Citations"
EXPORT_FOOT = "Index {generation} · réponse du {day} · {model}"
EXPORT_MODEL = {"extractive": "phrases citées mot pour mot, sans modèle de langage"}
EXPORT_MODEL_OTHER = "rédaction par {model}, citations vérifiées"
UNKNOWN_GENERATION = "non daté"

# A chat model is configured
MODEL_TITLE = "Faire rédiger cette réponse par un modèle"
MODEL_LEAD = (
    "La réponse ci-dessus est composée sur cette machine. Le modèle « {model} » peut en rédiger "
    "une autre ; chaque phrase en sera confrontée à ses citations. Rien n’est envoyé avant votre "
    "accord."
)
MODEL_PREVIEW = "Voir le texte qui serait envoyé"
OUTGOING_TITLE = "Texte qui sera envoyé à « {model} »"
OUTGOING_LEAD = (
    "Rien n’est encore parti. Ce texte exact sera transmis : les éléments reconnus comme "
    "identifiants y sont remplacés ; vérifiez qu’il n’en reste pas."
)
OUTGOING_SEND = "Envoyer ce texte"
OUTGOING_KEEP = "Ne rien envoyer"
OUTGOING_WAIT = "Le modèle rédige, puis chaque phrase est vérifiée…"

# Chercher
SEARCH_TITLE = "Chercher un passage"
SEARCH_LEAD = "Par le sens, par les mots ou par la référence."
SEARCH_INPUT = "Mots, idée ou référence"
SEARCH_PLACEHOLDER = "Exemples : réquisition, R. 4321-55"
SEARCH_KINDS = "Nature"
SEARCH_SOURCES = "Document"
SEARCH_DAY = "Textes en vigueur le"
SEARCH_ARTICLE = "Cite ou reproduit l’article"
SEARCH_ANY = "Indifférent"
SEARCH_FILTERS = "Affiner"
SEARCH_MORE = "Nombre de passages"
SEARCH_NONE = "Aucun passage ne correspond. Essayez d’autres mots, ou retirez un filtre."
SEARCH_COUNT = ("{n} passage", "{n} passages")
KINDS = {"guide": "Guide", "article": "Articles", "decision": "Décisions"}
WHY = "Trouvé par"
WHY_WORDS = "les mots : {words}"
WHY_SIGNALS = {
    "reference": "la référence",
    "dense": "le sens",
    "bm25": "les mots",
    "heading": "le titre de la section",
}
OPEN = "Ouvrir"

# Lire
READ_TITLE = "Lire les documents"
READ_CHOICE = "Document"
READ_CONTENTS = "Sommaire"
READ_WHOLE = "Tout le document"
READ_SECTION = "Partie"
READ_CITED_BY = "Cité dans"
READ_CITED_BY_NONE = "Cet article n’est cité nulle part ailleurs dans les documents."
READ_ONLY_CITED = "Articles cités sans être reproduits"
READ_ONLY_CITED_LEAD = (
    "Le texte de ces articles n’est pas dans les documents ; voici où ils sont cités."
)
READ_NOT_QUOTED = "cité, non reproduit"
READ_COMPARE_KEY = (
    "Barré : retiré. Surligné : ajouté. Les apostrophes et les blancs ne comptent pas."
)
CHANGES = {"removed": "retiré", "added": "ajouté"}
READ_VERSIONS = "Comparer les versions"
READ_VERSION_LEFT = "Version de départ"
READ_VERSION_RIGHT = "Comparée à"
READ_SAME = "Les deux versions ont le même texte."
TAB_GUIDE = "Documents"
TAB_ARTICLES = "Articles"
TAB_DECISIONS = "Décisions"

# Source
SOURCE_MISSING = "Aucun passage ne porte cet identifiant"
SOURCE_MISSING_LEAD = (
    "Le document a pu être retiré ou remplacé depuis. Cherchez le passage par ses mots."
)
SOURCE_SEARCH = "Chercher un passage"
SOURCE_NONE = "Ce lien ne désigne aucun passage. Choisissez-en un dans « Chercher » ou « Lire »."

# Faults
INDEX_MISSING = "L’index n’a pas encore été construit"
INDEX_DAMAGED = "L’index est endommagé"
INDEX_STALE = "L’index a été construit avec d’autres réglages"
INDEX_OTHER = "L’index ne peut pas être ouvert"
ENCODER_MISSING = "L’encodeur ne peut pas être chargé"
SETTINGS_WRONG = "Un réglage n’est pas valable"
INDEX_REPAIR = (
    "Aucune réponse ne sera donnée tant qu’il n’est pas en ordre. Sur le serveur, dans le dossier "
    "de l’application, lancez :"
)
INDEX_COMMANDS = {
    "missing": "python -m index build",
    "damaged": "python -m index verify\npython -m index build",
    "stale": "python -m index build",
    "settings": "python -m qa ask --help",
}
INDEX_AFTER = "puis rechargez cette page. Les documents eux-mêmes ne sont pas touchés."
UNEXPECTED_ERROR = (
    "Une erreur inattendue s’est produite ({kind}). Votre question n’a pas été enregistrée. "
    "Rechargez la page ; si l’erreur revient, signalez ce nom à la personne qui administre le "
    "service."
)
FORBIDDEN = "Cette page est réservée au personnel du conseil."

# À propos
ABOUT_TITLE = "Ce que ce service est, et n’est pas"
ABOUT_IS_TITLE = "Ce qu’il fait"
ABOUT_IS = """
- Il **cherche** dans le guide du Conseil national de l’ordre, dans les articles et dans les
  décisions que ce guide reproduit, et dans les documents que le conseil y ajoute.
- Il **répond par des phrases citées** : chaque phrase porte le numéro du passage dont elle
  vient, et chaque citation est vérifiée mot pour mot, à sa place, avant d’être montrée.
- Il **s’abstient** lorsque les documents ne répondent pas, et dit à qui s’adresser.
"""
ABOUT_IS_NOT_TITLE = "Ce qu’il ne fait pas"
ABOUT_IS_NOT = """
- Ce n’est **pas une consultation juridique** ni une décision de l’ordre.
- Il ne connaît **que ses documents** : un texte plus récent peut dire autre chose.
- Il ne garantit pas que la réponse convient à **votre** situation : une citation exacte peut ne pas
  suffire. Le conseil départemental de l’ordre (CDO) est la personne à qui parler.
"""
ABOUT_RANKS_TITLE = "La valeur des textes"
ABOUT_RANKS = """
| Rang | Texte | Portée |
| --- | --- | --- |
| 1 | Loi, puis décret | S’impose à tous : code de la santé publique, code pénal… |
| 2 | Code de déontologie | Code de la santé publique, art. R. 4321-51 à R. 4321-145 |
| 3 | Décision disciplinaire | Tranche un cas ; éclaire les suivants |
| 4 | Guide de l’ordre | Doctrine : fait autorité pour la profession, sans être la loi |
"""
ABOUT_PRIVACY_TITLE = "Vos questions"
ABOUT_PRIVACY = """
- Elles restent dans cette fenêtre : ni journal, ni adresse, ni mémoire partagée.
- Rien n’est envoyé hors de cette machine, sauf si un modèle de langage a été branché par
  l’administrateur ; dans ce cas vous voyez le texte exact, et vous seul l’envoyez.
- N’écrivez cependant ni nom ni détail qui identifie un patient : le secret vaut aussi ici.
"""
ABOUT_DOCUMENTS_TITLE = "Les documents"
ABOUT_INDEX = "Index {generation} · {passages} passages"
ABOUT_MODEL = {"extractive": "Réponses composées de phrases citées, sans modèle de langage."}
ABOUT_MODEL_OTHER = "Réponses rédigées par {model}, phrase par phrase vérifiées."
ABOUT_HELP_TITLE = "Au clavier"
ABOUT_HELP = (
    "La touche Tab parcourt la page ; Entrée ouvre une citation ; l’arrivée de la réponse est "
    "annoncée aux lecteurs d’écran."
)


def count(forms: tuple[str, str], n: int) -> str:
    """The singular (0 and 1, as French has it) or plural form, with its number."""
    return forms[n > 1].format(n=n)


set_in_french(globals())
