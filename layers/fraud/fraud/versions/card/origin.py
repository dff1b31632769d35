"""Where a version comes from, what became of it, and which columns it reads."""

import msgspec

from fraud.versions.card.facts import Facts
from fraud.versions.card.figures import count, plain
from fraud.versions.card.parts import Grid, Section, Words
from fraud.versions.version import Provenance

_NOT_TOLD = "not told"
_EVENTS = {
    "activate": "activated",
    "rollback": "rolled back to",
    "replaced": "replaced",
    "rollout": "rollout began",
    "step": "share grown",
    "promote": "promoted",
    "withdraw": "rolled back and condemned",
    "abort": "rollout ended",
    "complete": "shadow completed",
    "experiment": "experiment began",
    "stop": "experiment stopped",
}
_LABELS = {
    "drop_key": "Dropped object",
    "drop_version_id": "Object version",
    "drop_size": "Size in bytes",
    "uploader": "Uploaded by",
    "signed_by": "Signed by",
    "deployment_id": "Deployment",
    "git_commit": "Git commit",
    "build_id": "Build",
    "training_data_sha256": "SHA-256 of the training data",
    "libraries": "Libraries",
}


def identity(facts: Facts) -> Section:
    """Name, state and hashes."""
    rows = (
        ("Version", facts.version),
        ("Status", f"{facts.status}, {'active' if facts.is_active else 'not active'}"),
        ("Description", facts.description or _NOT_TOLD),
        ("Registered", facts.created_at),
        ("Model family", facts.family),
        ("Columns", count(len(facts.schema.features))),
        ("SHA-256 of the artefact", facts.sha256),
        ("SHA-256 of the packed model", facts.packed_sha256),
        ("Packed model", f"{facts.packed_key}, {count(facts.packed_bytes)} bytes"),
        *(("Approval", ", ".join(f"{name}: {value}" for name, value in one.items())) for one in facts.approvals),
    )
    return Section("Identity", (Grid(("", ""), rows),))


def history(facts: Facts) -> Section:
    """When it served, newest first."""
    if not facts.history:
        return Section("Activation history", (Words(("The version was never active.",)),))
    rows = tuple(
        (str(one.revision), _EVENTS.get(one.event, one.event), one.at, one.by, one.why) for one in facts.history
    )
    return Section("Activation history", (Grid(("Revision", "Event", "At", "By", "Why"), rows),))


def provenance(facts: Facts) -> Section:
    """Everything the record says of the drop."""
    told = msgspec.structs.asdict(facts.provenance)
    names = Provenance.__struct_fields__
    rows = tuple((_LABELS.get(name, name.replace("_", " ").capitalize()), _told(told[name])) for name in names)
    return Section("Provenance", (Grid(("", ""), rows),))


def columns(facts: Facts) -> Section:
    """The columns in the order the model reads them."""
    rows = tuple(
        (
            str(place),
            one.name,
            plain(one.median),
            plain(one.quantiles[0]) if one.quantiles else "",
            plain(one.quantiles[-1]) if one.quantiles else "",
            "required" if one.required else "filled with the median",
        )
        for place, one in enumerate(facts.schema.features, start=1)
    )
    headers = ("Place", "Column", "Median", "Lowest decile", "Highest decile", "When missing")
    return Section("Columns", (Grid(headers, rows, range(2, 5)),))


def _told(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {text}" for name, text in value.items()) or _NOT_TOLD
    return count(value) if isinstance(value, int) else str(value or _NOT_TOLD)
