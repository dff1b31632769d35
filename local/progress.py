"""What the operator sees while the laptop cloud starts: one line per step with its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False)


@contextmanager
def step(doing: str, done: str) -> Iterator[None]:
    """Show a spinner while the block runs, then a line with the seconds it took."""
    begun = time.monotonic()
    with console.status(f"{doing} …"):
        yield
    note(done, seconds=time.monotonic() - begun)


def note(text: str, *, seconds: float | None = None) -> None:
    """One line of good news."""
    elapsed = "" if seconds is None else f"[dim]{seconds:7.1f} s[/dim]"
    console.print(f"[green]✓[/green] {text:<46}{elapsed}", soft_wrap=True)


def failure(text: str) -> None:
    """One line of bad news; brackets in it are text."""
    console.print("[red]✗[/red]", end=" ")
    console.print(text, markup=False, soft_wrap=True)


def detail(text: str) -> None:
    """A line that belongs to the step under way."""
    console.print(f"    {text}", markup=False, style="dim", soft_wrap=True)


def say(text: str) -> None:
    """Plain text, never wrapped, so that it can be copied."""
    console.print(text, markup=False, soft_wrap=True)
