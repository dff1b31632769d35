"""template.yaml built for this machine and deployed into the laptop cloud, with the real SAM CLI."""

import hashlib
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from local.children import Child, Command, child
from local.place import STACK, Place, architecture, environment, python_version, wheel_platform

LAYER = re.compile(r"ContentUri: (\w+)$", re.MULTILINE)
SOURCES = ("template.yaml", "functions", "layers")


def building(place: Place) -> AbstractContextManager[Child]:
    """`sam build`, under way."""
    command: Command = [
        place.tool("sam", "sam"), "build", "--parallel", "--cached",
        "--template-file", place.root / "template.yaml",
        "--build-dir", place.state / "build", "--cache-dir", place.state / "cache" / _recipe(place),
        "--parameter-overrides", *_parameters(),
    ]  # fmt: skip
    env = environment(
        UV=place.uv(),
        PYTHON=str(place.tool("cloud", "python")),
        BUILD_PYTHON_VERSION=python_version(),
        BUILD_PLATFORM=wheel_platform(),
        ZIG_PYTHON=sys.executable,
        ZIG_GLOBAL_CACHE_DIR=str(place.root / ".local" / "zig"),
        ZIG_LOCAL_CACHE_DIR=str(place.root / ".local" / "zig"),
    )
    return child("sam build", command, place.log("build"), env=env, cwd=place.root)


def zip_layers(place: Place) -> None:
    """Hand SAM the layers as uncompressed zips: here they travel over loopback, and every handler unzips its own."""
    template = place.state / "build" / "template.yaml"
    for name in LAYER.findall(template.read_text()):
        directory = template.parent / name
        with zipfile.ZipFile(f"{directory}.zip", "w", zipfile.ZIP_STORED, strict_timestamps=False) as file:
            for path in sorted(directory.rglob("*")):
                file.write(path, path.relative_to(directory))
    template.write_text(LAYER.sub(r"ContentUri: \1.zip", template.read_text()))


def deploying(place: Place) -> AbstractContextManager[Child]:
    """`sam deploy` of what was built, under way."""
    command: Command = [
        place.tool("sam", "sam"), "deploy", "--stack-name", STACK, "--resolve-s3",
        "--template-file", place.state / "build" / "template.yaml",
        "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset",
        "--no-progressbar", "--parameter-overrides", *_parameters(),
    ]  # fmt: skip
    env = environment(AWS_ENDPOINT_URL=place.endpoint, SAM_CLI_POLL_DELAY="0.5")
    return child("sam deploy", command, place.log("deploy"), env=env, cwd=place.root)


def fingerprint(place: Place) -> str:
    """Changes with anything that is deployed, so an unchanged instance need not be deployed again."""
    digest = hashlib.sha256(" ".join(_parameters()).encode())
    for path in sources(place.root):
        digest.update(str(path.relative_to(place.root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def sources(root: Path) -> Iterator[Path]:
    """Every file that goes into the stack, in a fixed order; kernels are made of those."""
    for name in SOURCES:
        top = root / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".so":
                yield path


def _parameters() -> list[str]:
    # two parts at once: the stand-in takes about a hundred writes a second, whoever makes them
    return [f"Runtime=python{python_version()}", f"Architecture={architecture()}", "BulkConcurrency=2", "TraceShare=0"]


def _recipe(place: Place) -> str:
    """Names the cache after what SAM does not look at: how things are built, and what for."""
    layers = place.root / "layers"
    recipes = [place.root / "functions" / "Makefile", layers / "build.mk", *sorted(layers.glob("*/Makefile"))]
    text = b"".join(path.read_bytes() for path in recipes) + f"{python_version()} {wheel_platform()}".encode()
    return hashlib.sha256(text).hexdigest()[:12]
