"""Reads a CloudFormation template as plain data."""

from pathlib import Path
from typing import Any

import yaml


def load_template(path: Path) -> dict[str, Any]:
    """The template with its short forms spelled out: `!GetAtt A.b` becomes `{"Fn::GetAtt": "A.b"}`."""
    return dict(yaml.load(path.read_text(), _Loader))  # noqa: S506 -- a SafeLoader that knows the short forms


class _Loader(yaml.CSafeLoader):
    """The safe loader, with CloudFormation's tags."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    raise yaml.constructor.ConstructorError(None, None, f"!{suffix} takes no mapping", node.start_mark)


yaml.add_multi_constructor("!", _short_form, _Loader)
