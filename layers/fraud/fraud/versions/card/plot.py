"""A frame with axes as SVG text: from values to pixels, grid lines, ticks, labels.

Colours come from the page's style sheet by class, so that a chart follows the page into the dark.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from math import log10
from typing import NamedTuple

WIDTH, HEIGHT = 560, 420
LEFT, RIGHT, TOP, BOTTOM = 72, 20, 62, 58
CHARACTER = 5.9  # mean width in pixels at the size of the legend
Scale = Callable[[float], float]  # value -> share of the axis, 0 to 1
Ticks = Sequence[tuple[float, str]]


class Key(NamedTuple):
    """One entry of a legend: a mark of this class, and what it stands for."""

    kind: str
    words: str


def linear(value: float) -> float:
    """The scale of shares and probabilities."""
    return value


def logarithmic(lowest: float, highest: float) -> Scale:
    """A scale of powers of ten; what lies outside is shown at its edge."""
    start, span = log10(lowest), log10(highest) - log10(lowest)
    return lambda value: (log10(min(max(value, lowest), highest)) - start) / span


def x_pixel(share: float) -> float:
    """Pixels from the left of a share of the horizontal axis."""
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def y_pixel(share: float) -> float:
    """Pixels from the top of a share of the vertical axis."""
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def element(name: str, text: str | None = None, **attributes: object) -> str:
    """One SVG element; `class_` is `class`, an underscore in a name a hyphen. Text and attributes are escaped."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"' for key, value in attributes.items()
    )
    return f"<{name}{told}/>" if text is None else f"<{name}{told}>{escape(text)}</{name}>"


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """A straight line between two points in pixels."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def path(points: Iterable[tuple[float, float]], class_: str) -> str:
    """Straight lines through points in pixels."""
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=class_)


def chart(name: str, title: str, keys: Sequence[Key], axes: Iterable[str], marks: Iterable[str]) -> str:
    """The whole picture; a screen reader is told its title and legend."""
    words = "; ".join(key.words for key in keys)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-words">'
        f"{element('title', title, id=f'{name}-title')}{element('desc', words, id=f'{name}-words')}"
        f"{element('text', title, x=LEFT, y=22, class_='headline')}"
        f"{''.join(_legend(keys))}{''.join(axes)}{''.join(marks)}</svg>"
    )


def axes(x_label: str, x_ticks: Ticks, x: Scale, y_label: str, y_ticks: Ticks, y: Scale) -> Iterator[str]:
    """Grid, ticks and the names of both axes."""
    bottom, middle = y_pixel(0), TOP + (HEIGHT - TOP - BOTTOM) / 2
    for value, words in x_ticks:
        at = x_pixel(x(value))
        yield line(at, y_pixel(1), at, bottom, "grid")
        yield element("text", words, x=at, y=bottom + 18, class_="tick middle")
    for value, words in y_ticks:
        at = y_pixel(y(value))
        yield line(x_pixel(0), at, x_pixel(1), at, "grid")
        yield element("text", words, x=LEFT - 8, y=at + 4, class_="tick end")
    yield line(x_pixel(0), bottom, x_pixel(1), bottom, "axis")
    yield line(x_pixel(0), y_pixel(1), x_pixel(0), bottom, "axis")
    yield element("text", x_label, x=x_pixel(0.5), y=HEIGHT - 14, class_="label middle")
    yield element("text", y_label, x=18, y=middle, class_="label middle", transform=f"rotate(-90 18 {middle:g})")


def _legend(keys: Iterable[Key]) -> Iterator[str]:
    x, y = float(LEFT), 42
    for key in keys:
        if key.kind in ("point", "hollow"):
            yield element("circle", cx=x + 7, cy=y, r=5, class_=key.kind)
        elif key.kind in ("legitimate", "fraud"):
            yield element("rect", x=x + 2, y=y - 5, width=10, height=10, class_=key.kind)
        else:
            yield line(x, y, x + 15, y, key.kind)
        yield element("text", key.words, x=x + 20, y=y + 4, class_="tick")
        x += 34 + CHARACTER * len(key.words)


def _plain(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
