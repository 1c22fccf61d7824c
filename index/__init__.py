"""Where is it? Hybrid retrieval over the passages, stored as verified generations."""
