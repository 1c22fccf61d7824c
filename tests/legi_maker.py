"""Writes LEGI articles from the DTD of the open data."""

from __future__ import annotations

import io
import tarfile
from html import escape

CODES = {"CSP": "LEGITEXT000006072665", "CP": "LEGITEXT000006070719"}
TITLES = {"CSP": "Code de la santé publique", "CP": "Code pénal"}


def article(
    number: str = "R4321-55",
    state: str = "VIGUEUR",
    start: str = "2008-11-05",
    end: str = "2999-01-01",
    *,
    identifier: str = "LEGIARTI000019727851",
    code: str = "CSP",
    body: str = "<p>Le secret professionnel s'impose au masseur-kinésithérapeute.</p>",
    nota: str = "",
) -> str:
    """One version, as an XML file of the LEGI data."""
    cid = CODES[code]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ARTICLE>
<META>
<META_COMMUN><ID>{identifier}</ID><ANCIEN_ID/><ORIGINE>LEGI</ORIGINE>
<URL>article/LEGI/ARTI/{identifier}.xml</URL><NATURE>Article</NATURE></META_COMMUN>
<META_SPEC><META_ARTICLE><NUM>{escape(number)}</NUM><ETAT>{state}</ETAT>
<DATE_DEBUT>{start}</DATE_DEBUT><DATE_FIN>{end}</DATE_FIN>
<TYPE>AUTONOME</TYPE></META_ARTICLE></META_SPEC>
</META>
<CONTEXTE><TEXTE cid="{cid}" nature="CODE" date_publi="2999-01-01">
<TITRE_TXT c_titre_court="{TITLES[code]}" id_txt="{cid}"
 debut="2003-06-11" fin="2999-01-01">{TITLES[code]}</TITRE_TXT>
<TM><TITRE_TM id="LEGISCTA000006145789"
 debut="2004-08-08" fin="2999-01-01">Partie réglementaire</TITRE_TM>
<TM><TITRE_TM id="LEGISCTA000019727840"
 debut="2008-11-05" fin="2999-01-01">Sous-section 2 : Devoirs envers les patients</TITRE_TM></TM>
</TM>
</TEXTE></CONTEXTE>
<VERSIONS><VERSION etat="{state}"><LIEN_ART id="{identifier}" num="{escape(number)}"
 debut="{start}" fin="{end}" etat="{state}" origine="LEGI"/></VERSION></VERSIONS>
<NOTA><CONTENU>{nota}</CONTENU></NOTA>
<BLOC_TEXTUEL><CONTENU>{body}</CONTENU></BLOC_TEXTUEL>
<LIENS><LIEN cidtexte="JORFTEXT000019727" sens="source" typelien="CITATION"
 naturetexte="DECRET" id="" num="2008-1135"/></LIENS>
</ARTICLE>
"""


def member(code: str, identifier: str) -> str:
    """Path of a version inside the published archive."""
    cid = CODES.get(code, code)
    above = "legi/global/code_et_TNC_en_vigueur/code_en_vigueur/LEGI/TEXT"
    return f"{above}/{cid}/article/LEGI/ARTI/{identifier}.xml"


def archive(members: dict[str, bytes]) -> bytes:
    """A ``.tar.gz`` as the publisher makes them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()
