"""Names of versions and keys: the grammar is exact."""

import pytest

from fraud.errors import InvalidArtefactError, InvalidRequestError
from fraud.versions.keys import parse_drop_key
from fraud.versions.version import valid_version


@pytest.mark.parametrize("text", ["v1.0.0", "v0.0.1", "v12.34.56", "v1.0.0-rc1", "v1.0.0-rc.1-b"])
def test_v_and_a_semantic_version_is_a_version(text: str) -> None:
    assert valid_version(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "1.0.0", "v1.0", "v1.0.0.0", "v01.0.0", "v1.0.0-", "v1.0.0+b", "V1.0.0", "v1.0.0\n", "v1.0.0/x", "v\uff11.0.0",
     "v1.0.0-" + "a" * 60, "..", "v1.0.0-a..b"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        valid_version(text)
    assert refused.value.details[0]["field"] == "version"


def test_a_drop_key_names_its_version_and_file() -> None:
    assert parse_drop_key("drops/v1.2.3-a/model.joblib") == ("v1.2.3-a", "model.joblib")


@pytest.mark.parametrize(
    "key",
    [
        "drops/../../x/model.joblib",
        "drops/v1.0.0/../model.joblib",
        "drops/v1.0.0/sub/model.joblib",
        "drops//model.joblib",
        "drops/v1.0.0/model.pkl",
        "drops/v1.0.0/",
        "drops/latest/model.joblib",
        "quarantine/v1.0.0/model.joblib",
        "drops/v1.0.0/model.joblib\n",
    ],
)
def test_a_key_outside_the_grammar_is_refused_with_the_reason(key: str) -> None:
    with pytest.raises(InvalidArtefactError, match=r".+"):
        parse_drop_key(key)
