"""A deployment: what happened to one drop, step by step, with times and reasons."""

import hashlib

import msgspec

FINAL_STATES = ("activated", "held", "rejected")
MAX_WORDS = 4000  # of one step: names and messages inside it come from artefacts, and the record is one item


class Step(msgspec.Struct, frozen=True):
    """One step of a deployment: `done` or `failed`, when, and what was seen."""

    step: str
    state: str
    at: str
    detail: str = ""


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is the last step reached; `reason` says why a drop was held or rejected; `by` who asked over HTTP."""

    deployment_id: str
    version: str
    state: str
    created_at: str
    drop_key: str
    drop_sha256: str
    steps: tuple[Step, ...] = ()
    reason: str | None = None
    by: str = ""

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINAL_STATES

    def reached(self, step: str, at: str, detail: str = "") -> "Deployment":
        """The deployment after a step that went well."""
        steps = (*self.steps, Step(step, "done", at, detail[:MAX_WORDS]))
        return msgspec.structs.replace(self, state=step, steps=steps)

    def ended(self, state: str, at: str, reason: str) -> "Deployment":
        """The deployment in a final state, for a reason in words."""
        outcome = "failed" if state == "rejected" else "done"
        steps = (*self.steps, Step(state, outcome, at, reason[:MAX_WORDS]))
        return msgspec.structs.replace(self, state=state, steps=steps, reason=reason[:MAX_WORDS])


def deployment_id(drop_key: str, drop_sha256: str) -> str:
    """The same bytes under the same key are one deployment, however often the event comes."""
    return "dep-" + hashlib.sha256(f"{drop_key}\n{drop_sha256}".encode()).hexdigest()[:20]
