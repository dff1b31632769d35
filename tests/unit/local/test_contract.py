"""How the running system is held against its own description."""

from functions import openapi
from local import contract

OUTPUTS = {"api_url": "http://127.0.0.1:1/stage", "admin_api_key": "secret"}


def test_the_description_is_read_where_it_is_served_and_its_paths_follow_the_stage() -> None:
    called = contract.command(OUTPUTS, "uv", "25")

    served = called[called.index("run", called.index("schemathesis")) + 1]
    assert served == f"{OUTPUTS['api_url']}/api/v1/openapi.json"
    assert {path.rpartition("/api/v1/")[0] for path in openapi.document()["paths"]} == {""}
    assert called[called.index("--url") + 1] == OUTPUTS["api_url"]
