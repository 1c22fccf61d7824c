"""The French of the staff's pages: checking answers, keeping documents, access."""

from __future__ import annotations

from ui.typography import set_in_french

# Pages
VERIFY = "Vérifier"
DOCUMENTS = "Documents"

# Access
FORBIDDEN_TITLE = "Page réservée"
FORBIDDEN = "Cette page est réservée au personnel du conseil."
FORBIDDEN_LOGGED = (
    "Vous êtes connecté, mais votre adresse n’a pas ce droit (ou n’a pas été vérifiée par votre "
    "fournisseur d’identité). Demandez-le à la personne qui administre le service."
)
FORBIDDEN_LOCAL = (
    "Ce service est ouvert à d’autres machines sans connexion : les pages du personnel y sont "
    'fermées. Pour les ouvrir, réglez la connexion (auth = "oidc").'
)
LOGIN = "Se connecter"
LOGOUT = "Se déconnecter"
LOGGED_AS = "Connecté : {name} ({role})"
ROLES = {"reader": "lecture", "staff": "personnel", "admin": "administration"}
AUDIT_STOPPED = (
    "Le journal des actes ne peut pas être tenu : aucun acte n’est possible tant qu’il n’est pas "
    "en ordre. Sur le serveur : `python -m qa.audit verify`."
)

# Submitting an answer (on the page of the answer)
SUBMIT = "Soumettre à vérification"
SUBMIT_LEAD = (
    "Un doute, une erreur ? Le personnel du conseil peut vérifier cette réponse. Elle sera alors "
    "**conservée avec votre question**, ce qui n’est jamais fait sans vous."
)
SUBMIT_SEEN = "Voici ce qui sera conservé et lu par le personnel :"
SUBMIT_CONFIRM = "Conserver ma question et la soumettre"
SUBMIT_CANCEL = "Ne rien conserver"
SUBMIT_DONE = "Soumise sous le n° {number}. Elle sera effacée sur simple demande."
SUBMIT_IDENTIFYING = (
    "Votre question semble contenir de quoi identifier un patient : elle ne peut pas être "
    "conservée. Posez-la de nouveau sans nom, date de naissance, numéro ni adresse."
)
SUBMIT_MANY = "Vous avez déjà soumis {n} réponses : attendez qu’elles soient vérifiées."

