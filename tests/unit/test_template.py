"""What we demand of template.yaml, beyond what linters know."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.template import load_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = load_template(ROOT / "template.yaml")
PUBLIC = {"/health", "/health/live", "/openapi.json", "/docs"}
ROUTES = {
    "POST /deploy": "DeployFunction",
    "POST /predict": "PredictFunction",
    "POST /predict/batch": "PredictFunction",
    "GET /models/versions": "ModelsFunction",
    "GET /models/versions/{version}": "ModelsFunction",
    "GET /models/versions/{version}/card": "ModelsFunction",
    "GET /models/active": "ModelsFunction",
    "POST /models/activate/{version}": "ModelsFunction",
    "POST /models/rollback": "ModelsFunction",
    "POST /models/versions/{version}/approve": "ModelsFunction",
    "POST /models/versions/{version}/pardon": "ModelsFunction",
    "GET /rollouts": "RolloutFunction",
    "GET /rollouts/{id}": "RolloutFunction",
    "POST /rollouts/{id}/abort": "RolloutFunction",
    "GET /experiments": "RolloutFunction",
    "POST /experiments": "RolloutFunction",
    "GET /experiments/{id}": "RolloutFunction",
    "POST /experiments/{id}/stop": "RolloutFunction",
    "GET /deployments": "ModelsFunction",
    "GET /deployments/{id}": "ModelsFunction",
    "POST /batches": "BatchesFunction",
    "GET /batches/{id}": "BatchesFunction",
    "POST /batches/{id}/cancel": "BatchesFunction",
    "POST /batches/{id}/resume": "BatchesFunction",
    "GET /batches/{id}/results/{name}": "BatchesFunction",
    "GET /logs": "MonitoringFunction",
    "GET /metrics": "MonitoringFunction",
    "GET /metrics/performance": "MonitoringFunction",
    "GET /metrics/business": "MonitoringFunction",
    "GET /metrics/model": "MonitoringFunction",
    "GET /alerts": "MonitoringFunction",
    "POST /labels": "FeedbackFunction",
    "POST /alerts/{id}/ack": "FeedbackFunction",
    "GET /audit": "AuditFunction",
    "GET /audit/verify": "AuditFunction",
    "GET /health": "HealthFunction",
    "GET /health/live": "HealthFunction",
    "GET /openapi.json": "HealthFunction",
    "GET /docs": "HealthFunction",
}
Template = dict[str, Any]
Violations = Iterator[str]


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in template["Resources"].items() if one["Type"] == kind}


def functions(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::Serverless::Function")


def events(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, function in functions(template).items():
        for event in function["Events"].values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def functions_without_kept_logs(template: Template) -> Violations:
    groups = of_type(template, "AWS::Logs::LogGroup")
    for name, function in functions(template).items():
        group = groups.get(function["LoggingConfig"]["LogGroup"]["Ref"], {})
        same_name = group.get("LogGroupName", {}).get("Fn::Sub") == "/aws/lambda/" + function["FunctionName"]["Fn::Sub"]
        if not same_name or "RetentionInDays" not in group or function["LoggingConfig"]["LogFormat"] != "JSON":
            yield name


def functions_without_code(template: Template) -> Violations:
    for name, function in functions(template).items():
        source = ROOT / function["CodeUri"] / "app.py"
        if not source.exists() or "def handler(" not in source.read_text():
            yield name


def careless_tables(template: Template) -> Violations:
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        careful = (
            table["BillingMode"] == "PAY_PER_REQUEST"
            and table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled")
            and table.get("SSESpecification", {}).get("SSEEnabled")
            and table.get("TimeToLiveSpecification") == {"AttributeName": "expires_at", "Enabled": True}
            and table.get("DeletionProtectionEnabled") == {"Fn::If": ["IsProd", True, False]}
        )
        if not careful:
            yield name


def careless_buckets(template: Template) -> Violations:
    demanding_tls = {policy["Bucket"]["Ref"] for policy in tls_policies(template)}
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        encryption = bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])[0]
        careful = (
            encryption.get("ServerSideEncryptionByDefault", {}).get("SSEAlgorithm") == "AES256"
            and all(bucket.get("PublicAccessBlockConfiguration", {"": False}).values())
            and bucket.get("VersioningConfiguration", {}).get("Status") == "Enabled"
            and "AbortIncompleteMultipartUpload" in json.dumps(bucket["LifecycleConfiguration"])
            and name in demanding_tls
        )
        if not careful:
            yield name


def tls_policies(template: Template) -> Iterator[dict[str, Any]]:
    for policy in of_type(template, "AWS::S3::BucketPolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}:
                yield policy


def triggers_without_a_prefix(template: Template) -> Violations:
    for name, event in events(template, "S3"):
        rules = event.get("Filter", {}).get("S3Key", {}).get("Rules", [])
        if not any(rule["Name"] == "prefix" and rule["Value"].endswith("/") for rule in rules):
            yield name


def events_that_can_vanish(template: Template) -> Violations:
    """Asynchronous events need a place to go to when the function fails on them."""
    for kind in ("S3", "Schedule", "DynamoDB", "Kinesis", "SNS"):
        for name, event in events(template, kind):
            fallback = functions(template)[name].get("EventInvokeConfig", {}).get("DestinationConfig", {})
            stream = event.get("DestinationConfig", {}) if kind in ("DynamoDB", "Kinesis") else fallback
            if "OnFailure" not in fallback or "OnFailure" not in stream:
                yield f"{name} {kind}"
            if kind == "Schedule" and "DeadLetterConfig" not in event:
                yield f"{name} {kind}"


def queues_that_lose_messages(template: Template) -> Violations:
    queues = of_type(template, "AWS::SQS::Queue")
    for name, event in events(template, "SQS"):
        logical_id = event["Queue"]["Fn::GetAtt"].removesuffix(".Arn")
        timeout = functions(template)[name].get("Timeout", template["Globals"]["Function"]["Timeout"])
        if queues[logical_id].get("VisibilityTimeout", 30) < 6 * timeout:
            yield f"{logical_id} visibility"
        if queues[logical_id].get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 2:
            yield f"{logical_id} redrive"
        if event.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} reports no single failures"


def unwatched_dead_letters(template: Template) -> Violations:
    """Health speaks up about every queue nothing works on."""
    told = json.dumps(functions(template)["HealthFunction"]["Environment"]["Variables"]["DEAD_LETTER_QUEUES"])
    kept = [name for name in of_type(template, "AWS::SQS::Queue") if name.endswith("DeadLetters")]
    yield from (name for name in kept if f'"{name}"' not in told)


def unencrypted_messages(template: Template) -> Violations:
    yield from (name for name, q in of_type(template, "AWS::SQS::Queue").items() if not q.get("SqsManagedSseEnabled"))
    yield from (name for name, t in of_type(template, "AWS::SNS::Topic").items() if not t.get("KmsMasterKeyId"))


def routes_open_to_all(template: Template) -> Violations:
    required = of_type(template, "AWS::Serverless::Api")["Api"]["Auth"].get("ApiKeyRequired", False)
    for name, event in events(template, "Api"):
        path = event["Path"].removeprefix("/api/v1")
        public = path in PUBLIC or name == "PreflightFunction"
        if event.get("Auth", {}).get("ApiKeyRequired", required) is public:
            yield path


def paths_without_preflight(template: Template) -> Violations:
    """A browser asks with OPTIONS before it calls; what answers it is the function without rights, and nothing else."""
    asked = {e["Path"]: name for name, e in events(template, "Api") if e["Method"] == "OPTIONS"}
    for name, event in events(template, "Api"):
        only = (name == "PreflightFunction") is (event["Method"] == "OPTIONS")
        if asked.get(event["Path"]) != "PreflightFunction" or not only:
            yield event["Path"]


RULES: list[Callable[[Template], Violations]] = [
    functions_without_kept_logs,
    functions_without_code,
    careless_tables,
    careless_buckets,
    triggers_without_a_prefix,
    events_that_can_vanish,
    queues_that_lose_messages,
    unwatched_dead_letters,
    unencrypted_messages,
    routes_open_to_all,
    paths_without_preflight,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_template_has_no(rule: Callable[[Template], Violations]) -> None:
    # GIVEN the template / WHEN a rule looks at it / THEN it finds nothing
    assert list(rule(TEMPLATE)) == []


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("PredictLogs.RetentionInDays", None, functions_without_kept_logs),
        ("PredictFunction.LoggingConfig.LogGroup", {"Ref": "PackLogs"}, functions_without_kept_logs),
        ("PredictFunction.CodeUri", "functions/nowhere", functions_without_code),
        ("Requests.PointInTimeRecoverySpecification", None, careless_tables),
        ("Registry.SSESpecification.SSEEnabled", False, careless_tables),
        ("ModelBucket.VersioningConfiguration.Status", "Suspended", careless_buckets),
        ("LogBucket.PublicAccessBlockConfiguration.BlockPublicAcls", False, careless_buckets),
        ("BatchBucketPolicy.PolicyDocument.Statement", [], careless_buckets),
        ("PackFunction.Events.Drop.Properties.Filter", None, triggers_without_a_prefix),
        ("PackFunction.EventInvokeConfig.DestinationConfig", {}, events_that_can_vanish),
        ("ArchiveFunction.Events.Recorded.Properties.DestinationConfig", None, events_that_can_vanish),
        ("StreamFunction.Events.Streamed.Properties.DestinationConfig", None, events_that_can_vanish),
        ("HealthFunction.Events.Tick.Properties.DeadLetterConfig", None, events_that_can_vanish),
        ("PackFailuresQueue.VisibilityTimeout", 719, queues_that_lose_messages),
        ("BatchQueue.VisibilityTimeout", 179, queues_that_lose_messages),
        ("PackFailuresQueue.RedrivePolicy", None, queues_that_lose_messages),
        ("HealthFunction.Environment.Variables.DEAD_LETTER_QUEUES", "", unwatched_dead_letters),
        ("DeployDeadLetters.SqsManagedSseEnabled", False, unencrypted_messages),
        ("AlertTopic.KmsMasterKeyId", None, unencrypted_messages),
        ("Api.Auth.ApiKeyRequired", False, routes_open_to_all),
        ("PredictFunction.Events.Predict.Properties.Auth", {"ApiKeyRequired": False}, routes_open_to_all),
        ("PreflightFunction.Events.Predict.Properties.Auth", {"ApiKeyRequired": True}, routes_open_to_all),
        ("PreflightFunction.Events.Predict", None, paths_without_preflight),
        ("PredictFunction.Events.Predict.Properties.Method", "OPTIONS", paths_without_preflight),
    ],
)
def test_a_seeded_fault_is_found(path: str, value: object, rule: Callable[[Template], Violations]) -> None:
    # GIVEN a template with one fault
    template = copy.deepcopy(TEMPLATE)
    name, *parents, last = path.split(".")
    place = template["Resources"][name]["Properties"]
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[last]
    else:
        place[last] = value
    # WHEN the rule against it looks / THEN it speaks up
    assert list(rule(template)) != []


def test_every_route_reaches_its_function() -> None:
    # GIVEN the routes the contract promises / WHEN the template's are read / THEN they are the same
    told = [(name, e) for name, e in events(TEMPLATE, "Api") if e["Method"] != "OPTIONS"]
    assert {f"{e['Method']} {e['Path'].removeprefix('/api/v1')}": name for name, e in told} == ROUTES


def test_counting_knows_the_shard_of_every_batch() -> None:
    # GIVEN that sequence numbers count within a shard, and that only events of windows name theirs
    [event] = [e for name, e in events(TEMPLATE, "DynamoDB") if name == "ArchiveFunction"]
    # THEN the stream of requests is read in windows
    assert event["Stream"] == {"Fn::GetAtt": "Requests.StreamArn"}
    assert event["TumblingWindowInSeconds"] == 60


def test_a_function_never_writes_where_it_is_triggered() -> None:
    # GIVEN the prefixes that trigger functions
    triggers = {name: event["Filter"]["S3Key"]["Rules"][0]["Value"] for name, event in events(TEMPLATE, "S3")}
    assert triggers == {"PackFunction": "drops/", "DeployFunction": "quarantine/", "BatchesFunction": "incoming/"}
    # WHEN the roles are read / THEN none may put an object under its function's own prefix
    for name, prefix in triggers.items():
        role = TEMPLATE["Resources"][name.replace("Function", "Role")]["Properties"]["Policies"]
        puts = [s for p in role for s in p["PolicyDocument"]["Statement"] if "s3:PutObject" in s["Action"]]
        assert puts
        assert prefix not in json.dumps(puts)


def test_what_the_gateway_answers_wears_our_envelope() -> None:
    responses = of_type(TEMPLATE, "AWS::Serverless::Api")["Api"]["GatewayResponses"]
    for kind, response in responses.items():
        # GIVEN a response of the gateway itself / WHEN its variables are filled in
        text = response["ResponseTemplates"]["application/json"]
        filled = text.replace("$context.error.messageString", '"why"').replace("$context.requestId", "id-1")
        error = json.loads(filled)["error"]
        # THEN it is the envelope of every other answer
        assert list(error) == ["code", "message", "details", "request_id"], kind
        assert error["request_id"] == "id-1"
        assert response["ResponseParameters"]["Headers"]["X-Request-Id"] == "context.requestId"
        assert ("Retry-After" in response["ResponseParameters"]["Headers"]) == (
            response.get("StatusCode", 400) in (429, 503, 504)
        )


def test_the_plan_refills_what_a_minute_allows() -> None:
    # GIVEN each rate one can choose / WHEN it is looked up / THEN it is a sixtieth per second
    allowed = TEMPLATE["Parameters"]["RateLimitPerMinute"]["AllowedValues"]
    rates = {int(minute): float(rate["PerSecond"]) for minute, rate in TEMPLATE["Mappings"]["RateLimits"].items()}
    assert rates == {minute: pytest.approx(minute / 60, abs=1e-4) for minute in allowed}


def test_no_environment_value_is_a_secret() -> None:
    # GIVEN what functions are told / WHEN it is read / THEN secrets are named by ARN only
    told = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    assert {name for name in told if "SECRET" in name or "KEY" in name or "PASSWORD" in name} == {
        "TOKEN_SECRET_ARN", "SIGNING_SECRET_ARN",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ("", True),
        ("https://console.example.com", True),
        ("https://console.example.com,http://localhost:8080", True),
        ("*", False),
        ("https://*.example.com", False),
        ("https://console.example.com,*", False),
        ("https://console.example.com/", False),
        ("https://Console.example.com", False),  # browsers send small letters
        ("https://console.example.com, https://b.example.com", False),
        ("null", False),
    ],
)
def test_origins_are_named_one_by_one(told: str, *, taken: bool) -> None:
    # GIVEN the parameter's pattern / WHEN a list is held against it / THEN whole origins pass and wildcards do not
    assert bool(re.fullmatch(TEMPLATE["Parameters"]["AllowedOrigins"]["AllowedPattern"], told)) is taken
    # AND the gateway adds no answer of its own to OPTIONS, which could name one origin only
    assert "Cors" not in of_type(TEMPLATE, "AWS::Serverless::Api")["Api"]
