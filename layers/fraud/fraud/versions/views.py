"""How versions and deployments are shown to callers: plain dicts of the replies the API promises."""

from collections.abc import Iterable
from typing import Any

import msgspec

from fraud.traffic.routing import Routing
from fraud.versions.deployment import Deployment
from fraud.versions.version import ModelVersion

View = dict[str, Any]


def version_view(version: ModelVersion, active: str | None, revisions: Iterable[Routing]) -> View:
    """The full record with what is known about its life since."""
    return {
        **msgspec.to_builtins(version),
        "is_active": version.version == active,
        "threshold": version.thresholds.decision,
        "approvals": [],
        "history": [_event(one, version.version) for one in revisions if version.version in (one.active, one.previous)],
    }


def deployment_view(deployment: Deployment) -> View:
    """The deployment as it stands."""
    view: View = msgspec.to_builtins(deployment)
    return view


def _event(revision: Routing, version: str) -> View:
    return {
        "revision": revision.revision,
        "event": revision.kind if revision.active == version else "replaced",
        "at": revision.at,
        "by": revision.by,
        "why": revision.why,
    }
