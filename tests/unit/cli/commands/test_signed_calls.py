"""--sign: whatever a command asks of the API, reads included, verifies with the key's own secret."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from fraud.access.client import digest
from fraud.access.webhook import Signature, derived_secret, require_authentic
from fraud.clock import now
from tests.unit.cli.commands.test_rollouts import rollout
from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
SECRET = derived_secret("m4st3r", digest("admin-key"))
CHANGED = {"previous_version": "v1", "new_version": "v2", "current_version": "v2", "revision": 3}
EXPERIMENT = {"experiment_id": "e-1", "name": "n", "state": "stopped", "treatment": "v2", "split": 20.0,
              "control": "v1", "metric": "recall"}  # fmt: skip
BATCH = {"batch_id": "b-1", "state": "cancelled", "done": 1, "failed": 0, "total": 2, "rows_per_second": 0,
         "model_version": "v1", "reason": None}  # fmt: skip
LABELLED = {"accepted": 1, "joined": 1}
COMMANDS: list[tuple[str, str, dict[str, Any]]] = [
    ("activate v2", "/models/activate/v2", CHANGED),
    ("rollback", "/models/rollback", CHANGED),
    ("approve v2", "/models/versions/v2/approve", {"version": "v2", "approvals": [{"by": "bob"}]}),
    ("pardon v2 --reason mended", "/models/versions/v2/pardon", {"version": "v2", "why": "errors"}),
    (
        "rollout start v2 --shadow",
        "/models/activate/v2",
        {**CHANGED, "rollout_id": "r-1", "strategy": "shadow", "share": 0},
    ),
    ("rollout abort r-1", "/rollouts/r-1/abort", rollout("aborted", ended_at="t1", ended_by="bob")),
    ("experiment start v2 --name n", "/experiments", EXPERIMENT),
    ("experiment stop e-1", "/experiments/e-1/stop", EXPERIMENT),
    ("alerts --ack a-1", "/alerts/a-1/ack", {"id": "a-1"}),
    ("batch b-1 --cancel", "/batches/b-1/cancel", BATCH),
    ("labels FILE", "/labels", LABELLED),
]


@pytest.mark.parametrize(("command", "path", "reply"), COMMANDS, ids=[one[0] for one in COMMANDS])
def test_every_command_that_changes_something_can_sign(
    command: str,
    path: str,
    reply: dict[str, Any],
    api: ApiServer,
    fraudctl: Fraudctl,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # GIVEN a key whose calls must be signed
    monkeypatch.setenv("FRAUDCTL_SIGNING_SECRET", SECRET)
    api.answers("POST", path, reply)
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps({"transaction_id": "t-1", "is_fraud": True, "source": "analyst"}))
    arguments = [str(labels) if word == "FILE" else word for word in command.split()]

    # WHEN the command is told to sign, and told nothing
    ran = [fraudctl("--sign", *arguments), fraudctl(*arguments)]

    # THEN the first call is of its bytes by that key, the second carries no signature
    assert [one.exit_code for one in ran] == [0, 0], [one.output for one in ran]
    (headers, raw), (unsigned, _) = api.raw
    sent = Signature(*(headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")))
    require_authentic(SECRET, sent, raw, now().timestamp())
    assert "webhook-signature" not in unsigned


def test_reads_are_signed_too_and_the_environment_says_so_for_all(
    api: ApiServer, fraudctl: Fraudctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAUDCTL_SIGNING_SECRET", SECRET)
    monkeypatch.setenv("FRAUDCTL_SIGN", "1")
    api.answers("GET", "/rollouts", {"rollouts": []})
    assert fraudctl("rollout", "list").exit_code == 0
    [(headers, raw)] = api.raw
    sent = Signature(*(headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")))
    require_authentic(SECRET, sent, raw, now().timestamp())


def test_a_secret_that_is_none_is_wrong_usage(
    api: ApiServer, fraudctl: Fraudctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAUDCTL_SIGNING_SECRET", "not a secret")
    assert fraudctl("--sign", "rollback").exit_code == 2
    assert api.asked == []
