"""One version, whatever is live: for work that must be answered by the same model from beginning to end."""

from typing import Protocol

from fraud.scoring.live import Lineup, LiveModels, ServingModel


class Lineups(Protocol):
    """Who says which models answer: `LiveModels`, or `Pinned`."""

    def lineup(self) -> Lineup: ...


class Alone(Lineup):
    """A line-up of one model."""

    def __init__(self, model: ServingModel) -> None:
        self.active, self.candidate = model, None


class Pinned:
    """The line-up of one named version, from the cache of those that are live."""

    def __init__(self, models: LiveModels, version: str) -> None:
        self._models, self._version = models, version

    def lineup(self) -> Lineup:
        """The version alone; raises what loading it raises."""
        return Alone(self._models.load(self._version))
