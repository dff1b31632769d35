"""`python -m local.sizes BUILT_TEMPLATE`: what each built function weighs unzipped, layers included."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.template import load_template

MEGABYTE = 1_000_000
LAMBDA_LIMIT = 250 * MEGABYTE
SERVING = ("PredictFunction", "BatchFunction", "ScoreFunction", "StreamFunction")
LIMITS = dict.fromkeys(SERVING, 30 * MEGABYTE)


def directory_size(directory: Path) -> int:
    """Bytes of all files below a directory."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def sizes(template: Path) -> dict[str, tuple[int, list[str]]]:
    """Each function's bytes with its layers, and the names of those layers; reads the build beside the template."""
    resources, found = load_template(template)["Resources"], {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Serverless::Function":
            layers = [layer["Ref"] for layer in resource["Properties"].get("Layers", [])]
            total = sum(directory_size(template.parent / part) for part in [name, *layers])
            found[name] = (total, layers)
    return found


def too_big(measured: dict[str, tuple[int, list[str]]]) -> list[str]:
    """The functions over their limit."""
    return [name for name, (size, _) in measured.items() if size > LIMITS.get(name, LAMBDA_LIMIT)]


def main(template: Path) -> int:
    """Print the table; 1 when something is over its limit."""
    measured = sizes(template)
    table = Table("function", "layers", "MB", "limit", title="unzipped, layers included")
    for name, (size, layers) in sorted(measured.items()):
        limit = LIMITS.get(name, LAMBDA_LIMIT)
        table.add_row(name, ", ".join(layers), f"{size / MEGABYTE:.1f}", f"{limit / MEGABYTE:.0f}")
    console = Console()
    console.print(table)
    for name in too_big(measured):
        console.print(f"[red]{name} is over its limit[/red]")
    return 1 if too_big(measured) else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
