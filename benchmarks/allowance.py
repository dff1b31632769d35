"""What each function may import, and at what price: `imports.toml`, read."""

import subprocess
import sys
import tomllib
from pathlib import Path

from msgspec import Struct, convert

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).with_name("imports.toml")
OURS = ("fraud", "functions")


class Module(Struct, frozen=True):
    """Something a function imports: why, what it brings along, and how many milliseconds that may take."""

    why: str
    ms: float
    brings: tuple[str, ...] = ()


class Allowance(Struct, frozen=True):
    """Of one function: its libraries, and for the function on the hot path every module on top of the runtime's."""

    libraries: tuple[str, ...] = ()
    modules: dict[str, Module] = {}
    runtime: tuple[str, ...] = ()

    def owner(self, module: str) -> str:
        """The listed module that accounts for a loaded one, itself when nobody does."""
        top = module.partition(".")[0]
        if top in OURS:
            return "fraud"
        return next((name for name, listed in self.modules.items() if top in (name, *listed.brings)), top)


def allowances() -> dict[str, Allowance]:
    """The allowance of each function."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    runtime = tuple(told.pop("runtime")["modules"])
    return {name: convert({**listed, "runtime": runtime}, Allowance) for name, listed in told.items()}


def loaded(function: str, runtime: tuple[str, ...]) -> set[str]:
    """Public top-level modules that a function's import adds to the runtime's."""
    before = "; ".join(f"import {name}" for name in runtime)
    after = f"import functions.{function}.app; print(*sys.modules.keys() - old)"
    program = f"import sys; {before}; old = set(sys.modules); {after}"
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/fraud'}", "AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run([sys.executable, "-c", program], env=path, capture_output=True, text=True, check=True)
    tops = {name.partition(".")[0] for name in done.stdout.split()}
    return {name for name in tops if not name.startswith("_")}
