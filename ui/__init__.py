"""What does a person see? One file a page; every French word in ``ui.wording``."""
