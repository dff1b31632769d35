"""The tables of template.yaml, as CreateTable wants them."""

from pathlib import Path
from typing import Any

from local.template import load_template

TEMPLATE = load_template(Path(__file__).parents[1] / "template.yaml")


def table(logical_id: str) -> dict[str, Any]:
    """The arguments of CreateTable for a table of the template."""
    told = TEMPLATE["Resources"][logical_id]["Properties"]
    kept = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    stream = told.get("StreamSpecification")
    return {
        "TableName": logical_id,
        **{name: told[name] for name in kept if name in told},
        **({"StreamSpecification": {"StreamEnabled": True, **stream}} if stream else {}),
    }
