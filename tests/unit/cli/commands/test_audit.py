"""audit list, verify, export; evidence: what an auditor gets, and what an auditor is told."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import Result

from fraud.audit.chain import Entry
from tests.unit.audit.test_chain import chain
from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
ENTRIES = chain(5)


def shown(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """As GET /audit shows them: newest first, each with its position."""
    return [{"position": one.sequence, **msgspec.to_builtins(one)} for one in reversed(entries)]


@pytest.fixture
def audited(api: ApiServer) -> ApiServer:
    """A system with five entries, read in two pages, and nothing wrong with them."""
    pages = shown(ENTRIES)
    for _ in range(2):
        api.answers("GET", "/audit", {"entries": pages[:3], "next_cursor": "3"})
        api.answers("GET", "/audit", {"entries": pages[3:], "next_cursor": None})
    proof = {"intact": True, "entries": 5, "findings": [], "head": msgspec.to_builtins(ENTRIES[-1]), "checkpoints": []}
    api.answers("GET", "/audit/verify", {**proof, "at": "t9"})
    return api


def test_the_history_is_a_table_of_who_did_what(audited: ApiServer, fraudctl: Fraudctl) -> None:
    lines = fraudctl("audit", "list", "--limit", "3").stdout.splitlines()
    assert lines[0].split() == ["entry", "at", "who", "what", "of", "from", "details"]
    assert lines[1].split()[:5] == ["5", "t4", "a", "x", "s4"]
    assert audited.asked[0].query == {"limit": "3"}


def test_a_history_that_holds_is_said_in_one_line(audited: ApiServer, fraudctl: Fraudctl) -> None:
    ran = fraudctl("audit", "verify")
    assert (ran.exit_code, ran.stdout) == (0, "5 entries, nothing was changed\n")


def test_every_finding_is_named_and_the_command_fails(api: ApiServer, fraudctl: Fraudctl) -> None:
    findings = [{"sequence": 3, "kind": "edited", "words": "its content does not have its hash"}]
    api.answers("GET", "/audit/verify", {"intact": False, "entries": 5, "findings": findings})
    ran = fraudctl("audit", "verify")
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[1].split()[:3] == ["3", "edited", "its"]


def test_a_bundle_is_verified_without_the_system(audited: ApiServer, fraudctl: Fraudctl, tmp_path: Path) -> None:
    # GIVEN an exported bundle, and one whose third entry was edited since
    honest, forged = tmp_path / "audit.zip", tmp_path / "forged.zip"
    assert fraudctl("audit", "export", "--file", str(honest)).exit_code == 0
    with zipfile.ZipFile(honest) as held, zipfile.ZipFile(forged, "w") as written:
        for name in held.namelist():
            written.writestr(name, held.read(name).replace(b'"subject": "s2"', b'"subject": "s9"'))
    asked = len(audited.asked)

    # WHEN both are verified
    good, bad = (fraudctl("audit", "verify", "--offline", str(file)) for file in (honest, forged))

    # THEN the first holds, the second names the entry, and nobody was asked
    assert (good.exit_code, good.stdout) == (0, "5 entries, nothing was changed\n")
    assert bad.exit_code == 1
    assert bad.stdout.splitlines()[1].split()[:2] == ["3", "edited"]
    assert len(audited.asked) == asked


def test_what_is_no_bundle_is_wrong_usage(fraudctl: Fraudctl, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")
    assert fraudctl("audit", "verify", "--offline", str(tmp_path / "x.zip")).exit_code == 2
    assert fraudctl("audit", "verify", "--offline", str(tmp_path / "none.zip")).exit_code == 2


def test_evidence_is_one_zip_whose_every_file_is_vouched_for(
    audited: ApiServer, fraudctl: Fraudctl, tmp_path: Path
) -> None:
    # GIVEN a version with a card, an approval and a history
    record = {"version": "v1.2.0", "approvals": [{"by": "bob"}], "history": [{"kind": "activation"}], "metrics": None}
    audited.answers("GET", "/models/versions/v1.2.0", record)
    audited.answers("GET", "/models/versions/v1.2.0/card", b"# Card")
    audited.answers("GET", "/deployments", {"deployments": [{"deployment_id": "d-1", "state": "activated"}]})
    file = tmp_path / "evidence.zip"

    # WHEN the evidence is written
    ran = fraudctl("evidence", "--version", "v1.2.0", "--file", str(file))

    # THEN each file is there with the digest contents.json gives, and the audit proof verifies
    assert ran.exit_code == 0, ran.output
    with zipfile.ZipFile(file) as held:
        files = {name: held.read(name) for name in held.namelist()}
    vouched = json.loads(files.pop("contents.json"))
    assert vouched == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert json.loads(files["approvals.json"]) == [{"by": "bob"}]
    assert json.loads(files["deployments.json"]) == [{"deployment_id": "d-1", "state": "activated"}]
    assert files["card.md"] == b"# Card"
    assert fraudctl("audit", "verify", "--offline", str(file)).exit_code == 0


def test_evidence_about_nothing_writes_nothing(fraudctl: Fraudctl, tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    assert fraudctl("evidence", "--version", "v9.9.9", "--file", str(file)).exit_code == 4
    assert not file.exists()
