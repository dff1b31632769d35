"""Experiments: begin and stop, each one transaction with the routing record; and their results."""

import msgspec

from fraud.clock import now, parse_rfc3339, ulid
from fraud.errors import ConflictError, InvalidRequestError, NotFoundError, Problem
from fraud.traffic import routing
from fraud.traffic.assignment import parts
from fraud.traffic.experiment import RUNNING, Experiment
from fraud.traffic.figures import Figures, FiguresSource
from fraud.traffic.results import Results, results
from fraud.traffic.routing import Routing, Split
from fraud.versions import lifecycle
from fraud.versions.changes import cause, refuse_second, settle
from fraud.versions.driver import settled
from fraud.versions.registry import Registry


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared, and how; without `control` the active version, which is the only one it may be."""

    name: str
    treatment: str
    control: str | None
    split: float
    metric: str
    owner: str
    salt: str


def begin(registry: Registry, design: Design, *, by: str, why: str) -> Experiment:
    """Let the treatment answer its share of entities beside the active version.

    Raises VersionNotFoundError, VersionNotReadyError, InvalidRequestError, and ConflictError when nothing is active,
    the control is not the active version, or something is beside it already.
    """
    for version in filter(None, (design.treatment, design.control)):
        registry.version(version)

    def attempt() -> Experiment:
        current, told = registry.routing(), cause(by, why)
        refuse_second(current)
        control = _control(current, design)
        experiment = Experiment(
            experiment_id=ulid(),
            by=by,
            reason=why,
            started_at=told.at,
            **{**msgspec.structs.asdict(design), "control": control.active},
        )
        split = Split(experiment.experiment_id, routing.EXPERIMENT, design.treatment, parts(design.split), design.salt)
        following = routing.beside(control, split, told, routing.EXPERIMENT)
        registry.move(control, following, registry.begun(experiment))
        return experiment

    return settle(attempt)


def stop(registry: Registry, experiment_id: str, *, by: str, why: str) -> Experiment:
    """End a running experiment; the active version goes on alone. NotFoundError, ConflictError when it has ended."""

    def attempt() -> Experiment:
        current, experiment = registry.routing(), found(registry, experiment_id)
        if current is None or current.split is None or current.split.of != experiment_id:
            raise ConflictError(f"experiment {experiment_id} has ended", code="already_ended")
        lifecycle.end_beside(registry, current, cause(by, why))
        return found(registry, experiment.experiment_id)

    return settle(attempt)


def found(registry: Registry, experiment_id: str) -> Experiment:
    """The experiment; raises NotFoundError."""
    experiment = registry.experiment(experiment_id)
    if experiment is None:
        raise NotFoundError(f"there is no experiment {experiment_id}")
    return experiment


def shown(experiment: Experiment, source: FiguresSource) -> Results:
    """What it shows, from its first full minute to its end or now."""
    since = settled(parse_rfc3339(experiment.started_at))
    until = now() if experiment.state == RUNNING else parse_rfc3339(str(experiment.ended_at))

    def figures(version: str) -> Figures:
        if since >= until:
            return Figures()
        counted = source.figures(version, since, until)
        return msgspec.structs.replace(counted, labels=source.labels(version, since))

    return results(experiment, figures(experiment.control), figures(experiment.treatment))


def _control(current: Routing | None, design: Design) -> Routing:
    if current is None:
        raise ConflictError("nothing is active to compare with", code="nothing_active")
    if design.control not in (None, current.active):
        words = f"the control must be the active version {current.active}, not {design.control}"
        raise ConflictError(words, code="control_not_active")
    if design.treatment == current.active:
        problem = Problem("treatment", f"{design.treatment} is the active version: name another")
        raise InvalidRequestError(problem["problem"], details=[problem])
    return current
