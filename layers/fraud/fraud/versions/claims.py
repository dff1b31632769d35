"""What a drop says of itself: its manifest, else the metadata inside the artefact. Stored as claims, never believed."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from fraud.errors import InvalidArtefactError
from fraud.scoring.risk import DEFAULT_BLOCK_THRESHOLD, Thresholds

Text = Annotated[str, msgspec.Meta(max_length=2000)]
ShortText = Annotated[str, msgspec.Meta(max_length=200)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields a manifest may have."""

    description: Text = ""
    metrics: dict[ShortText, Any] = {}
    git_commit: ShortText | None = None
    build_id: ShortText | None = None
    sha256: Sha256 | None = None
    threshold: Share | None = None
    feature_names: list[ShortText] | None = None
    schema: dict[str, Any] | None = None
    training_data_sha256: Sha256 | None = None

    @property
    def thresholds(self) -> Thresholds:
        """The version's thresholds; the block threshold is never below the decision threshold."""
        if self.threshold is None:
            return Thresholds()
        return Thresholds(self.threshold, max(DEFAULT_BLOCK_THRESHOLD, self.threshold))


def read(manifest: Mapping[str, Any], metadata: Mapping[str, Any]) -> Claims:
    """The claims of a drop: each field from the manifest, else from the artefact's metadata where it fits there.

    Raises InvalidArtefactError when the manifest has a field it may not have or a value of the wrong kind; the
    metadata is free text of the artefact's author, so what does not fit in it is left out.
    """
    try:
        claimed = msgspec.convert(dict(manifest), Claims)
    except msgspec.ValidationError as exc:
        raise InvalidArtefactError(f"the manifest is not valid: {exc}", code="invalid_manifest") from exc
    fitting = {name: value for name, value in metadata.items() if name not in manifest and _fits(name, value)}
    return msgspec.structs.replace(claimed, **{name: value for name, value in fitting.items() if name != "sha256"})


def _fits(name: str, value: object) -> bool:
    try:
        msgspec.convert({name: value}, Claims)
    except msgspec.ValidationError:
        return False
    return True
