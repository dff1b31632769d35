"""An experiment: two versions side by side until somebody stops it, and what they show so far."""

import msgspec

RUNNING, STOPPED = "running", "stopped"
EXPERIMENT = "experiment"


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """The control is the version active when it began; `split` is the percentage of entities the treatment answers."""

    experiment_id: str
    name: str
    control: str
    treatment: str
    split: float
    metric: str
    owner: str
    salt: str
    by: str
    reason: str
    started_at: str
    state: str = RUNNING
    ended_at: str | None = None
    ended_by: str | None = None
    outcome: str = ""
