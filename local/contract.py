"""`make contract`: schemathesis sends the running system whatever its own OpenAPI description allows, and worse.

It runs apart from the project's environment, in one that uv makes of the pinned release.
"""

import json
import os
import sys

from local.place import from_environment

RELEASE = "schemathesis==4.32.5"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
PHASES = "examples,coverage,fuzzing"


def command(outputs: dict[str, str], uv: str, cases: str) -> list[str]:
    """The call: at most `cases` made-up requests of each kind a route; a key may send 1,000 a minute."""
    api = outputs["api_url"]
    known = ["-H", f"x-api-key: {outputs['admin_api_key']}", "--url", api]
    how = ["--checks", CHECKS, "--max-examples", cases, "--rate-limit", "900/m", "--phases", PHASES]
    tool = [uv, "tool", "run", "--quiet", "--python", sys.executable, "--from", RELEASE]
    return [*tool, "schemathesis", "run", f"{api}/api/v1/openapi.json", *known, *how, "--request-timeout", "40"]


if __name__ == "__main__":
    place = from_environment()
    called = command(json.loads(place.outputs.read_text()), place.uv(), os.environ.get("CASES", "25"))
    os.execvp(called[0], called)  # noqa: S606 -- the pinned tool
