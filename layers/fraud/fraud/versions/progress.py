"""A deployment while it is under way: every step is stored as it is reached."""

from fraud.clock import now, rfc3339
from fraud.observability import log
from fraud.versions.deployment import Deployment
from fraud.versions.registry import Registry


class Progress:
    """Moves one deployment forward and keeps its record."""

    def __init__(self, registry: Registry, deployment: Deployment) -> None:
        self._registry, self.deployment = registry, deployment

    def reached(self, step: str, detail: str = "", at: str | None = None) -> None:
        """A step went well."""
        self._save(self.deployment.reached(step, at or _at(), detail))

    def ended(self, state: str, reason: str) -> Deployment:
        """Nothing more will happen, for a reason in words."""
        self._save(self.deployment.ended(state, _at(), reason))
        return self.deployment

    def _save(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._registry.save_deployment(deployment)
        log("deployment", id=deployment.deployment_id, version=deployment.version, state=deployment.state)


def _at() -> str:
    return rfc3339(now())
