"""The file through which everything else finds the laptop cloud: `.local/outputs.json`."""

import json
import re

from fraud.versions.clients import register_stack_keys
from fraud.versions.registry import Registry
from local.aws import Aws
from local.place import REGION, STACK, Place


def collect(place: Place, aws: Aws) -> dict[str, str]:
    """Where the deployed API is, its two keys, and every output of the stack in snake case."""
    stack = aws.stack_outputs()
    return {
        **{_snake(name): value for name, value in stack.items()},
        "api_url": f"{place.endpoint}/restapis/{stack['ApiId']}/v1/_user_request_",
        "api_key": _key_value(aws, stack["ClientKeyId"]),
        "admin_api_key": _key_value(aws, stack["AdminKeyId"]),
        "endpoint_url": place.endpoint,
        "region": REGION,
        "stack": STACK,
    }


def write(place: Place, outputs: dict[str, str], fingerprint: str) -> None:
    """Save the outputs, with the fingerprint of what was deployed."""
    text = json.dumps({**outputs, "deployed": fingerprint}, indent=2, sort_keys=True)
    place.outputs.write_text(text + "\n")


def read(place: Place) -> dict[str, str]:
    """The saved outputs; empty when there are none."""
    return dict(json.loads(place.outputs.read_text())) if place.outputs.exists() else {}


def register_clients(aws: Aws, outputs: dict[str, str]) -> None:
    """Say in the registry what each of the two keys may do."""
    registry = Registry(aws.dynamodb, outputs["registry_table"])
    register_stack_keys(registry, outputs["admin_api_key"], outputs["api_key"], actor="laptop")


def _key_value(aws: Aws, key_id: str) -> str:
    return aws.api_gateway.get_api_key(apiKey=key_id, includeValue=True)["value"]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
