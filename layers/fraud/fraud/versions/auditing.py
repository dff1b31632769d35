"""The audit chain as a whole: examined against its pointer and checkpoints, and sealed once a day."""

import msgspec

from fraud.audit.archive import CheckpointArchive
from fraud.audit.chain import Entry
from fraud.audit.examine import Checkpoint, Finding, examine, next_checkpoint
from fraud.clock import now, rfc3339
from fraud.versions.registry import Registry


class Proof(msgspec.Struct, frozen=True):
    """What an examination looked at and found; enough, with the entries, to repeat it elsewhere."""

    intact: bool
    entries: int
    findings: list[Finding]
    head: Entry | None
    checkpoints: list[Checkpoint]
    at: str


def prove(registry: Registry, archive: CheckpointArchive) -> Proof:
    """Examine the whole chain as it was when the examination began; what is appended meanwhile is left to the next."""
    checkpoints = archive.checkpoints()
    head = registry.audit_head()
    stored = registry.audit_stored()
    begun, ended = _sequence(head), _sequence(registry.audit_head())
    stored = [one for one in stored if not begun < one.position <= ended]
    findings = examine(stored, head, checkpoints)
    return Proof(not findings, len(stored), findings, head, checkpoints, rfc3339(now()))


def seal(registry: Registry, archive: CheckpointArchive) -> tuple[Proof, Checkpoint | None]:
    """Examine the chain and, when it holds, write the next checkpoint; None when it does not, or nothing is new."""
    proof = prove(registry, archive)
    sealed = proof.checkpoints[-1].sequence if proof.checkpoints else 0
    if not proof.intact or proof.entries == sealed:
        return proof, None
    entries = registry.audit_entries()[: proof.entries]
    checkpoint = next_checkpoint(entries, proof.checkpoints, proof.at)
    return proof, checkpoint if archive.put(checkpoint) else None


def _sequence(head: Entry | None) -> int:
    return head.sequence if head else 0
