"""Texts from outside, made safe to show on one line."""

import unicodedata

_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")


def one_line(text: str) -> str:
    """White space becomes single spaces; control, bidirectional and other invisible characters become U+FFFD."""
    spaced = " ".join(text.split())
    return "".join("�" if unicodedata.category(char) in _INVISIBLE else char for char in spaced)
