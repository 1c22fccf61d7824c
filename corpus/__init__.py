"""What do we know? Sources, their repaired text, and the passages cut from it.

The dataclasses of this stage are in :mod:`corpus.passage`; one parser a kind of document
(:mod:`corpus.guide`, :mod:`corpus.law`, :mod:`corpus.decisions`) turns a source into a
:class:`~corpus.passage.Document`; :mod:`corpus.library` reads a folder of sources.

French terms of law kept in the code, having no exact English equivalent: *considérant*,
*dispositif*, *alinéa*, *réquisition*, *signalement*.
"""
