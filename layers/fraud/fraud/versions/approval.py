"""Four eyes: a version goes live only when somebody other than its deployer said so."""

from fraud.clock import now, rfc3339
from fraud.errors import NotAllowedError
from fraud.versions.registry import Registry
from fraud.versions.registry.approvals import Approval
from fraud.versions.version import ModelVersion


def approve(registry: Registry, version: str, *, by: str, why: str) -> list[Approval]:
    """Approve a version; every approval of it. Once more by the same person changes nothing.

    Raises VersionNotFoundError, VersionNotReadyError, and NotAllowedError (`self_approval`) for its deployer.
    """
    found = registry.version(version)
    if by in deployers(found):
        raise NotAllowedError(f"{by} deployed {version}; somebody else has to approve it", code="self_approval")
    registry.approve(version, Approval(by, rfc3339(now()), why))
    return registry.approvals(version)


def deployers(version: ModelVersion) -> set[str]:
    """Every name the deployer is known by: the client of the webhook, the signer, the uploader and its session."""
    told = version.provenance
    uploader = told.uploader or ""
    return {name for name in (told.deployed_by, told.signed_by, uploader, uploader.rpartition(":")[2]) if name}
