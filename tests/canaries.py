"""Asks questions in a process of its own and tells what it did to the outside.

    python tests/canaries.py INDEX COUNT [--ordinary] [--log FILE]

Each question holds a canary, or with ``--ordinary`` is one that anybody may ask. An audit hook
notes every socket that Python makes; with ``--log`` every logger writes everything, at its most
talkative, to FILE. Prints a JSON summary.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

sockets: list[str] = []

TEMPLATES = (
    "Que dit l’article 226-13 du code pénal ? Il s’agit de Zyxqvw{n}.",
    "Que risque un kinésithérapeute qui viole le secret professionnel ? Zyxqvw{n}",
    "Le secret s’applique-t-il après la mort du patient ? (dossier Zyxqvw{n})",
    "Mon patient Zyxqvw{n} est séropositif : dois-je prévenir son employeur ?",
    "Qui gagnera la coupe du monde, Zyxqvw{n} ?",
)

ORDINARY = (
    "Que risque un kinésithérapeute qui viole le secret professionnel ?",
    "Le secret s’applique-t-il après la mort du patient ?",
    "Puis-je partager des informations avec le médecin traitant ?",
    "Que dit l’article 226-13 du code pénal ?",
    "Que dit l’article R. 4321-55 du code de la santé publique ?",
    "Que dit l’article L. 1110-4 du code de la santé publique ?",
    "Que dit l’article 226-14 du code pénal ?",
    "Le secret vaut-il aussi pour un stagiaire ?",
    "Que faire face à une réquisition de la police ?",
    "Puis-je signaler un mineur maltraité au procureur ?",
    "Le secret médical s’impose-t-il entre kinésithérapeutes ?",
    "Qu’est-ce que le secret partagé ?",
    "Dois-je témoigner devant un juge ?",
    "Les ayants droit peuvent-ils lire le dossier du patient décédé ?",
    "Quelles informations le secret couvre-t-il ?",
    "Quelles sont les dérogations au secret professionnel ?",
    "Le patient peut-il délier le kinésithérapeute du secret ?",
    "Le secret s’impose-t-il dans des locaux partagés ?",
    "Qu’a décidé la chambre le 4 juin 2021 ?",
    "Que dit l’article R. 4321-115 du code de la santé publique ?",
)


def hear(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what opens or uses a socket."""
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        sockets.append(event)


def main() -> None:
    """Ask, then report."""
    place, count = sys.argv[1], int(sys.argv[2])
    if "--log" in sys.argv:
        logging.basicConfig(filename=sys.argv[-1], level=logging.DEBUG, force=True)
    sys.addaudithook(hear)
    from qa.errors import QuestionError
    from qa.pipeline import Engine

    engine = Engine.open(place)
    outcomes = {"answered": 0, "refused": 0, "errors": 0}
    templates = ORDINARY if "--ordinary" in sys.argv else TEMPLATES
    for number in range(count):
        text = templates[number % len(templates)].format(n=number)
        outcome = engine.ask(text)
        outcomes["answered" if outcome.answered else "refused"] += 1
        try:  # what cannot be read must not be repeated either
            engine.ask(text * 100)
        except QuestionError as error:
            logging.getLogger("canaries").exception("refused")
            outcomes["errors"] += 1
            assert "Zyxqvw" not in str(error)
    print(json.dumps({**outcomes, "sockets": sockets}))


if __name__ == "__main__":
    main()
