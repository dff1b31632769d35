"""`make bench`: measure on this machine, print, write benchmarks/results.md with its plots.

`python -m benchmarks warm cold` runs these parts alone and writes nothing but their plots.
"""

import argparse
import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from benchmarks.parts import PARTS, sections, stop_when_told
from benchmarks.report import Section, bars_text

RESULTS = Path(__file__).parent / "results.md"
LIBRARIES = ("scikit-learn", "numpy", "onnxruntime", "boto3", "aws-lambda-powertools", "pydantic")
HEAD = """# Benchmarks

Written by `make bench`. Everything that is compared took turns in one run on one machine; figures are medians. Trust
the ratios: the absolute times are this machine's. AWS is a stub on loopback, so nothing here measures AWS itself.
The plots lie beside this page after a run and are not committed.

{machine}

## Promises

{bars}
"""


def main(names: Sequence[str], console: Console) -> None:
    """Measure the named parts, or all of them and write the page."""
    began = machine()
    found: list[Section] = []
    for section in sections(names or PARTS):
        found.append(section)
        console.print(f"\n{section.text()}\n", markup=False, soft_wrap=True)
    bars = bars_text([bar for section in found for bar in section.bars])
    console.print(f"\n{bars}", markup=False, soft_wrap=True)
    if not names:
        head = HEAD.format(machine=f"{began}; at the end {load()}", bars=bars)
        RESULTS.write_text("\n".join([head, *(f"{section.text()}\n" for section in found)]), encoding="utf-8")
        console.print(f"written to {RESULTS.name}")


def machine() -> str:
    """What measured, in one sentence."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    cpu = next((line.split(": ")[1] for line in _cpuinfo() if line.startswith("model name")), platform.machine())
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return f"{day}: {os.cpu_count()} cores, {cpu}, Python {platform.python_version()}, {libraries}. {load()}"


def load() -> str:
    """How busy the machine is with everything it does."""
    return f"load {os.getloadavg()[0]:.1f}"


def _cpuinfo() -> list[str]:
    found = Path("/proc/cpuinfo")
    return found.read_text().splitlines() if found.exists() else []


if __name__ == "__main__":
    stop_when_told()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure and print.")
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="default: all, and write results.md")
    main(parser.parse_args().part, Console())
