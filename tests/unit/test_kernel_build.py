"""The kernel as `make build` compiles it for Lambda, here without running it."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LAYER

ELF_MACHINES = {"x86_64": 62, "aarch64": 183}


def compiled(machine: str, directory: Path) -> bytes:
    """The kernel of another machine, by the layer's own recipe."""
    place = os.path.relpath(directory, LAYER)
    options = [f"BUILD_PLATFORM={machine}-manylinux_2_28", f"ZIG_PYTHON={sys.executable}", f"KERNEL_DIRECTORY={place}"]
    caches = {f"ZIG_{kind}_CACHE_DIR": str(LAYER.parents[1] / ".local" / "zig") for kind in ("GLOBAL", "LOCAL")}
    subprocess.run(["make", "-s", "-C", str(LAYER), "kernel", *options], check=True, env={**os.environ, **caches})
    return (directory / f"kernel-linux-{machine}.so").read_bytes()


@pytest.mark.parametrize("machine", ELF_MACHINES)
def test_each_architecture_gets_its_own_small_library(machine: str, tmp_path: Path) -> None:
    built = compiled(machine, tmp_path)

    assert built[:4] == b"\x7fELF"
    assert struct.unpack_from("<H", built, 18) == (ELF_MACHINES[machine],)
    assert len(built) < 50_000
    assert b"libc" not in built


def test_nothing_is_fused_on_arm(tmp_path: Path) -> None:
    # GIVEN a processor that can multiply and add with one rounding
    built = compiled("aarch64", tmp_path)

    # WHEN its instructions are read
    words = struct.unpack_from(f"<{len(built) // 4}I", built)
    scalar = [word for word in words if word >> 24 == 0x1F]  # FMADD, FMSUB, FNMADD, FNMSUB
    vector = [word for word in words if word & 0xBF20FC00 == 0x0E20CC00]  # FMLA, FMLS

    # THEN none does, and answers there are those of here
    assert (scalar, vector) == ([], [])
