"""The CI webhook: a model named by its S3 address becomes a drop; from there on it is the same path.

Everything that can be said at once is said at once (grammar, allowed bucket, size, SHA-256, a version that exists with
other bytes); what takes longer is followed under the deployment id. The same version and bytes again are the same
deployment.
"""

import re

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import ConflictError, InvalidRequestError, Problem
from fraud.versions import keys
from fraud.versions.deployment import Deployment, deployment_id
from fraud.versions.registry import Registry
from fraud.versions.submission_store import Source, SubmissionStore
from fraud.versions.version import valid_version

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([^\s?#]{1,900})", re.ASCII)
_BY_SUFFIX = {file.rpartition(".")[2]: file for file in keys.ARTEFACT_FILES}
OURS = ("drops/", "models/", "quarantine/", "evaluation/")


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What CI sends; the metrics are claims."""

    version: str
    model_url: str
    sha256: str
    description: str = ""
    performance_metrics: dict[str, float] = {}
    git_commit: str | None = None
    build_id: str | None = None


class Webhook:
    """Turns submissions into drops."""

    def __init__(self, registry: Registry, store: SubmissionStore, allowed_buckets: tuple[str, ...]) -> None:
        self._registry, self._store, self._allowed = registry, store, allowed_buckets

    def submit(self, asked: Submission, *, by: str = "") -> Deployment:
        """The deployment of a submission, begun or already known.

        Raises InvalidRequestError naming the field, ConflictError when the version exists with other bytes.
        """
        version = valid_version(asked.version)
        file, source = self._source(asked.model_url)
        existing = self._registry.find_version(version)
        if existing and existing.sha256 != asked.sha256:
            raise ConflictError(f"version {version} is already registered with other bytes", code="version_exists")
        deployment = self._begun(f"drops/{version}/{file}", version, asked.sha256, by)
        if not deployment.final:
            self._drop(asked, source, deployment)
        return deployment

    def _source(self, address: str) -> tuple[str, Source]:
        match = _ADDRESS.fullmatch(address)
        file = _BY_SUFFIX.get(address.rpartition(".")[2])
        if not match or not file or ".." in address:
            raise _refused("model_url", f"must be s3://bucket/key ending in one of .{', .'.join(_BY_SUFFIX)}")
        bucket, key = match.groups()
        if bucket not in self._allowed or (bucket == self._allowed[0] and key.startswith(OURS)):
            raise _refused("model_url", f"{bucket}/{key.split('/')[0]} is not a place models may come from")
        return file, Source(bucket, key)

    def _begun(self, drop_key: str, version: str, sha256: str, by: str) -> Deployment:
        known = self._registry.deployment(deployment_id(drop_key, sha256))
        at = rfc3339(now())
        return known or Deployment(
            deployment_id=deployment_id(drop_key, sha256),
            version=version,
            state="received",
            created_at=at,
            drop_key=drop_key,
            drop_sha256=sha256,
            by=by,
        )

    def _drop(self, asked: Submission, source: Source, deployment: Deployment) -> None:
        found = self._store.inspect(source)
        if found is None:
            raise _refused("model_url", "there is no such object")
        if found.sha256 != asked.sha256:
            raise _refused("sha256", f"the object has {found.sha256}")
        self._registry.save_deployment(deployment)
        claims = {
            "sha256": asked.sha256,
            "description": asked.description,
            "metrics": asked.performance_metrics,
            "git_commit": asked.git_commit,
            "build_id": asked.build_id,
        }
        self._store.drop(found, deployment.drop_key, {name: told for name, told in claims.items() if told})


def _refused(field: str, words: str) -> InvalidRequestError:
    return InvalidRequestError(f"{field} {words}", details=[Problem(field, words)])
