"""Many rows at once: as lists for what goes through them one by one, and side by side in memory for the kernel."""

from collections.abc import Sequence
from functools import cached_property
from struct import Struct


class Rows:
    """Rows of `width` numbers; ValueError for one of another length."""

    def __init__(self, lists: Sequence[Sequence[float]], width: int) -> None:
        wrong = next((row for row in lists if len(row) != width), None)
        if wrong is not None:
            raise ValueError(f"the row holds {len(wrong)} numbers, the model reads {width}")
        self.lists, self.width, self.count = lists, width, len(lists)

    @cached_property
    def packed(self) -> bytes:
        """The rows one after the other as float64."""
        pack = Struct(f"{self.width}d").pack
        return b"".join([pack(*row) for row in self.lists])
