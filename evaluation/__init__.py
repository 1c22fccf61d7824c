"""How good is it? Gold questions, metrics that code can check, baselines and reports."""