# Vérifier
VERIFY_TITLE = "Vérifier les réponses"
VERIFY_LEAD = (
    "Les réponses que leurs auteurs ont choisi de soumettre. Deux personnes jugent chacune, "
    "sans voir l’avis de l’autre."
)
VERIFY_TABS = {
    "queue": "File d’attente",
    "ask": "Poser une question",
    "results": "Accord et exports",
}
VERIFY_SECTION = "Partie"
VERIFY_QUESTION = "Question posée"
SIGNATURE = "Votre nom ou vos initiales"
SIGNATURE_HELP = "Sans connexion, vos actes et vos avis sont signés de ce nom."
SIGNATURE_MISSING = "Indiquez d’abord votre nom, plus haut : chaque acte est signé."
QUEUE_EMPTY = "Aucune réponse n’attend. Celles que leurs auteurs soumettent arrivent ici."
QUEUE_MINE = "votre avis est rendu"
QUEUE_COUNT = ("{n} avis", "{n} avis")
QUEUE_ROW = "n° {number} · soumise le {day} · {count}"
QUEUE_OPEN = "Vérifier"
QUEUE_BACK = "Revenir à la file"
QUEUE_LEFT = ("{n} réponse dans la file", "{n} réponses dans la file")
VERIFY_ANSWER = "Réponse"
VERIFY_REFUSED = "Le service s’est abstenu : {reason}."
VERIFY_FROM = "Index {generation} · {model}"
VERIFY_OTHER_GENERATION = (
    "L’index a été reconstruit depuis : la réponse est montrée telle que son auteur l’a lue."
)
VERIFY_CITATIONS = "Citations"
VERIFY_MOVED = (
    "Ce passage n’est plus à la même place dans l’index en service ; voici la citation telle "
    "qu’elle a été montrée."
)
VERIFY_VERDICT = "Votre avis sur la citation {n}"
VERIFY_COMMENT = "Commentaire sur la citation {n}"
VERIFY_WHOLE = "Votre avis sur l’ensemble"
VERIFY_KIND = "Nature de la question"
VERIFY_KIND_HELP = "Pour la reprendre dans l’évaluation."
VERIFY_FACTS = "Mots que toute bonne réponse doit contenir"
VERIFY_FACTS_HELP = (
    "Un fait par ligne, recopié mot pour mot des citations ; sert à l’évaluation. Facultatif."
)
VERIFY_GENERAL_COMMENT = "Commentaire"
VERIFY_SIGN = "Signer l’avis"
VERIFY_REVISE = "Remplacer mon avis"
VERIFY_SIGNED = "Avis enregistré."
VERIFY_INCOMPLETE = "Il reste un avis à donner : {what}."
VERIFY_OTHERS = "Les autres avis"
VERIFY_OTHERS_HIDDEN = "Les autres avis seront visibles une fois le vôtre rendu."
VERIFY_DELETE = "Effacer cette réponse de la file"
VERIFY_DELETE_LEAD = "La question, la réponse et les avis seront effacés du disque."
VERIFY_DELETE_CONFIRM = "Effacer définitivement"
CITATION_VERDICTS = {
    "supports": "Appuie la phrase",
    "partly": "L’appuie en partie",
    "unsupported": "Ne l’appuie pas",
    "misplaced": "Hors de son contexte",
    "outdated": "Texte périmé",
}
VERDICTS = {
    "right": "Juste",
    "partial": "Juste, mais incomplète",
    "wrong": "Fausse ou trompeuse",
    "abstain": "Il fallait s’abstenir",
}
REFUSAL_VERDICTS = {"right": "Il fallait s’abstenir", "wrong": "Les documents répondent"}
KINDS = {
    "": "Non précisée",
    "direct": "Question directe",
    "spoken": "Langage parlé",
    "reworded": "Reformulée",
    "keywords": "Mots-clés",
    "reference": "Référence",
    "situation": "Situation racontée",
    "multi": "Plusieurs passages nécessaires",
    "negation": "Négation",
    "false_premise": "Prémisse fausse",
    "hops": "Renvoi d’un texte à l’autre",
    "version": "Version ou date",
    "typo": "Fautes de frappe",
    "noaccent": "Sans accents",
    "unanswerable_near": "Sans réponse dans les documents, sujet voisin",
    "unanswerable_far": "Sans réponse dans les documents, autre sujet",
    "refused": "Demande à refuser",
}
ASK_HERE = "Question à vérifier"
ASK_HERE_LEAD = "La question et sa réponse entrent dans la file : elles sont conservées."
ASK_HERE_SUBMIT = "Poser et mettre dans la file"
ASK_HERE_DONE = "La réponse est dans la file, sous le n° {number}."
AGREEMENT = "Accord entre relecteurs"
AGREEMENT_NONE = "Deux personnes n’ont pas encore jugé une même réponse."
AGREEMENT_HEAD = "| Relecteurs | Sur | Jugés par les deux | Accord | Kappa de Cohen |"
AGREEMENT_ON = {"answers": "réponses", "citations": "citations"}
AGREEMENT_PAIR = "{first} et {second}"
AGREEMENT_KAPPA = "{kappa} [{low} ; {high}]"
AGREEMENT_UNDEFINED = "non défini"
AGREEMENT_NOTE = (
    "Kappa : part de l’accord au-delà du hasard (1 : toujours d’accord ; 0 : comme au hasard), "
    "avec son intervalle à 95 %, trop étroit au-dessous d’une trentaine de jugements. Non défini "
    "quand les deux ont toujours donné le même avis."
)
EXPORT_TITLE = "Exports"
EXPORT_CSV = "Tableau (CSV)"
EXPORT_GOLD = ("Jeu d’évaluation ({n} question)", "Jeu d’évaluation ({n} questions)")
EXPORT_LEAD = "Ces fichiers contiennent des questions : gardez-les comme des documents du conseil."
EXPORT_MISSING = "Ce qui n’entre pas encore dans le jeu d’évaluation"
MISSING = {
    "one_reading": "il manque un second avis",
    "disagree": "les avis diffèrent",
    "partial": "réponse jugée incomplète ou fausse : à reprendre à la main",
    "no_citation": "aucune citation que tous jugent probante",
    "no_fact": "aucun fait attendu, ou pas dans les citations probantes",
    "no_kind": "nature de la question non précisée",
}
MISSING_ROW = "n° {number} : {why}"

