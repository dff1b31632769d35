"""What the process that opens an artefact may use of the machine, and the tripwire around it.

Limits are the kernel's: nothing in the process can raise them again. The tripwire is Python's own audit hook and only
a second net: what gets past the allow-list still may not start, write, move or connect to anything.
"""

import os
import resource
import sys
from pathlib import Path

from fraud.errors import InvalidArtefactError

RESIDENT_BYTES = 1 << 30
ADDRESS_BYTES = 3 << 30
CPU_SECONDS = 60
FILE_BYTES = 512 << 20
OPEN_FILES = 256
_LIMITS = {
    # All private writable memory, touched or not, so a bomb ends before it is resident. Measured: a forest of 99 MB
    # needs 0.6 GiB of it. Libraries mapped from files count only towards the address space.
    resource.RLIMIT_DATA: RESIDENT_BYTES,
    resource.RLIMIT_AS: ADDRESS_BYTES,
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_FSIZE: FILE_BYTES,
    resource.RLIMIT_NOFILE: OPEN_FILES,
    resource.RLIMIT_CORE: 0,
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTING = ("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "subprocess.Popen", "pty.")
_CHANGING = (
    "os.chmod",
    "os.chown",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "shutil.",
)
_REACHING = ("os.kill", "signal.pthread_kill", "socket.", "tempfile.", "os.truncate", "resource.setrlimit")
_FORBIDDEN = (*_STARTING, *_CHANGING, *_REACHING)


def set_limits() -> None:
    """1 GiB of memory, 60 s of CPU, files of 512 MiB, no core dump: for this process and for good."""
    for kind, limit in _LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (allowed, allowed))


def seal(out: Path) -> None:
    """From now on whatever starts a process, connects, or writes to another file than `out` is InvalidArtefactError."""
    allowed = os.fspath(out)
    sys.dont_write_bytecode = True

    def tripwire(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & _WRITING or path == allowed:
                return
        elif not event.startswith(_FORBIDDEN):
            return
        raise InvalidArtefactError(f"opening it did what no model does: {event}", code="artefact_misbehaved")

    sys.addaudithook(tripwire)
