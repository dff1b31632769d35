"""Approvals: the second pair of eyes, stored beside the version they are about."""

import msgspec

from fraud.audit import chain
from fraud.errors import VersionNotReadyError
from fraud.versions import keys
from fraud.versions.registry.condemnations import STANDS_NOT
from fraud.versions.registry.table import CONDITION_FAILED, Item
from fraud.versions.registry.versions import VersionRecords
from fraud.versions.version import READY


class Approval(msgspec.Struct, frozen=True):
    """Who approved a version, when and why."""

    by: str
    at: str
    why: str = ""


class ApprovalRecords(VersionRecords):
    """Stores and finds approvals."""

    def approve(self, version: str, approval: Approval) -> Approval:
        """Store one person's approval, once; raises VersionNotReadyError for a version that may not serve.

        `APPROVED` is what the activation transaction checks, `APPROVAL#<name>` is who it was.
        """
        pk = keys.version_pk(version)
        record = {"pk": pk, "sk": keys.approval_sk(approval.by), **msgspec.to_builtins(approval)}

        def entry(head: chain.Entry | None) -> chain.Entry:
            return chain.append(
                head,
                at=approval.at,
                actor=approval.by,
                action="version.approved",
                subject=version,
                details={"why": approval.why},
            )

        def settle(reasons: tuple[str, ...]) -> Approval | None:
            given = [one for one in self.approvals(version) if one.by == approval.by]
            if given:
                return given[0]
            if CONDITION_FAILED in reasons:
                raise VersionNotReadyError(f"version {version} is condemned, so there is nothing to approve")
            return None

        approved = self.put_any({"pk": pk, "sk": keys.APPROVED, "by": approval.by, "at": approval.at})
        items = [*self.may_serve(version), self.put_new(record), approved]
        return self.with_audit(items, entry, settle) or approval

    def approvals(self, version: str) -> list[Approval]:
        """Every approval of a version."""
        items = self.query(keys.version_pk(version), prefix=keys.approval_sk(""))
        return [msgspec.convert(item, Approval) for item in items]

    def approved(self, version: str) -> Item:
        """A transaction item: somebody approved the version."""
        return self.check(keys.version_pk(version), keys.APPROVED, "attribute_exists(pk)", {})

    def may_serve(self, version: str) -> list[Item]:
        """Transaction items: the version is READY and not condemned."""
        pk = keys.version_pk(version)
        return [
            self.check(pk, keys.META, "#status = :ready", {":ready": READY}, "status"),
            self.check(pk, keys.CONDEMNED, STANDS_NOT, {}),
        ]