# Documents
DOCUMENTS_TITLE = "Documents et index"
DOCUMENTS_LEAD = (
    "Un document n’est cité qu’après avoir été lu ici, approuvé par une personne nommée, puis "
    "indexé."
)
DOCUMENTS_TABS = {
    "library": "Bibliothèque", "add": "Ajouter", "index": "Index", "journal": "Journal",
}  # fmt: skip
STALE = (
    "Les documents ont changé depuis la construction de l’index : reconstruisez-le pour que les "
    "réponses en tiennent compte."
)
STALE_OPEN = "Aller à l’index"
SOURCE_KINDS = {"guide": "Guide ou texte", "article": "Article de loi", "decision": "Décision"}
SOURCE_APPROVED = "approuvé par {by} le {day}"
SOURCE_ADDED = "apporté par {by}"
SOURCE_SUPERSEDED = "remplacé ; valable jusqu’au {day}"
WITHDRAW = "Retirer"
WITHDRAW_TITLE = "Retirer « {title} »"
WITHDRAW_LEAD = (
    "Le fichier est effacé ; son nom, ses dates et ce motif restent en trace. Il ne sera plus cité "
    "après la prochaine construction de l’index."
)
WITHDRAW_REASON = "Motif du retrait"
WITHDRAW_REASON_MISSING = "Indiquez le motif du retrait."
WITHDRAW_CONFIRM = "Retirer ce document"
WITHDRAWN = "« {title} » est retiré."
WITHDRAWN_TITLE = "Documents retirés"
WITHDRAWN_ROW = "{title} · retiré par {by} le {day} · {reason}"
UPLOAD = "Fichier PDF, texte, Markdown ou XML de LEGI (20 Mo au plus)"
UPLOAD_KIND = "Nature"
UPLOAD_KIND_GUESS = "À reconnaître"
UPLOAD_TITLE = "Titre"
UPLOAD_TITLE_HELP = "Laissé vide : celui que le document se donne."
UPLOAD_DATE = "Date du document"
UPLOAD_ORIGIN = "Provenance (adresse ou service)"
UPLOAD_SUPERSEDES = "Remplace"
UPLOAD_NONE = "Aucun"
UPLOAD_SUBMIT = "Mettre en attente"
UPLOAD_MISSING = "Choisissez d’abord un fichier."
UPLOAD_DONE = "« {name} » attend votre lecture."
UPLOAD_REFUSED = {
    "empty": "Ce fichier est vide.",
    "large": "Ce fichier dépasse 20 Mo : fournissez une version allégée.",
    "suffix": "Seuls les fichiers PDF, TXT, MD et XML sont acceptés.",
    "pdf": "Ce fichier porte le nom d’un PDF, mais n’en est pas un.",
    "xml": "Ce fichier porte le nom d’un XML, mais n’en est pas un.",
    "text": "Ce fichier n’est pas un texte en UTF-8 : enregistrez-le ainsi, ou fournissez le PDF.",
    "disguised": "Ce fichier est un PDF, une archive ou un programme sous un autre nom.",
}
CORPUS_FAULTS = {
    "SourceRefused": "Ce document ne peut pas être lu : vérifiez le fichier d’origine.",
    "AlreadyThere": "Ce document est déjà dans la bibliothèque.",
    "NotApproved": "Ce document n’est plus lu comme il a été montré : relisez-le, puis approuvez.",
    "LibraryBusy": "La bibliothèque est en cours de modification : réessayez dans un instant.",
    "SourceChanged": "Un fichier de la bibliothèque a changé : il faut le restaurer ou l’ajouter "
    "de nouveau.",
    "ManifestInvalid": "Le manifeste de la bibliothèque est illisible : prévenez la personne qui "
    "administre le service.",
    "SourceNotFound": "Ce document n’est plus là : rechargez la page.",
}
PENDING = "En attente de lecture"
PENDING_NONE = "Aucun document n’attend."
PENDING_ROW = "{kind} · apporté par {by} le {day}"
PREVIEW_OPEN = "Lire et vérifier"
PREVIEW_CLOSE = "Fermer la lecture"
PREVIEW_TITLE = "Texte extrait de « {name} »"
PREVIEW_FACTS = "{title} · {passages} · {characters} signes"
PREVIEW_PASSAGES = ("{n} passage", "{n} passages")
PREVIEW_REMARKS = "À savoir"
PREVIEW_RESERVATIONS = "À confirmer un par un, l’original sous les yeux"
PREVIEW_CLEAR = "Rien d’anormal n’a été relevé à la lecture."
PREVIEW_REPLACES = (
    "Ce document semble une nouvelle édition : pour qu’il la remplace, écartez-le et ajoutez-le de "
    "nouveau avec « Remplace »."
)
PREVIEW_READ = "J’ai lu ce texte et je réponds de sa conformité à l’original."
APPROVE = "Approuver"
APPROVE_TODO = "Cochez chaque point pour pouvoir approuver."
APPROVED = "« {title} » est approuvé. Reconstruisez l’index pour qu’il soit cité."
DISCARD = "Écarter"
DISCARDED = "« {name} » est écarté."
INDEX_IN_USE = "Index en service"
INDEX_NONE = "Aucun index n’est construit."
INDEX_FACTS = "{generation} · publié le {day} · {documents} · {passages}"
INDEX_DOCUMENTS = ("{n} document", "{n} documents")
INDEX_REMOTE = (
    "L’index est dans une base partagée : il se reconstruit sur le serveur, avec "
    "`python -m index build`."
)
BUILD = "Reconstruire l’index"
BUILD_LEAD = "Les réponses viennent de l’index actuel jusqu’à ce que le nouveau soit vérifié."
BUILD_STAGES = {
    "reading": "Lecture des documents…", "lexical": "Index des mots…",
    "embedding": "Calcul du sens des passages…", "publishing": "Vérification et publication…",
}  # fmt: skip
BUILD_DONE = "Index {generation} en service, construit en {seconds} s."
BUILD_SAME = "L’index était déjà à jour."
BUILD_FAULTS = {
    "busy": "Une autre construction est en cours : réessayez dans un instant.",
    "disk": "Le disque refuse l’écriture ; l’index précédent reste en service.",
    "corpus": "Un document de la bibliothèque empêche la construction : voyez « Contrôler ».",
    "other": "La construction a échoué ({kind}) ; l’index précédent reste en service.",
}
GENERATIONS = "Versions de l’index"
GENERATION_ROW = "{generation} · {day} · {passages}"
GENERATION_CURRENT = "en service"
GENERATION_DAMAGED = "endommagée"
GENERATION_WITHDRAWN = "écartée"
ROLLBACK = "Revenir à cette version"
ROLLBACK_LEAD = (
    "Les réponses viendront de cette version, avec les documents qu’elle contient ; les versions "
    "plus récentes sont écartées."
)
ROLLBACK_CHOICE = "Version à remettre en service"
ROLLBACK_CONFIRM = "Je confirme le retour à cette version"
ROLLED_BACK = "Index {generation} remis en service."
ROLLBACK_NONE = "Il n’y a pas de version antérieure."
HEALTH = "Contrôler l’index et les documents"
HEALTH_LEAD = "Chaque fichier est relu et comparé à son empreinte."
HEALTH_OK = {
    "index": "Index : chaque fichier correspond à son empreinte.",
    "sources": "Documents : chaque fichier est présent, inchangé et lisible.",
    "fresh": "L’index correspond aux documents.",
    "audit": "Journal des actes : entier.",
}
HEALTH_FAULT = {
    "index": "Index : {n} défaut(s). Reconstruisez-le, ou revenez à une version antérieure.",
    "sources": "Documents : {n} point(s) à regarder.",
    "fresh": "L’index ne correspond plus aux documents : reconstruisez-le.",
    "audit": "Journal des actes : {n} défaut(s). Comparez-le avec une copie.",
}
HEALTH_DETAIL = "Détail technique"
JOURNAL_LEAD = "Qui a fait quoi, sur quel document, quand. Jamais le texte d’une question."
JOURNAL_NONE = "Aucun acte n’a encore été fait."
JOURNAL_HEAD = "| Date (UTC) | Qui | Acte | Document | Index |"
JOURNAL_LAST = "Empreinte de la dernière ligne, à noter ailleurs : `{sha256}`"
JOURNAL_ADMIN = "Le journal est réservé à l’administration."
ACTS = {
    "stage": "mise en attente", "preview": "lecture", "approve": "approbation",
    "discard": "mise à l’écart", "withdraw": "retrait", "build": "construction de l’index",
    "rollback": "retour à une version", "submit": "réponse soumise", "judge": "avis",
    "delete-review": "effacement d’une réponse", "export": "export", "login": "connexion",
    "refused": "accès refusé", "recovered": "reprise après coupure",
}  # fmt: skip

set_in_french(globals())
