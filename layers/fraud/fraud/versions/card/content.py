"""What a card says, in sections of sentences and tables, whatever it is rendered to.

Every text here is plain: names, descriptions and claims come from whoever dropped the model, and only a renderer
knows how to make them harmless in its format.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from fraud.versions.card import behaviour, limits, origin, performance
from fraud.versions.card.facts import Facts
from fraud.versions.card.parts import Section, Words


def read(view: Mapping[str, Any]) -> Facts:
    """The facts in a version's view; msgspec.ValidationError when it is none."""
    return msgspec.convert(dict(view), Facts)


def title(facts: Facts) -> str:
    """The heading of the card."""
    return f"Model card {facts.version}"


def sections(facts: Facts) -> tuple[Section, ...]:
    """The whole card in reading order."""
    measured = facts.evaluation
    return (
        origin.identity(facts),
        _verdict(facts),
        performance.metrics(facts, measured) if measured else performance.unmeasured(facts),
        *([performance.comparison(facts.compared_with, measured)] if facts.compared_with and measured else ()),
        *(behaviour.sections(facts, measured) if measured else ()),
        *([behaviour.latency(facts.latency)] if facts.latency else ()),
        limits.section(facts),
        origin.history(facts),
        origin.provenance(facts),
        origin.columns(facts),
    )


def _verdict(facts: Facts) -> Section:
    if not facts.verdict:
        return Section("Verdict", (Words(("The record holds no verdict.",)),))
    held = any(reason.startswith("held") for reason in facts.verdict)
    outcome = "did not let the version go live by itself" if held else "let the version go live by itself"
    opening = Words((f"Before the version was registered, the activation gate {outcome}:",))
    return Section("Verdict", (opening, Words(tuple(facts.verdict), listed=True)))
