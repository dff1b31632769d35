"""What `python -m local` can do."""

import os
from collections.abc import Callable

from local import instance, progress
from local.children import interrupt_on_ending_signals
from local.errors import LocalError
from local.place import Place, environment, from_environment

COMMANDS: dict[str, Callable[[Place], None]] = {
    "up": instance.up,
    "run": instance.run,
    "down": instance.down,
    "status": instance.status,
}


def main(arguments: list[str]) -> int:
    """Carry out one command; 1 when it could not be done, 2 for an unknown one, 130 after Ctrl-C."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        progress.failure(f"usage: python -m local {'|'.join(COMMANDS)}")
        return 2
    interrupt_on_ending_signals()
    clean = environment()
    os.environ.clear()
    os.environ.update(clean)
    try:
        COMMANDS[arguments[0]](from_environment())
    except LocalError as error:
        progress.failure(str(error))
        return 1
    except KeyboardInterrupt:
        progress.failure("interrupted, everything is stopped")
        return 130
    return 0
