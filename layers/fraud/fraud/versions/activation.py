"""An operator's activation: try the version first, then make it active at once or begin a rollout; and a pardon."""

from typing import Any

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import ConflictError, VersionNotReadyError
from fraud.versions import lifecycle, rollouts
from fraud.versions.condemnation import Condemnation
from fraud.versions.registry import Registry
from fraud.versions.rollouts import Plan
from fraud.versions.version import READY
from fraud.versions.warm_up import WarmUp

View = dict[str, Any]


def activate(registry: Registry, warm_up: WarmUp, version: str, plan: Plan | None, *, by: str, why: str) -> View:
    """What was done, as the API says it; without a plan all at once.

    Raises what `lifecycle.activate_version` and `rollouts.begin` raise, and ConflictError or UnavailableError when
    the version could not be loaded, checked and scored beforehand; nothing has changed then.
    """
    if registry.version(version).status != READY:
        raise VersionNotReadyError(f"version {version} is condemned, so it may not serve")
    current = registry.routing()
    if current is None or current.active != version:
        warm_up.require(version)
    if plan is None:
        change = lifecycle.activate_version(registry, version, by=by, why=why)
        return {"previous_version": change.previous, "new_version": change.current, "revision": change.revision}
    rollout, moved = rollouts.begin(registry, version, plan, by=by, why=why)
    return {
        "previous_version": moved.active,
        "new_version": version,
        "revision": moved.revision,
        "rollout_id": rollout.rollout_id,
        "strategy": rollout.strategy,
        "share": rollout.percent,
    }


def pardon(registry: Registry, version: str, *, by: str, why: str) -> Condemnation:
    """Let a condemned version serve again; raises VersionNotFoundError, ConflictError when it is not condemned."""
    registry.version(version)
    found = registry.condemnation(version)
    if found is None or found.pardoned_at:
        raise ConflictError(f"version {version} is not condemned", code="not_condemned")
    pardoned = msgspec.structs.replace(found, pardoned_at=rfc3339(now()), pardoned_by=by, pardoned_why=why)
    return registry.pardon(pardoned)
