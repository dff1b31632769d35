"""Deployment records: grow step by step until a final state, then never change."""

import random
import time

import msgspec

from fraud.errors import UnavailableError
from fraud.versions import keys
from fraud.versions.deployment import FINAL_STATES, Deployment
from fraud.versions.registry.table import CONDITION_FAILED, Table

SAVE_ATTEMPTS = 8


class DeploymentRecords(Table):
    """Stores and finds deployments."""

    def save_deployment(self, deployment: Deployment) -> None:
        """Store the deployment as it stands; one that has reached a final state is never changed again."""
        item = {
            "pk": keys.deployment_pk(deployment.deployment_id),
            "sk": keys.META,
            "state": deployment.state,
            "version": deployment.version,
            "drop_sha256": deployment.drop_sha256,
            "reason": deployment.reason,
            "record": msgspec.json.encode(deployment).decode(),
        }
        listed = {
            "pk": keys.DEPLOYMENT_LIST,
            "sk": f"{deployment.created_at}#{deployment.deployment_id}",
            "id": deployment.deployment_id,
        }
        finals = {f":final{index}": state for index, state in enumerate(FINAL_STATES)}
        unfinished = f"attribute_not_exists(pk) OR NOT (#state IN ({', '.join(finals)}))"
        items = [self.put(item, unfinished, finals, "state"), self.put_any(listed)]
        for number in range(SAVE_ATTEMPTS):
            reasons = self.transact(items)
            if reasons is None or CONDITION_FAILED in reasons:
                return
            time.sleep(random.uniform(0, 0.02 * 2**number))  # noqa: S311 -- jitter, not a secret
        raise UnavailableError("the deployment record could not be stored")

    def deployment(self, deployment_id: str) -> Deployment | None:
        """One deployment, or None."""
        item = self.get(keys.deployment_pk(deployment_id), keys.META)
        return msgspec.json.decode(item["record"], type=Deployment) if item else None

    def deployments(self, *, version: str | None, limit: int) -> list[Deployment]:
        """Deployments, newest first, of one version or of all."""
        found: list[Deployment] = []
        for item in self.query(keys.DEPLOYMENT_LIST, newest_first=True):
            deployment = self.deployment(item["id"])
            listed_once = deployment and item["sk"].startswith(deployment.created_at)  # two first events may race
            if deployment and listed_once and version in (None, deployment.version):
                found.append(deployment)
            if len(found) == limit:
                break
        return found
