"""The cases of Russian names: a stemmer takes "Вьетнам" for a case of its own, and so no other for the same word."""

_ENDINGS = {
    "ия": ("ии", "ию", "ией"),
    "й": ("я", "ю", "ем", "е"),
    "ь": ("и", "ью"),
    "на": ("ны", "не", "ну", "ной"),
    "ла": ("лы", "ле", "лу", "лой"),
    "ея": ("еи", "ее", "ею"),
    "ка": ("ки", "ке", "ку", "кой"),
    "та": ("ты", "те", "ту", "той"),
    "ва": ("вы", "ве", "ву", "вой"),
    "ра": ("ры", "ре", "ру", "рой"),
    "ба": ("бы", "бе", "бу", "бой"),
    "да": ("ды", "де", "ду", "дой"),
}
_CONSONANTS = frozenset("бвгджзклмнпрстфхцчшщ")


def cases(name: str) -> tuple[str, ...]:
    """Return the cases of *name*, one Russian word, that do not look like it; none of an unchanging name."""
    for ending, others in _ENDINGS.items():
        if name.endswith(ending):
            return tuple(name.removesuffix(ending) + other for other in others)
    return tuple(name + other for other in ("а", "у", "ом", "е")) if name[-1:] in _CONSONANTS else ()


def adjective(city: str) -> tuple[str, ...]:
    """Return what is said of a *city* whose name ends in a consonant: "бишкекский"; nothing for others."""
    return (f"{city}ский",) if city[-1:] in _CONSONANTS else ()
