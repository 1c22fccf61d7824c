"""A page that fails with a question in its exception, for the browser tests."""

raise ValueError("Mon patient Zébulon-4471 demande son dossier")
