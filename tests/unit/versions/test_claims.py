"""What a drop says of itself is read strictly from the manifest and leniently from the artefact."""

import pytest

from fraud.errors import InvalidArtefactError
from fraud.scoring.risk import Thresholds
from fraud.versions.claims import read


def test_the_manifest_comes_first_and_metadata_fills_the_gaps() -> None:
    claims = read(
        {"description": "from manifest"}, {"description": "from artefact", "build_id": "b-1", "odd": object()}
    )
    assert (claims.description, claims.build_id) == ("from manifest", "b-1")


def test_metadata_that_does_not_fit_is_left_out() -> None:
    claims = read({}, {"description": 7, "threshold": 3.0, "metrics": {"f1": 0.9, "confusion": [1, 2]}})
    assert (claims.description, claims.threshold) == ("", None)
    assert claims.metrics == {"f1": 0.9, "confusion": [1, 2]}


def test_metadata_never_speaks_for_the_files_digest() -> None:
    assert read({}, {"sha256": "0" * 64}).sha256 is None


@pytest.mark.parametrize(
    "manifest",
    [{"surprise": 1}, {"threshold": 1.0}, {"threshold": 0}, {"threshold": True}, {"sha256": "abc"}, {"metrics": []}],
)
def test_a_manifest_of_the_wrong_kind_is_refused(manifest: dict[str, object]) -> None:
    with pytest.raises(InvalidArtefactError) as refused:
        read(manifest, {})
    assert refused.value.code == "invalid_manifest"


def test_the_block_threshold_is_never_below_the_decision_threshold() -> None:
    assert read({}, {}).thresholds == Thresholds(0.5, 0.8)
    assert read({"threshold": 0.1}, {}).thresholds == Thresholds(0.1, 0.8)
    assert read({"threshold": 0.9}, {}).thresholds == Thresholds(0.9, 0.9)
