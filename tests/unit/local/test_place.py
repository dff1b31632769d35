from pathlib import Path

import pytest

from local.errors import LocalError
from local.place import DEFAULT_PORT, environment, from_environment


def test_port_and_state_directory_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN both are chosen
    monkeypatch.setenv("PORT", "4700")
    monkeypatch.setenv("LOCAL_DIR", ".local/other")
    # WHEN the place is asked for / THEN it is there
    place = from_environment()
    assert (place.endpoint, place.state) == ("http://127.0.0.1:4700", place.root / ".local/other")


def test_without_a_port_the_running_instance_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN an instance that was started on a port of its own
    (tmp_path / "outputs.json").write_text('{"endpoint_url": "http://127.0.0.1:4701"}')
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    # WHEN no port is named / THEN it is that one
    assert from_environment().port == 4701


def test_an_empty_port_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN `PORT= make up` / WHEN the place is asked for / THEN the port is the default
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("LOCAL_DIR", ".local/never-started")
    assert from_environment().port == DEFAULT_PORT


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80 80", "٤٥٦٦"])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN something else in PORT / WHEN the place is asked for / THEN the error shows it
    monkeypatch.setenv("PORT", port)
    with pytest.raises(LocalError, match=f"PORT={port} is not a port number"):
        from_environment()


def test_children_never_meet_a_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN an operator who is logged in to AWS
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "SAM_CONFIG", "PYTHONPATH", "MAKEFLAGS"):
        monkeypatch.setenv(name, "the operator's")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the operator's")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    # WHEN a child's environment is made
    made = environment(AWS_ENDPOINT_URL="http://127.0.0.1:4700")
    # THEN nothing of that is in it, and loopback is never sent through the proxy
    assert "the operator's" not in made.values()
    assert made["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4700"
    assert made["HTTPS_PROXY"] == "http://proxy.example"
    assert "127.0.0.1" in made["NO_PROXY"].split(",")


def test_a_missing_environment_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a clone without environments / WHEN a tool is asked for / THEN the error says how to get it
    monkeypatch.delenv("PORT", raising=False)
    place = type(from_environment())(tmp_path, tmp_path, 4566)
    with pytest.raises(LocalError, match="run `make envs` once"):
        place.tool("cloud", "python")
