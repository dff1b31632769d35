"""Version records: put once, never changed."""

import msgspec

from fraud.audit import chain
from fraud.errors import VersionNotFoundError
from fraud.versions import keys
from fraud.versions.registry.condemnations import CondemnationRecords
from fraud.versions.version import ModelVersion


class VersionRecords(CondemnationRecords):
    """Registers and finds versions."""

    def register(self, version: ModelVersion, *, actor: str) -> ModelVersion:
        """Store a new version; the record already stored under this name when there is one (compare its sha256)."""
        pk = keys.version_pk(version.version)
        meta = {
            "pk": pk,
            "sk": keys.META,
            "version": version.version,
            "status": version.status,
            "sha256": version.sha256,
            "packed_sha256": version.packed_sha256,
            "created_at": version.created_at,
            "record": msgspec.json.encode(version).decode(),
        }
        listed = {
            "pk": keys.VERSION_LIST,
            "sk": f"{version.created_at}#{version.version}",
            "version": version.version,
        }

        def entry(head: chain.Entry | None) -> chain.Entry:
            return chain.append(
                head,
                at=version.created_at,
                actor=actor,
                action="version.registered",
                subject=version.version,
                details={"sha256": version.sha256, "packed_sha256": version.packed_sha256},
            )

        def settle(_: tuple[str, ...]) -> ModelVersion | None:
            return self.find_version(version.version)

        return self.with_audit([self.put_new(meta), self.put_new(listed)], entry, settle) or version

    def find_version(self, version: str) -> ModelVersion | None:
        """The registered record with the status it has now, or None."""
        items = list(self.query(keys.version_pk(version)))
        meta = next((item for item in items if item["sk"] == keys.META), None)
        if meta is None:
            return None
        record = msgspec.json.decode(meta["record"], type=ModelVersion)
        condemned = any(item["sk"] == keys.CONDEMNED and "pardoned_at" not in item for item in items)
        return msgspec.structs.replace(record, status="CONDEMNED") if condemned else record

    def version(self, version: str) -> ModelVersion:
        """The registered record; raises VersionNotFoundError."""
        found = self.find_version(version)
        if found is None:
            raise VersionNotFoundError(version)
        return found

    def versions(self) -> list[ModelVersion]:
        """Every registered version, newest first."""
        names = [item["version"] for item in self.query(keys.VERSION_LIST, newest_first=True)]
        return [self.version(name) for name in names]
