"""Where things lie: the keys of the registry table and of the model bucket, each from one pure function."""

import re

from fraud.errors import InvalidArtefactError
from fraud.versions.version import VERSION_PATTERN

ARTEFACT_FILES = ("model.joblib", "model.skops", "model.txt", "model.json", "model.ubj")
MANIFEST_FILE = "manifest.json"
SIGNATURE_SUFFIX = ".sig"
ROUTING, CURRENT = "ROUTING", "CURRENT"
META, CONDEMNED, APPROVED = "META", "CONDEMNED", "APPROVED"
VERSION_LIST, DEPLOYMENT_LIST, CLIENT_LIST = "VERSIONS", "DEPLOYMENTS", "CLIENTS"
ROLLOUT_LIST, EXPERIMENT_LIST, VERDICT = "ROLLOUTS", "EXPERIMENTS", "VERDICT#"
TALLY = "TALLY#"
AUDIT, AUDIT_HEAD, AUDIT_MAX = "AUDIT", "HEAD", 9_999_999_999
EVALUATION_KEY = "evaluation/current.npz"
_DROP = re.compile(r"drops/([^/]+)/([^/]+)")


def version_pk(version: str) -> str:
    """Partition of one version's items."""
    return f"VERSION#{version}"


def revision_sk(revision: int) -> str:
    """Sort key of a routing history entry; sorts by revision."""
    return f"REV#{revision:010d}"


def deployment_pk(deployment_id: str) -> str:
    """Partition of one deployment."""
    return f"DEPLOYMENT#{deployment_id}"


def beside_pk(name: str) -> str:
    """Partition of one rollout or experiment, by its id."""
    return f"BESIDE#{name}"


def verdict_sk(at: str) -> str:
    """Sort key of one look at a rollout; sorts by time."""
    return f"{VERDICT}{at}"


def tally_sk(batch: str) -> str:
    """Sort key of what a shadow did on one batch of the stream."""
    return f"{TALLY}{batch}"


def approval_sk(by: str) -> str:
    """Sort key of one person's approval of a version."""
    return f"APPROVAL#{by}"


def audit_sk(sequence: int) -> str:
    """Sort key of an audit entry; sorts by sequence."""
    return f"SEQ#{sequence:010d}"


def packed_key(version: str, packed_sha256: str) -> str:
    """The object a version serves from."""
    return f"models/{version}/{packed_sha256}.fpm"


def quarantine_key(version: str, drop_sha256: str) -> str:
    """The object `pack` writes about one drop."""
    return f"quarantine/{version}/{drop_sha256}.fpq"


def accompanies(key: str) -> bool:
    """Whether an object under `drops/` is read together with its artefact and is none itself."""
    return key.endswith((f"/{MANIFEST_FILE}", *(f"/{file}{SIGNATURE_SUFFIX}" for file in ARTEFACT_FILES)))


def parse_drop_key(key: str) -> tuple[str, str]:
    """`(version, file)` of a drop key; InvalidArtefactError says what is wrong with any other key."""
    match = _DROP.fullmatch(key)
    if not match:
        raise InvalidArtefactError(f"{key!r} is not drops/<version>/<file>")
    version, file = match.groups()
    if len(version) > 64 or not VERSION_PATTERN.fullmatch(version):
        raise InvalidArtefactError(f"{version!r} is not v<major>.<minor>.<patch>[-suffix]")
    if file not in (*ARTEFACT_FILES, MANIFEST_FILE):
        raise InvalidArtefactError(f"{file!r} is not one of {', '.join(ARTEFACT_FILES)}")
    return version, file
