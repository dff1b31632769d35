"""Rollouts and experiments: records that change while they run, each time together with the routing record."""

from typing import TypeVar

import msgspec

from fraud.clock import parse_rfc3339
from fraud.traffic.experiment import STOPPED, Experiment
from fraud.traffic.figures import Figures, combined
from fraud.traffic.rollout import ABORTED, RUNNING, Rollout, Verdict
from fraud.traffic.routing import Cause, Routing
from fraud.versions import keys
from fraud.versions.registry.table import Item, Table

VERDICTS_KEPT_SECONDS = 90 * 86_400
Beside = TypeVar("Beside", Rollout, Experiment)


class BesideRecords(Table):
    """What runs, or ran, beside an active version."""

    def rollout(self, rollout_id: str) -> Rollout | None:
        """One rollout, or None."""
        return self._beside(rollout_id, Rollout)

    def rollouts(self, limit: int) -> list[Rollout]:
        """Rollouts, newest first."""
        return self._listed(keys.ROLLOUT_LIST, Rollout, limit)

    def experiment(self, experiment_id: str) -> Experiment | None:
        """One experiment, or None."""
        return self._beside(experiment_id, Experiment)

    def experiments(self, limit: int) -> list[Experiment]:
        """Experiments, newest first."""
        return self._listed(keys.EXPERIMENT_LIST, Experiment, limit)

    def begun(self, record: Rollout | Experiment) -> list[Item]:
        """The transaction items of a new one."""
        partition, name = _place(record), _id(record)
        listed = {"pk": partition, "sk": f"{record.started_at}#{name}", "id": name}
        return [self.put_new(_item(record)), self.put_new(listed)]

    def changed(self, record: Rollout | Experiment) -> Item:
        """The transaction item that stores one that was still running."""
        return self.put(_item(record), "#state = :running", {":running": RUNNING}, "state")

    def ending(self, current: Routing, cause: Cause, state: str = ABORTED) -> list[Item]:
        """The transaction items that end whatever is beside the active version; none when nothing is."""
        if current.split is None:
            return []
        rollout, experiment = self.rollout(current.split.of), self.experiment(current.split.of)
        if rollout:
            return [self.changed(ended(rollout, cause, state))]
        if experiment:
            return [self.changed(ended(experiment, cause, state))]
        raise LookupError(f"routing revision {current.revision} names {current.split.of}, which is not stored")

    def save_verdict(self, rollout_id: str, verdict: Verdict) -> None:
        """Keep what a look at a rollout came to; looking twice at the same moment is one look."""
        expires = int(parse_rfc3339(verdict.at).timestamp()) + VERDICTS_KEPT_SECONDS
        item = {
            "pk": keys.beside_pk(rollout_id),
            "sk": keys.verdict_sk(verdict.at),
            "verdict": msgspec.json.encode(verdict).decode(),
            "expires_at": expires,
        }
        self.transact([self.put_any(item)])

    def verdicts(self, rollout_id: str, limit: int) -> list[Verdict]:
        """The looks at a rollout, newest first."""
        items = self.query(keys.beside_pk(rollout_id), prefix=keys.VERDICT, newest_first=True)
        return [
            msgspec.json.decode(item["verdict"], type=Verdict) for item, _ in zip(items, range(limit), strict=False)
        ]

    def tally(self, rollout_id: str, batch: str, candidate: Figures, active: Figures) -> None:
        """Add what a shadow and the active version did on one batch of requests; once a batch."""
        text = msgspec.json.encode((candidate, active)).decode()
        self.transact([self.put_new({"pk": keys.beside_pk(rollout_id), "sk": keys.tally_sk(batch), "tally": text})])

    def shadowed(self, rollout_id: str) -> tuple[Figures, Figures]:
        """The sums of all tallies: of the shadow and of the active version on the same requests."""
        items = self.query(keys.beside_pk(rollout_id), prefix=keys.TALLY)
        found = [msgspec.json.decode(item["tally"], type=tuple[Figures, Figures]) for item in items]
        return combined(one for one, _ in found), combined(other for _, other in found)

    def _beside(self, name: str, kind: type[Beside]) -> Beside | None:
        item = self.get(keys.beside_pk(name), keys.META)
        return msgspec.json.decode(item["record"], type=kind) if item and item["kind"] == kind.__name__ else None

    def _listed(self, partition: str, kind: type[Beside], limit: int) -> list[Beside]:
        names = (item["id"] for item in self.query(partition, newest_first=True))
        found = (self._beside(name, kind) for name, _ in zip(names, range(limit), strict=False))
        return [one for one in found if one]


def ended(record: Beside, cause: Cause, state: str = ABORTED) -> Beside:
    """The record when it has ended; an experiment knows one end only."""
    final = STOPPED if isinstance(record, Experiment) else state
    return msgspec.structs.replace(record, state=final, ended_at=cause.at, ended_by=cause.by, outcome=cause.why)


def _id(record: Rollout | Experiment) -> str:
    return record.rollout_id if isinstance(record, Rollout) else record.experiment_id


def _place(record: Rollout | Experiment) -> str:
    return keys.ROLLOUT_LIST if isinstance(record, Rollout) else keys.EXPERIMENT_LIST


def _item(record: Rollout | Experiment) -> Item:
    return {
        "pk": keys.beside_pk(_id(record)),
        "sk": keys.META,
        "kind": type(record).__name__,
        "state": record.state,
        "record": msgspec.json.encode(record).decode(),
    }
