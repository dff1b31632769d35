"""Condemned versions: an item beside the version's record, which itself never changes."""

import msgspec

from fraud.audit import chain
from fraud.errors import ConflictError
from fraud.versions import keys
from fraud.versions.condemnation import Condemnation
from fraud.versions.registry.audit import AuditTrail
from fraud.versions.registry.table import CONDITION_FAILED, Item

STANDS = "attribute_exists(pk) AND attribute_not_exists(pardoned_at)"
STANDS_NOT = "attribute_not_exists(pk) OR attribute_exists(pardoned_at)"


class CondemnationRecords(AuditTrail):
    """Keeps who may not serve and why."""

    def condemnation(self, version: str) -> Condemnation | None:
        """The last condemnation of a version, pardoned or not."""
        item = self.get(keys.version_pk(version), keys.CONDEMNED)
        return msgspec.convert({"version": version, "by": "", "at": "", **item}, Condemnation) if item else None

    def condemned(self, condemnation: Condemnation) -> Item:
        """The transaction item that condemns."""
        return self.put(_item(condemnation), STANDS_NOT, {})

    def pardon(self, condemnation: Condemnation) -> Condemnation:
        """Store a pardoned condemnation with its audit entry; ConflictError when the version is not condemned."""

        def entry(head: chain.Entry | None) -> chain.Entry:
            details = {"condemned_for": condemnation.why, "why": condemnation.pardoned_why}
            at, actor = str(condemnation.pardoned_at), str(condemnation.pardoned_by)
            return chain.append(
                head, at=at, actor=actor, action="version.pardoned", subject=condemnation.version, details=details
            )

        def settle(reasons: tuple[str, ...]) -> Condemnation | None:
            if CONDITION_FAILED in reasons:
                raise ConflictError(f"version {condemnation.version} is not condemned", code="not_condemned")
            return None

        return self.with_audit([self.put(_item(condemnation), STANDS, {})], entry, settle) or condemnation


def _item(condemnation: Condemnation) -> Item:
    told = {name: value for name, value in msgspec.to_builtins(condemnation).items() if value is not None}
    return {"pk": keys.version_pk(condemnation.version), "sk": keys.CONDEMNED, **told}
