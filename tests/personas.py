"""Seeded questions holding identities, and legal questions holding none, to measure masking.

``python -m tests.personas`` prints the share masked, by kind. None of the surnames is in the
product's lists, and only part of the first names are; all persons and numbers are invented.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qa.identifiers import nir_key
from qa.privacy import Masked, clean, mask

SURNAMES = """Dupont Lefèvre Moreau Garnier Rousseau Nguyen Diallo Traoré Kerbrat Chevallier Boucher
    Deschamps Vasseur Poirier Marchand Berger Leroy Petit Blanc Boulanger Roy Meunier Charpentier
    Benali Haddad Mansouri Cissé Ferreira Rodrigues Kowalski Schneider Muller Weber Bianchi Rossi
    Fontaine Lacroix Dumont Picard Guérin Perrot Mercier Renault Gauthier Masson Lemaire Colin
    Delattre Vandamme Lecomte Hervé Jacquet Bourgeois Pages Texier Ollivier Carpentier""".split()
COMPOUND = (
    "Le Goff|De Oliveira|D’Almeida|N’Diaye|Saint-Martin|El Amrani|Ben Salah|Lefèvre-Martin"
    "|Le Bihan|de La Tour|Nguyen Van|Dos Santos|Van den Berg|Dupuis-Morel"
).split("|")
FIRST = """Jean Marie Pierre Nathalie Lucas Karim Fatima Léa Hugo Chloé Jean-Pierre Marie-Claude
    Michel Ophélie Kylian Aminata Gwendoline Maïwenn Côme Loïck Naël Éloane Tiphanie Séverin
    Ludivine Abdoulaye Soazig Thècle Gaétane Wilfried Perrine Mohamed Julie
    André Geneviève""".split()
CITIES = ("Paris", "Lyon", "Quimper", "Saint-Étienne", "Aix-en-Provence", "Lille")

NAMED: tuple[str, ...] = (
    "{civ} {last} me demande son dossier, ai-je le droit ?",
    "Mon patient {first} {last} est décédé, sa veuve veut le dossier",
    "la mutuelle veut le bilan de {civ} {last}, que faire ?",
    "Ma patiente s’appelle {first} {last}, son mari la frappe, puis-je signaler ?",
    "le gendarme demande si {first} {last} vient au cabinet",
    "{civ} {first} {last} a été convoqué par le juge, dois-je témoigner ?",
    "Un collègue, {first} {last}, parle de ses patients sur Facebook",
    "Puis-je parler à la mère de {first} {last} (12 ans) ?",
    "patient nommé {last}, violent, possède une arme",
    "Le Dr {last} me demande le compte rendu de {civ} {last2}",
    "Bonjour, je suis {first} {last}, kiné, puis-je transmettre le bilan à l’école ?",
    "L’employeur de {last} veut savoir s’il vient à ses séances",
)
SECOND: tuple[str, ...] = (
    "j’ai reçu un appel de l’avocat de {first} {last}, je réponds quoi ?",
    "{civ} {last}, 74 ans, m’a parlé de son projet de suicide en Suisse",
    "Est-ce que je peux dire à la fille de {civ} {last} qu’elle a raté sa séance ?",
    "{first} {last} vient le mardi ; son assureur me réclame un certificat",
    "Dossier {last} {first} : la CPAM veut le bilan",
    "ma collègue {first} a raconté la maladie de {civ} {last} en salle d’attente",
    "Le petit {first} a des bleus, sa maman {civ} {last} ne dit rien",
    "Suite à l’accident de {first} {last}, l’expert {civ} {last2} m’écrit",
    "le joueur {last} est blessé, le club demande la durée d’arrêt",
    "Concerne : {first} {last}. Puis-je répondre au juge ?",
)
UNSEEN: tuple[str, ...] = (  # written after the last change to the rules, to report on
    "Le notaire de feu {first} {last} me demande une attestation",
    "{civ} {last} et {civ} {last2} sont en instance de divorce, qui a droit au bilan ?",
    "je soigne {first} {last} depuis deux ans, il a menacé sa voisine",
    "Comment répondre au courrier de {civ} {first} {last} ?",
    "peut on parler de {last} en réunion d’équipe",
    "La directrice de l’école demande si {first} est suivie par moi",
    "un opj m’interroge sur {first} {last}",
)
STYLES = ("plain", "lower", "capitals", "flat", "no accents, lower")
CIVILITIES = ("M.", "Mme", "Mr", "Monsieur", "Madame", "Mlle", "monsieur", "madame")


@dataclass(frozen=True, slots=True)
class Planted:
    """A question, the kind planted in it, and the pieces that must not be left."""

    kind: str
    text: str
    pieces: tuple[str, ...]

    def is_masked(self) -> bool:
        """Whether no piece is left, spelt as it was planted."""
        left = mask(self.text).text
        return not any(re.search(rf"(?<!\w){re.escape(p)}(?!\w)", left) for p in self.pieces)


def nir(rng: random.Random) -> str:
    department = rng.choice([f"{rng.randint(1, 95):02d}", "2A", "2B", "97", "99"])
    department = "19" if department == "20" else department
    body = f"{rng.choice('12')}{rng.randint(20, 99):02d}{rng.randint(1, 12):02d}{department}"
    body += f"{rng.randint(1, 990):03d}{rng.randint(1, 999):03d}"
    full = f"{body}{nir_key(body):02d}"
    cuts = (full[0], full[1:3], full[3:5], full[5:7], full[7:10], full[10:13], full[13:])
    return rng.choice([
        " ".join(cuts), full, "".join(cuts[:-1]) + " " + cuts[-1], ".".join(cuts), "-".join(cuts),
        "\u00a0".join(cuts), " ".join(cuts[:-1]), full.lower(), full[:13], " ".join(cuts) + ".",
    ])  # fmt: skip


def phone(rng: random.Random) -> str:
    first = rng.choice("1234567")
    pairs = [f"{rng.randint(0, 99):02d}" for _ in range(4)]
    digits = "".join(pairs)
    return rng.choice([
        f"0{first} {' '.join(pairs)}", f"0{first}{digits}", f"0{first}.{'.'.join(pairs)}",
        f"0{first}-{'-'.join(pairs)}", f"+33 {first} {' '.join(pairs)}", f"+33{first}{digits}",
        f"0033 {first} {' '.join(pairs)}", f"+33 (0){first} {' '.join(pairs)}",
        f"0{first}/{'/'.join(pairs)}", f"0{first}{digits[:2]} {digits[2:5]} {digits[5:]}",
        f"0{first} {' '.join(pairs)}".replace(" ", "\u00a0"),
    ])  # fmt: skip


def mail(rng: random.Random) -> str:
    first, last = _flat(rng.choice(FIRST)).lower(), _flat(rng.choice(SURNAMES)).lower()
    host = rng.choice(["gmail.com", "orange.fr", "wanadoo.fr", "chu-lyon.fr", "mssante.fr"])
    user = rng.choice(
        [f"{first}.{last}", f"{first[0]}{last}{rng.randint(1, 99)}", f"{last}_{first}"]
    )
    return rng.choice([
        f"{user}@{host}", f"{user}@{host}", f"{user.upper()}@{host}", f"{user} @ {host}",
        f"{user}(at){host}", f"{user}+kine@{host}",
        f"{user} arobase {host.replace('.', ' point ')}",
    ])  # fmt: skip


def birth(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1930, 2019)
    names = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    return rng.choice([
        f"{day:02d}/{month:02d}/{year}", f"{day}/{month}/{year % 100:02d}",
        f"{day:02d}.{month:02d}.{year}",
        f"{day} {names.split()[month - 1]} {year}", f"{day:02d}-{month:02d}-{year}",
    ])  # fmt: skip


def address(rng: random.Random) -> str:
    way = rng.choice(["rue des Lilas", "avenue Victor Hugo", "bd de la Liberté",
                      "impasse du Moulin", "allée des Acacias", "place Jean Jaurès",
                      "chemin Vert"])  # fmt: skip
    number = rng.choice(["3", "12", "27 bis", "108"])
    city = f"{rng.randint(1, 95):02d}{rng.randint(0, 9)}00 {rng.choice(CITIES)}"
    return rng.choice([f"{number} {way}", f"{number}, {way}, {city}", f"{number} {way} {city}"])


def rpps(rng: random.Random) -> str:
    return f"10{rng.randint(0, 999_999_999):09d}"


def iban(rng: random.Random) -> str:
    body = "".join(rng.choice("0123456789") for _ in range(23))
    check = 98 - int("".join(str(int(c, 36)) for c in f"{body}FR00")) % 97
    full = f"FR{check:02d}{body}"
    return rng.choice([full, " ".join(full[i : i + 4] for i in range(0, len(full), 4))])


SHAPES: dict[str, tuple[Callable[[random.Random], str], tuple[str, ...]]] = {
    "NIR": (nir, ("Son numéro de sécu est {}, puis-je le donner ?", "patient {} suivi au cabinet",
                  "NIR : {}", "la caisse m’envoie une demande pour {} que répondre")),
    "TELEPHONE": (phone, ("Rappelez-moi au {}", "la patiente ({}) veut son dossier",
                          "puis-je donner le {} de mon patient à la police ?", "tel:{}")),
    "COURRIEL": (mail, ("Envoyer le bilan à {} est-il permis ?", "son adresse est {}",
                        "écrire à {} pour la réquisition", "mail : {}")),
    "NAISSANCE": (birth, ("Patient né le {} blessé", "patiente, née le {}, battue par son mari",
                          "date de naissance : {}, dossier demandé",
                          "enfant ne le {} avec des bleus")),
    "ADRESSE": (address, ("Il habite {} et possède une arme", "le patient demeure au {}",
                          "visite au {} chez une patiente", "adresse : {}")),
    "RPPS": (rpps, ("Mon RPPS est le {}", "kiné RPPS {} suspendu", "numéro {} du confrère")),
    "IBAN": (iban, ("Virement sur {}", "son IBAN {} figure au dossier")),
}  # fmt: skip


def shaped(kind: str, seed: int, count: int) -> list[Planted]:
    """Questions holding one identifier of a fixed shape; what must go is its written form."""
    rng = random.Random(f"{kind}{seed}")
    make, templates = SHAPES[kind]
    planted = []
    for _ in range(count):
        value = make(rng)
        pieces = tuple(p for p in re.split(r"[\s.\-/,]", value) if len(p) > 3) or (value,)
        planted.append(Planted(kind, rng.choice(templates).format(value), (value, *pieces)))
    return planted


def named(seed: int, count: int, templates: tuple[str, ...] = NAMED) -> list[Planted]:
    """Questions holding names, as people write them: lower case, capitals, without accents."""
    rng = random.Random(seed)
    planted = []
    for _ in range(count):
        parts = {
            "civ": rng.choice(CIVILITIES), "first": rng.choice(FIRST),
            "last": _surname(rng), "last2": _surname(rng),
        }  # fmt: skip
        template = rng.choice(templates)
        style = rng.choices(STYLES, [50, 20, 12, 8, 10])[0]
        values = {k: _styled(v, style, k) for k, v in parts.items()}
        text = template.format(**values)
        if "lower" in style:
            text = text.lower()
        text = _flat(text) if "accents" in style or style == "flat" else text
        used = [values[k] for k in ("first", "last", "last2") if f"{{{k}}}" in template]
        if "accents" in style or style == "flat":
            used = [_flat(v) for v in used]
        pieces = tuple(
            p for v in used for p in re.split(r"[\s’']", v) if len(p) > 3 and p.lower() != "dos"
        )
        planted.append(Planted(f"NOM, {style}", text, pieces))
    return planted


def _surname(rng: random.Random) -> str:
    return rng.choice(COMPOUND) if rng.random() < 0.2 else rng.choice(SURNAMES)


def _styled(value: str, style: str, field: str) -> str:
    if "lower" in style:
        return value.lower()
    return value.upper() if style == "capitals" and field.startswith("last") else value


def _flat(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


ARTICLES = ("R. 4321-55", "R4321-114", "L. 1110-4", "l1110-4", "226-13", "226-14", "R.4321-90 CSP",
            "60-1 CPP", "77-1-1 du code de procédure pénale", "132-80", "9 du code civil",
            "L. 226-3 CASF", "R. 4127-4", "56-3 du CPP", "L. 1111-5-1", "R. 4321‑55")  # fmt: skip
DECISIONS = ("décision du 4 juin 2021", "décision n° 012-2020", "décision du 29/03/2022",
             "CDPI MK, 29/03/2022, n° 2020/34-021", "CDN 27/11/2018", "décision n°2020/34-021",
             "CDN médecins du 3 juillet 2009", "chambre disciplinaire, le 26 septembre 2018",
             "loi du 30 juillet 2020", "loi n° 2020-936 du 30 juillet 2020", "loi du 4 mars 2002",
             "circulaire CRIM n°2004-04/E8 du 14 mai 2004", "jugement du 07/06/2000")  # fmt: skip
LEGAL: tuple[str, ...] = (
    "Que prévoit l’article {a} ?",
    "art {a} : le secret couvre-t-il le nom du patient ?",
    "Que dit la {d} ?",
    "La {d} s’applique-t-elle aux kinés selon l’article {a} ?",
    "quelle sanction selon {a}",
    "{a} et {d}",
    "Résumez la {d} et l’article {a}.",
    "Depuis la {d}, l’article {a} a-t-il changé ?",
    "puis-je invoquer {a} devant un OPJ ?",
)


def legal(seed: int, count: int) -> list[Planted]:
    """Legal questions; the pieces are what must be left untouched."""
    rng = random.Random(seed)
    planted = []
    for _ in range(count):
        a, d, template = rng.choice(ARTICLES), rng.choice(DECISIONS), rng.choice(LEGAL)
        pieces = [v for k, v in (("{a}", a), ("{d}", d)) if k in template]
        planted.append(Planted("legal", template.format(a=a, d=d), tuple(pieces)))
    return planted


def is_untouched(question: Planted) -> bool:
    """Whether every reference and date of a legal question is left as written."""
    left: Masked = mask(question.text)
    return all(clean(piece) in left.text for piece in question.pieces)


def _report() -> Iterator[str]:
    for kind in SHAPES:
        found = shaped(kind, 2026, 500)
        missed = [q for q in found if not q.is_masked()]
        yield f"{kind:10s} {len(found) - len(missed)} of {len(found)} masked"
        yield from (f"    {q.text}" for q in missed[:10])
    for title, templates in (("NOM", NAMED), ("second", SECOND), ("unseen", UNSEEN)):
        names = named(2026, 500, templates)
        missed = [q for q in names if not q.is_masked()]
        yield f"{title:10s} {len(names) - len(missed)} of {len(names)} masked"
        for kind in sorted({q.kind for q in names}):
            of_kind = [q for q in names if q.kind == kind]
            yield f"    {kind}: {sum(q.is_masked() for q in of_kind)} of {len(of_kind)}"
        yield from (f"    {q.text}  ->  {mask(q.text).text}" for q in missed[:20])
    questions = legal(2026, 200)
    changed = [q for q in questions if mask(q.text).spans]
    yield f"legal      {sum(not is_untouched(q) for q in questions)} of 200 lost a reference"
    yield f"           {len(changed)} of 200 had anything masked"
    yield from (f"    {q.text}  ->  {mask(q.text).text}" for q in changed[:10])


if __name__ == "__main__":
    for line in _report():
        print(line)
