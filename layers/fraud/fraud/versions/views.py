"""How versions and deployments are shown to callers: plain dicts of the replies the API promises."""

from collections.abc import Iterable
from typing import Any

import msgspec

from fraud.audit.examine import Stored
from fraud.traffic.assignment import BUCKETS
from fraud.traffic.experiment import Experiment
from fraud.traffic.results import Results
from fraud.traffic.rollout import Rollout, Verdict
from fraud.traffic.routing import MOVES, Routing
from fraud.versions.condemnation import Condemnation
from fraud.versions.deployment import Deployment
from fraud.versions.registry.approvals import Approval
from fraud.versions.version import ModelVersion

View = dict[str, Any]


def version_view(
    version: ModelVersion,
    active: str | None,
    revisions: Iterable[Routing],
    condemned: Condemnation | None = None,
    approvals: Iterable[Approval] = (),
) -> View:
    """The full record with what is known about its life since."""
    told = [event for one in revisions if (event := _event(one, version.version))]
    return {
        **msgspec.to_builtins(version),
        "is_active": version.version == active,
        "threshold": version.thresholds.decision,
        "approvals": [msgspec.to_builtins(one) for one in approvals],
        "condemnation": condemnation_view(condemned) if condemned else None,
        "history": told,
    }


def deployment_view(deployment: Deployment) -> View:
    """The deployment as it stands."""
    view: View = msgspec.to_builtins(deployment)
    return view


def audit_view(stored: Stored) -> View:
    """An audit entry and where it lies."""
    return {"position": stored.position, **(msgspec.to_builtins(stored.entry) if stored.entry else {})}


def condemnation_view(condemned: Condemnation) -> View:
    """Why a version may not serve (or might not, before it was pardoned), with the verdict's numbers."""
    view: View = msgspec.to_builtins(condemned)
    return {**view, "evidence": _decoded(condemned.evidence)}


def rollout_view(rollout: Rollout, verdicts: Iterable[Verdict]) -> View:
    """A rollout with its looks, newest first."""
    return {
        **msgspec.to_builtins(rollout),
        "percent": rollout.percent,
        "verdicts": [msgspec.json.decode(msgspec.json.encode(one)) for one in verdicts],  # infinities become null
    }


def experiment_view(experiment: Experiment, shown: Results | None = None) -> View:
    """An experiment, with its results when they are given."""
    found = {"results": msgspec.json.decode(msgspec.json.encode(shown))} if shown else {}
    return {**msgspec.to_builtins(experiment), **found}


def _event(revision: Routing, version: str) -> View | None:
    replaced = revision.kind in MOVES and revision.previous == version and revision.subject != version
    if revision.subject != version and not replaced:
        return None
    return {
        "revision": revision.revision,
        "event": "replaced" if replaced else revision.kind,
        "at": revision.at,
        "by": revision.by,
        "why": revision.why,
        **({"share": revision.split.share / BUCKETS} if revision.split and not replaced else {}),
        **({"evidence": _decoded(revision.evidence)} if revision.evidence else {}),
    }


def _decoded(evidence: str) -> Any:
    return msgspec.json.decode(evidence) if evidence else None
