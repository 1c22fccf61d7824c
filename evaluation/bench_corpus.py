"""Passages beyond the guide, to measure cost at sizes that the guide does not reach. Seeded.

They are made, not collected: each passage belongs to one of many subjects, and draws its words
from that subject's own small vocabulary, inside sentences of French legal prose. Their length
(about 45 words), their skewed word frequencies and their subjects give an index work of a
realistic shape; their *meaning* is none, so they say nothing about the quality of answers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

SEED = 2024

_FRAMES = (
    "Le {n} {a} doit {v} {l} {n2} dans un délai de {num} jours, sauf lorsque {l2} {n3} {a2} y fait "
    "obstacle.",
    "Sous réserve de l’article {art}, {l} {n} ne peut {v} le {n2} {a} sans l’accord du {n3}.",
    "Il appartient au {n} de {v} {l} {n2}, de {v2} le {n3} et d’en informer {l2} {n4} {a}.",
    "Considérant que {l} {n} {a} a pu {v} le {n2} le {num} {month} {year}, {l2} {n3} est fondé à "
    "{v2} cette décision.",
    "En cas de {n}, {l} {n2} {a} peut {v} ; {l2} {n3} en conserve la trace pendant {num} mois.",
    "La chambre retient que le {n} {a} n’a pas su {v} {l} {n2}, et prononce {num} mois de {n3}.",
)
_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()
_STEMS = (
    "patient dossier secret certificat soin cabinet contrat expert juge tribunal ordre conseil "
    "assurance prescription consentement mineur tuteur famille décès autopsie réquisition "
    "plainte enquête preuve témoin audience sanction avertissement blâme radiation appel délai "
    "notification convention honoraire remboursement facture logiciel fichier donnée "
    "sauvegarde réseau courriel "
    "hébergement archive clinique hôpital service équipe infirmier médecin pharmacien dentiste "
    "sage-femme étudiant stagiaire remplaçant collaborateur associé salarié employeur inspection "
    "médiation conciliation arbitrage séquestre bail local signalement danger violence enfant "
    "protection mandat curatelle pension prestation rente barème expertise consolidation séquelle "
    "accident maladie douleur rééducation bilan diagnostic traitement protocole essai recherche "
    "comité avis éthique publicité site plaque annuaire diplôme inscription tableau section"
).split()
_PREFIXES = ("", "", "", "sous-", "contre-", "télé", "bio", "socio-", "auto", "inter")
_VERBS = (
    "transmettre conserver communiquer refuser examiner signaler notifier contester remettre "
    "saisir informer vérifier établir produire détruire restituer différer motiver publier "
    "déclarer"
).split()
_ADJECTIVES = (
    "disciplinaire médical provisoire contradictoire préalable exprès écrit national départemental "
    "libéral hospitalier numérique confidentiel urgent tardif régulier nominatif partiel collectif"
).split()
_ARTICLES = ("le", "chaque", "tout", "ce", "un")


def passages(count: int, seed: int = SEED) -> Iterator[str]:
    """Passages, always the same ones for a seed: those of a small count begin a larger one.

    Args:
        count: How many.
        seed: Of the generator.
    """
    subjects = _subjects(seed)
    rng = random.Random(seed + 1)  # noqa: S311 - synthetic text, no secret depends on it
    for _ in range(count):
        subject = subjects[min(int(rng.paretovariate(0.7)) - 1, len(subjects) - 1)]
        if rng.random() < 0.5:
            subject = rng.choice(subjects)
        yield " ".join(_sentence(rng, subject) for _ in range(rng.randint(1, 3)))


def queries(count: int, seed: int = SEED) -> list[str]:
    """Questions on the same subjects, none of which is a passage."""
    subjects = _subjects(seed)
    rng = random.Random(seed + 2)  # noqa: S311 - synthetic text
    return [_query(rng, rng.choice(subjects)) for _ in range(count)]


def _subjects(seed: int) -> list[Sequence[str]]:
    rng = random.Random(seed)  # noqa: S311 - synthetic text
    nouns = [prefix + stem for prefix in dict.fromkeys(_PREFIXES) for stem in _STEMS]
    return [rng.sample(nouns, 12) for _ in range(4000)]


def _sentence(rng: random.Random, nouns: Sequence[str]) -> str:
    n, n2, n3, n4 = rng.sample(nouns, 4)
    return rng.choice(_FRAMES).format(
        n=n, n2=n2, n3=n3, n4=n4, a=rng.choice(_ADJECTIVES), a2=rng.choice(_ADJECTIVES),
        v=rng.choice(_VERBS), v2=rng.choice(_VERBS), l=rng.choice(_ARTICLES),
        l2=rng.choice(_ARTICLES), num=rng.randint(2, 90), year=rng.randint(1990, 2026),
        month=rng.choice(_MONTHS), art=f"{rng.choice('LRD')}. {rng.randint(1000, 6999)}-"
        f"{rng.randint(1, 140)}",
    )  # fmt: skip


def _query(rng: random.Random, nouns: Sequence[str]) -> str:
    n, n2, n3 = rng.sample(nouns, 3)
    verb, adjective = rng.choice(_VERBS), rng.choice(_ADJECTIVES)
    return rng.choice(
        (
            f"Puis-je {verb} le {n} {adjective} au {n2} quand il y a un {n3} ?",
            f"{n} {n2} {adjective} {verb} {n3}",
            f"Qui doit {verb} le {n} si le {n2} {adjective} manque, et le {n3} ?",
        )
    )
