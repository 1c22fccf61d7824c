"""A second corpus, which neither weights nor concepts have seen: French administrative questions.

Fifty procedures of everyday life, each told in the administration's words (title and seven
passages), each asked about in people's words: 350 passages and as many questions, made by template,
always the same. No question repeats its passage's wording on purpose; what they share is chance.
``python -m evaluation.second_corpus`` prints BM25 alone beside the whole retriever, whose weights
were fitted elsewhere.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

from corpus.passage import Passage
from evaluation.bootstrap import paired
from index.analysis import words
from index.dense import Dense, texts_of
from index.encoder import Encoder, load_encoder
from index.lexical import Lexical
from index.retriever import Retriever
from index.spelling import Spelling

# (the administration's name with its article, people's name for it)
PROCEDURES: tuple[tuple[str, str], ...] = (
    ("le certificat d’immatriculation du véhicule", "une carte grise"),
    ("la carte nationale d’identité", "une pièce d'identité"),
    ("le passeport biométrique", "mon passeport pour voyager"),
    ("le permis de conduire", "le droit de conduire une voiture"),
    ("le revenu de solidarité active", "le RSA"),
    ("l’aide personnalisée au logement", "l'APL pour mon loyer"),
    ("l’acte de naissance", "un extrait de naissance"),
    ("l’acte de décès", "un papier qui prouve que mon père est mort"),
    ("le pacte civil de solidarité", "se pacser"),
    ("la célébration du mariage civil", "se marier à la mairie"),
    ("la reconnaissance anticipée de l’enfant", "reconnaître mon bébé avant qu'il naisse"),
    ("l’inscription sur les listes électorales", "pouvoir voter"),
    ("le vote par procuration", "faire voter quelqu'un à ma place"),
    ("le permis de construire", "bâtir une maison"),
    ("la déclaration préalable de travaux", "monter un abri de jardin"),
    ("la taxe foncière sur les propriétés bâties", "l'impôt du propriétaire"),
    ("la déclaration annuelle des revenus", "déclarer mes impôts"),
    ("l’allocation d’aide au retour à l’emploi", "toucher le chômage"),
    ("la pension de retraite du régime général", "partir à la retraite"),
    ("la pension de réversion", "la retraite de mon mari décédé"),
    ("l’allocation aux adultes handicapés", "l'AAH"),
    ("la carte mobilité inclusion mention stationnement", "se garer sur une place handicapé"),
    ("l’allocation personnalisée d’autonomie", "une aide pour ma mère âgée à la maison"),
    ("le congé de maternité", "arrêter de travailler pour accoucher"),
    ("le congé de paternité et d’accueil de l’enfant", "un papa qui reste avec son nouveau-né"),
    ("la rupture conventionnelle du contrat de travail", "quitter mon poste d'un commun accord"),
    ("la validation des acquis de l’expérience", "un diplôme grâce à ce que je sais faire"),
    ("le compte personnel de formation", "mes heures pour apprendre un métier"),
    ("la bourse sur critères sociaux de l’enseignement supérieur", "de l'argent pour étudiant"),
    ("l’inscription à l’école élémentaire publique", "mettre ma fille au CP"),
    ("la restauration scolaire municipale", "la cantine"),
    ("la place en établissement d’accueil du jeune enfant", "une place en crèche"),
    ("la carte européenne d’assurance maladie", "être soigné en vacances en Espagne"),
    ("la complémentaire santé solidaire", "une mutuelle gratuite"),
    ("la carte Vitale", "la carte verte de la sécu"),
    ("le changement d’adresse auprès des administrations", "dire que j'ai déménagé"),
    ("le changement de prénom", "ne plus m'appeler comme à la naissance"),
    ("la demande de naturalisation par décret", "devenir français"),
    ("le titre de séjour pluriannuel", "rester en France quand on est étranger"),
    ("l’extrait de casier judiciaire", "montrer que je n'ai jamais été condamné"),
    ("l’aide juridictionnelle", "un avocat que je ne peux pas payer"),
    ("la saisine du conciliateur de justice", "régler une dispute avec le voisin"),
    ("la déclaration de perte ou de vol", "j'ai égaré mes papiers"),
    ("le permis de chasser", "chasser le gibier"),
    ("la carte de pêche", "attraper des truites"),
    ("l’autorisation d’occupation du domaine public", "sortir une terrasse sur le trottoir"),
    ("l’immatriculation au registre du commerce", "ouvrir une boutique"),
    ("la déclaration de début d’activité du micro-entrepreneur", "être auto-entrepreneur"),
    ("la concession funéraire", "une tombe au cimetière"),
    ("la mise en fourrière du véhicule", "ma voiture a été enlevée"),
)

# aspect → (passage in the administration's words, question in people's words)
ASPECTS: tuple[tuple[str, str, str], ...] = (
    ("Coût", "S’agissant des frais, {f} donne lieu à la perception d’un droit de {n} euros, "
     "acquitté par timbre dématérialisé.", "c'est combien pour {l} ?"),
    ("Délai", "En ce qui concerne l’instruction, {f} intervient au terme de {n} semaines à compter "
     "du dépôt du dossier complet.", "il faut attendre longtemps pour {l} ?"),
    ("Pièces justificatives", "Le demandeur produit, pour {f}, un justificatif de domicile de "
     "moins de {n} mois et deux photographies.", "quels papiers apporter pour {l} ?"),
    ("Autorité compétente", "Relève de la compétence du service situé au guichet {n} toute demande "
     "portant sur {f}.", "à qui s'adresser pour {l} ?"),
    ("Durée de validité", "Une fois accordé, {f} produit effet pendant {n} ans et se renouvelle "
     "par une nouvelle démarche.", "{l}, c'est bon jusqu'à quand ?"),
    ("Voies de recours", "Le rejet opposé à une demande relative à {f} se conteste devant le "
     "tribunal administratif dans les {n} semaines.", "on m'a refusé {l}, que faire ?"),
    ("Conditions", "Peuvent seules prétendre à {f} les personnes résidant régulièrement sur le "
     "territoire depuis {n} mois.", "qui a droit à {l} ?"),
)  # fmt: skip

K = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the one passage that answers it."""

    text: str
    passage: str


