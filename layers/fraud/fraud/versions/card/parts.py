"""The few kinds of things a card is made of."""

from typing import Literal

import msgspec

PictureName = Literal["precision_recall", "calibration", "scores"]


class Words(msgspec.Struct, frozen=True):
    """Sentences: one paragraph, or a list of them."""

    sentences: tuple[str, ...]
    listed: bool = False


class Grid(msgspec.Struct, frozen=True):
    """A table. `numbers` are the columns that hold some; `flagged` rows want attention, and say so in words too."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: range = range(0)
    flagged: frozenset[int] = frozenset()


class Picture(msgspec.Struct, frozen=True):
    """A chart where the format can show one, with the numbers behind it."""

    name: PictureName
    behind: Grid


Part = Words | Grid | Picture


class Section(msgspec.Struct, frozen=True):
    """A heading and what stands under it."""

    heading: str
    parts: tuple[Part, ...]
