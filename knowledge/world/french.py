"""The forms of French adjectives, which no stemmer of ours brings together."""


def forms(adjective: str) -> tuple[str, ...]:
    """Return a regular *adjective*, given in its first form, with its feminine and both plurals."""
    if adjective.endswith("e"):
        return adjective, f"{adjective}s"
    feminine = f"{adjective}ne" if adjective.endswith(("ien", "éen")) else f"{adjective}e"
    plural = adjective if adjective.endswith("s") else f"{adjective}s"
    return adjective, feminine, plural, f"{feminine}s"
