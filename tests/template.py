"""template.yaml as data, for tests: CloudFormation's short tags become their long forms."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]


class _Loader(yaml.SafeLoader):
    pass


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]


_Loader.add_multi_constructor("!", _tag)


def load() -> dict[str, Any]:
    """The whole template."""
    text = (ROOT / "template.yaml").read_text()
    template: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 -- a SafeLoader
    return template


def table(logical_id: str) -> dict[str, Any]:
    """The arguments of CreateTable for a table of the template."""
    told = load()["Resources"][logical_id]["Properties"]
    kept = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    stream = told.get("StreamSpecification")
    return {
        "TableName": logical_id,
        **{name: told[name] for name in kept if name in told},
        **({"StreamSpecification": {"StreamEnabled": True, **stream}} if stream else {}),
    }
