"""What may be said? Answers whose every sentence carries a checked, verbatim citation."""
