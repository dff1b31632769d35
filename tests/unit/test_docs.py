"""The README keeps up with the code: what it leaves out, and what it promises that is not there."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.main import app as fraudctl
from fraud import errors, settings
from fraud.http.envelope import API_PREFIX
from fraud.packing.families import FAMILIES
from fraud.scoring.prediction import Explanation, Factor, Prediction
from fraud.scoring.risk import Adjustment
from fraud.scoring.transaction import Transaction
from fraud.versions.claims import Claims
from fraud.versions.deployment import FINAL_STATES
from fraud.versions.keys import ARTEFACT_FILES, EVALUATION_KEY, MANIFEST_FILE
from local.template import load_template

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEMPLATE = load_template(ROOT / "template.yaml")
PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]
SOURCES = [path for top in ("functions", "layers/fraud/fraud") for path in sorted((ROOT / top).rglob("*.py"))]
RECORDS = (Transaction, Prediction, Explanation, Factor, Adjustment, Claims)


def section(title: str) -> str:
    """The text between a second-level heading and the next one."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> dict[str, str]:
    """The rows of its tables by each name in the first cell."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return {name: line for line in lines for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def nameless(route: str) -> str:
    """A route whatever its path parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", route)


def routes() -> set[str]:
    """Every `VERB /path` of the OpenAPI document and of the template."""
    document = json.loads((ROOT / "layers/fraud/fraud/http/openapi.json").read_text(encoding="utf-8"))
    described = {f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs}
    return {nameless(route.replace(API_PREFIX, "")) for route in described | set(deployed())}


def deployed() -> Iterator[str]:
    for resource in TEMPLATE["Resources"].values():
        for event in resource["Properties"].get("Events", {}).values():
            if event["Type"] == "Api" and event["Properties"]["Method"] != "OPTIONS":
                yield f"{event['Properties']['Method']} {event['Properties']['Path']}"


def scopes() -> set[str]:
    """Every scope a handler asks for."""
    return {scope for path in SOURCES for scope in re.findall(r'\.require\("([a-z:]+)"\)', path.read_text())}


def error_classes() -> list[type[errors.FraudError]]:
    found = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    return [one for one in found if issubclass(one, errors.FraudError)]


def error_codes() -> set[str]:
    """Every code a caller or an operator can meet: of the tree, given where it is raised, given by API Gateway."""
    raised = {code for path in SOURCES for code in re.findall(r'\bcode="([a-z_]+)"', path.read_text())}
    gateway = re.findall(r'"code":"([a-z_]+)"', (ROOT / "template.yaml").read_text())
    return {one.code for one in error_classes()} | raised | set(gateway)


def settings_fields() -> dict[str, object]:
    """Every environment variable with its default; a required one has none (NODEFAULT)."""
    kinds = [one for _, one in inspect.getmembers(settings, inspect.isclass) if issubclass(one, msgspec.Struct)]
    return {field.encode_name: field.default for kind in kinds for field in msgspec.structs.fields(kind)}


def shown(default: object) -> str:
    """A default as the tables write it."""
    if default is msgspec.NODEFAULT:
        return "required"
    if default in ("", None):
        return "none"
    return f"{default:g}" if isinstance(default, float) else str(default).lower()


def make_targets() -> list[str]:
    return re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)


def missing(names: set[str], text: str = README) -> list[str]:
    """The names that do not stand in the text as whole words."""
    return sorted(name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def test_every_route_is_in_the_readme_and_no_other() -> None:
    # WHEN
    told = {nameless(route) for route in re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^` ?]*)", README)}
    called = {nameless(path) for path in re.findall(rf"{API_PREFIX}(/[a-z][^\s'\"`?]*)", README)}

    # THEN
    assert told == routes()
    assert called <= {route.split(" ")[1] for route in routes()}


def test_every_scope_is_in_the_table_of_endpoints() -> None:
    assert scopes()
    assert missing(scopes(), section("Endpoints")) == []


def test_every_error_code_is_in_the_readme() -> None:
    assert missing({f"`{code}`" for code in error_codes()}, section("Error codes")) == []


def test_no_error_code_is_promised_that_nothing_sends() -> None:
    assert set(rows(section("Error codes"))) - error_codes() == set()


def test_every_error_code_has_the_status_its_class_sends() -> None:
    # GIVEN
    table = rows(section("Error codes"))

    # WHEN
    answering = [one for one in error_classes() if not issubclass(one, errors.RejectedArtefactError)]
    wrong = [one.code for one in answering if f"| {one.status} |" not in table[one.code]]

    # THEN
    assert wrong == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_template_parameter_is_in_the_readme_with_its_default(name: str) -> None:
    assert rows(section("Settings"))[name].split("|")[2].strip() == shown(PARAMETERS[name]["Default"])


@pytest.mark.parametrize("name", settings_fields())
def test_every_environment_variable_is_in_the_readme_with_its_default(name: str) -> None:
    # GIVEN the region, which the runtime itself provides
    default = "set by Lambda" if name == "AWS_REGION" else shown(settings_fields()[name])

    # THEN
    assert rows(section("Settings"))[name].split("|")[2].strip() == default


def test_no_setting_is_promised_that_nothing_reads() -> None:
    assert set(rows(section("Settings"))) == set(PARAMETERS) | set(settings_fields())


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_a_caller_sends_or_gets_is_in_the_readme(record: type[msgspec.Struct]) -> None:
    assert missing({f"`{name}`" for name in record.__struct_encode_fields__}) == []


def test_every_family_that_can_be_packed_is_in_the_readme() -> None:
    kinds = {kind.__name__ for kind in (*FAMILIES.classifiers, *FAMILIES.transforms)}
    assert missing(kinds, section("Models that can be dropped")) == []


def test_the_drop_contract_names_every_file_and_every_end() -> None:
    names = {*ARTEFACT_FILES, MANIFEST_FILE, EVALUATION_KEY, *FINAL_STATES}
    assert missing(names, section("The drop contract")) == []


def test_every_make_target_is_in_the_readme_and_no_other() -> None:
    assert set(re.findall(r"(?:`|^    |\$ )make ([a-z]+)", README, re.MULTILINE)) == set(make_targets())


def test_every_fraudctl_command_is_in_the_readme_and_no_other() -> None:
    # GIVEN
    groups = {str(group.name) for group in fraudctl.registered_groups}
    commands = {str(command.name) for command in fraudctl.registered_commands} | groups

    # WHEN
    told = re.findall(r"fraudctl ([a-z][a-z-]+)", README)

    # THEN
    assert set(told) == commands


def named_tests(text: str) -> list[tuple[str, str]]:
    """Every `file::test` of a text."""
    return re.findall(r"`([\w/]+\.py)::(test_\w+)`", text)


def test_every_item_of_the_owasp_list_has_tests_that_exist() -> None:
    # GIVEN the table, one row an item
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    told = {int(row.split()[1][3:]): named_tests(row) for row in text.splitlines() if re.match(r"\| API\d+ ", row)}

    # WHEN the tests it names are looked for
    tests = [test for row in told.values() for test in row]
    absent = [f"{file}::{name}" for file, name in tests if not has_test(ROOT / "tests" / file, name)]

    # THEN all ten items have some, and every one is there
    assert [item for item, found in told.items() if found] == list(range(1, 11))
    assert absent == []


def has_test(file: Path, name: str) -> bool:
    return file.is_file() and re.search(rf"^def {name}\(", file.read_text(), re.MULTILINE) is not None


def test_the_changelog_begins_with_what_is_not_released() -> None:
    headings = re.findall(r"^## .*$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "## [Unreleased]"