def corpus() -> tuple[tuple[Passage, ...], tuple[Asked, ...]]:
    """The passages and the questions, in the same order."""
    passages, asked = [], []
    for i, (formal, lay) in enumerate(PROCEDURES):
        for j, (aspect, told, question) in enumerate(ASPECTS):
            text = told.format(f=formal, n=2 + (7 * i + 3 * j) % 11)
            name = f"administration/{i + 1}/{j + 1}"
            title = f"{formal[:1].upper()}{formal[1:]}"
            passages.append(
                Passage(
                    id=name, kind="guide", ref=f"Guide, « {title} »", title=aspect,
                    section=(title, aspect), text=text, source="administration",
                    start=0, end=len(text),
                )
            )  # fmt: skip
            asked.append(Asked(question.format(l=lay), name))
    return tuple(passages), tuple(asked)


def retriever(passages: tuple[Passage, ...], encoder: Encoder) -> Retriever:
    """The product's retriever over these passages."""
    texts = texts_of(passages)
    counts = Counter(w.form for p in passages for w in words(p.text) if not w.exact)
    vectors = encoder.encode_passages(texts.texts)
    dense = Dense.build(vectors, texts.owners, len(passages))
    return Retriever(passages, Lexical.build(passages), dense, encoder, Spelling(counts))


def found_at(encoder: Encoder) -> dict[str, list[float]]:
    """For each system, 1 for each question whose passage is among the first `K`."""
    passages, asked = corpus()
    whole = retriever(passages, encoder)
    ways: dict[str, dict[str, float] | None] = {
        "BM25 alone": {"words": 1.0},
        "dense alone": {"dense": 1.0},
        "whole": None,
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    order = np.arange(len(passages))
    for question in asked:
        evidence = whole.evidence(whole.read(question.text))
        for name, weights in ways.items():
            scores = whole.fused(evidence, weights)
            best = np.lexsort((order, -scores))[:K].tolist()
            found[name].append(float(question.passage in {passages[row].id for row in best}))
    return found


def main() -> int:
    """Print recall at `K` and the paired difference between the whole and BM25."""
    found = found_at(load_encoder())
    for name, values in found.items():
        print(f"{name:12s} R@{K} {sum(values) / len(values):.3f} ({len(values)} questions)")
    # The questions of one procedure share its names: they are one group.
    groups = [str(i // len(ASPECTS)) for i in range(len(found["whole"]))]
    one = paired(found["BM25 alone"], found["whole"], groups)
    assert one is not None
    low, high = one.difference.low, one.difference.high
    print(f"whole – BM25 {one.difference.mean:+.3f} ({low:+.3f} to {high:+.3f}, 95 %)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
