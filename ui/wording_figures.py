"""The French of the page « Évaluation »: what each figure is called, and what it means."""

from __future__ import annotations

from ui.typography import set_in_french

FIGURES = "Évaluation"
TITLE = "Ce que valent les réponses"
LEAD = (
    "Les mesures publiées avec le logiciel : des questions dont la bonne réponse est connue, "
    "posées au service et à d’autres façons de chercher."
)
NONE = "Aucun résultat n’est publié avec cette installation."
UNREADABLE = "Un fichier de résultats ne peut pas être lu : {name}. Il est laissé de côté."
RUN = "Campagne de mesure"
RUN_LABEL = "{day} · {split} · {questions} questions · {commit}"
SPLITS = {"test": "jeu de test", "development": "jeu de mise au point", "all": "tout le jeu"}
SPLIT_NOTES = {
    "test": "Ces questions n’ont servi à aucun réglage.",
    "development": "Ces questions ont servi à régler le service : les chiffres sont flatteurs.",
    "all": "",
}
ABOUT = "Index {generation} · encodeur {encoder} · {model}"
TABS = {
    "summary": "Ensemble", "kinds": "Par nature", "systems": "Comparaison",
    "questions": "Questions", "two": "Deux campagnes",
}  # fmt: skip
SECTION = "Partie"
METRIC = "Mesure"
HEAD_METRICS = "| Mesure | Valeur | Intervalle à 95 % | Sur |"
HEAD_KINDS = "| Nature | Valeur | Intervalle à 95 % | Questions |"
HEAD_SYSTEMS = "| Système | Valeur | Intervalle à 95 % | Questions |"
INTERVAL = "{low} – {high}"
OVER_TIME = "Dans le temps"
OVER_TIME_ONE = "Une seule campagne sur ce jeu est publiée : la courbe commencera à la suivante."
TABLE = "Les chiffres du graphique"
AXIS_DAY = "Jour"
AXIS_SHARE = "Part"
AXIS_WORDS = "Mots"
METRICS = {
    "right": ("Bon comportement", "réponse juste et complète, ou abstention quand il le faut"),
    "right_answer": ("Réponses justes", "chaque fait attendu, rien d’interdit"),
    "fact_recall": ("Faits attendus présents", ""),
    "forbidden": ("Affirmations interdites", "moins il y en a, mieux c’est"),
    "evidence_cited": ("Preuve citée", "le passage qui prouve la réponse est cité"),
    "citation_recall": ("Phrases citées", "chaque phrase a une citation qui la porte"),
    "citation_precision": ("Citations utiles", "chaque citation porte sa phrase"),
    "verbatim_rate": ("Citations mot pour mot", ""),
    "uncited": ("Phrases sans citation", "moins il y en a, mieux c’est"),
    "abstention_recall": ("Abstentions dues, faites", "questions sans réponse, reconnues"),
    "abstention_precision": ("Abstentions justifiées", ""),
    "wrong_abstention": ("Abstentions à tort", "moins il y en a, mieux c’est"),
    "recall@5": ("Preuve dans les 5 premiers passages", ""),
    "recall@10": ("Preuve dans les 10 premiers passages", ""),
    "success@1": ("Bon passage en tête", ""),
    "success@5": ("Un bon passage dans les 5 premiers", ""),
    "mrr": ("Rang inverse moyen (MRR)", ""),
    "ndcg@10": ("Qualité du classement (nDCG@10)", ""),
    "page_accuracy": ("Page exacte", ""),
    "version_accuracy": ("Version exacte", ""),
    "words": ("Longueur des réponses", "en mots"),
}
LOWER_IS_BETTER = frozenset({"forbidden", "uncited", "wrong_abstention"})
SYSTEMS = {
    "engine": "Ce service",
    "BM25 alone": "Mots seuls (BM25)",
    "Lexical alone": "Mots seuls, français",
    "Dense alone": "Sens seul",
    "BM25 + dense, equal weights": "Mots et sens, à parts égales",
    "Hybrid with MiniLM": "Mots et sens, encodeur multilingue",
    "Stock LangChain": "LangChain sans réglage",
    "bm25s, naive passages": "BM25, découpage naïf",
}
SYSTEMS_NOTE = (
    "Les autres systèmes cherchent seulement ; ils se comparent sur les passages trouvés."
)
KINDS = {
    "followup": "Question de suite",
    "injected": "Question piégée",
}
FILTER_KIND = "Nature"
FILTER_OUTCOME = "Résultat"
FILTER_ALL = "Toutes"
OUTCOMES = {"all": "Tous", "right": "Réussies", "wrong": "Manquées"}
QUESTION = "Question"
QUESTIONS_COUNT = ("{n} question", "{n} questions")
DETAIL_RIGHT = "Réussie"
DETAIL_WRONG = "Manquée"
DETAIL_ANSWERED = "a répondu"
DETAIL_ABSTAINED = "s’est abstenu ({reason})"
DETAIL_EXPECTED_ANSWER = "une réponse était attendue"
DETAIL_EXPECTED_ABSTENTION = "une abstention était attendue"
DETAIL_CONFIDENCE = "confiance {value}"
DETAIL_REFS = "Textes attendus"
DETAIL_CITED = "Passages cités"
DETAIL_TOP = "Passages trouvés, dans l’ordre"
DETAIL_NONE = "aucun"
TWO_FIRST = "Première"
TWO_SECOND = "Seconde"
TWO_SYSTEM = "{system} · {run}"
TWO_HEAD = "| Mesure | Première | Seconde | Écart | Sur |"
TWO_SHARED = ("{n} question commune", "{n} questions communes")
TWO_NONE = "Ces deux campagnes n’ont aucune question en commun."
TWO_TEST = (
    "Bon comportement : {gained} gagnées, {lost} perdues ; test exact de McNemar, p = {p}. {said}"
)
TWO_SURE = "L’écart dépasse le hasard (p < 0,05)."
TWO_UNSURE = "L’écart peut venir du hasard."
TWO_LOST = "Perdues"
TWO_GAINED = "Gagnées"
TWO_NOTE = (
    "Les questions d’un même groupe se ressemblent : le test ci-dessus les compte comme "
    "indépendantes. `python -m evaluation compare` rééchantillonne par groupe."
)

set_in_french(globals())
