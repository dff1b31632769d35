"""What each function's role may do: exactly this, and nothing anywhere else."""

from pathlib import Path
from typing import Any

import pytest

from local.template import load_template

RESOURCES = load_template(Path(__file__).resolve().parents[2] / "template.yaml")["Resources"]
FUNCTIONS = {name.removesuffix("Function") for name, r in RESOURCES.items() if r["Type"] == "AWS::Serverless::Function"}

MODELS, LOGS, AUDIT, BATCHES = "models bucket", "logs bucket", "audit bucket", "batches bucket"
CALLERS = {"SigningSecret": "secretsmanager:GetSecretValue", "Nonces": "dynamodb:PutItem"}  # to know who calls
SCORING = {
    "Registry": "dynamodb:GetItem",
    "Requests": "dynamodb:PutItem",
    f"{MODELS}/models/*": "s3:GetObject",
    "TokenSecret": "secretsmanager:GetSecretValue",
}
ROLES = {
    "Predict": {**CALLERS, **SCORING, "SpoolQueue": "sqs:SendMessage"},
    "Preflight": {},
    "Spool": {
        "Requests": "dynamodb:PutItem",
        "SpoolQueue": "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
    },
    "Batch": {
        **SCORING,
        "BatchQueue": "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
    },
    "Stream": {
        **SCORING,
        "TransactionStream": "kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords "
        "kinesis:GetShardIterator kinesis:ListShards",
        "StreamDeadLetters": "sqs:SendMessage",
    },
    "Pack": {
        f"{MODELS}/drops/*": "s3:GetObject s3:GetObjectVersion",
        f"{MODELS}/quarantine/*": "s3:PutObject",
        "Registry": "dynamodb:Query",
        "PackFailuresQueue": "sqs:SendMessage",
    },
    "Deploy": {
        **CALLERS,
        f"{MODELS}/*": "s3:GetObject",
        "arn:AWS::Partition:s3:::ModelSourceBucket/*": "s3:GetObject",
        f"{MODELS}/models/*": "s3:PutObject",
        f"{MODELS}/drops/*": "s3:GetObjectVersion s3:PutObject",
        MODELS: "s3:ListBucket",
        "Registry": "dynamodb:ConditionCheckItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query",
        "PackFailuresQueue": "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
        "DeployDeadLetters": "sqs:SendMessage",
    },
    "Models": {
        **CALLERS,
        "Registry": "dynamodb:ConditionCheckItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query",
        "PredictFunction": "lambda:InvokeFunction",
    },
    "Rollout": {
        **CALLERS,
        "Registry": "dynamodb:ConditionCheckItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query",
        "Watch": "dynamodb:Query",
        f"{MODELS}/models/*": "s3:GetObject",
        MODELS: "s3:ListBucket",
        "RolloutDeadLetters": "sqs:SendMessage",
    },
    "Shadow": {
        "Requests stream": "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
        "Requests/stream/*": "dynamodb:ListStreams",
        "Registry": "dynamodb:GetItem dynamodb:PutItem",
        f"{MODELS}/models/*": "s3:GetObject",
        "ShadowDeadLetters": "sqs:SendMessage",
    },
    "Batches": {
        **CALLERS,
        "Registry": "dynamodb:GetItem",
        "Batches": "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem",
        f"{BATCHES}/incoming/*": "s3:GetObject s3:GetObjectVersion",
        f"{BATCHES}/work/*": "s3:GetObject s3:PutObject",
        f"{BATCHES}/results/*": "s3:GetObject",
        "StepsQueue": "sqs:SendMessage",
        "BulkDeadLetters": "sqs:SendMessage",
    },
    "Score": {
        **SCORING,
        "Batches": "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem",
        f"{BATCHES}/incoming/*": "s3:GetObject s3:GetObjectVersion",
        f"{BATCHES}/work/*": "s3:GetObject s3:GetObjectVersion s3:PutObject",
        f"{BATCHES}/results/*": "s3:PutObject",
        "PartsQueue": "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
        "StepsQueue": "sqs:SendMessage",
    },
    "Split": {
        "Registry": "dynamodb:GetItem",
        "Batches": "dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem",
        f"{BATCHES}/incoming/*": "s3:GetObject s3:GetObjectVersion",
        f"{BATCHES}/work/*": "s3:GetObject s3:GetObjectVersion s3:PutObject",
        f"{BATCHES}/results/*": "s3:PutObject",
        "PartsQueue": "sqs:SendMessage",
        "StepsQueue": "sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage sqs:SendMessage",
    },
    "Monitoring": {
        **CALLERS,
        "Registry": "dynamodb:GetItem",
        "Requests": "dynamodb:Query",
        "Requests/index/failures": "dynamodb:Query",
        "Watch": "dynamodb:Query",
        f"{LOGS}/logs/*": "s3:GetObject",
        LOGS: "s3:ListBucket",
    },
    "Feedback": {
        **CALLERS,
        "Registry": "dynamodb:GetItem",
        "Requests": "dynamodb:Query",
        "Watch": "dynamodb:GetItem dynamodb:PutItem dynamodb:Query",
    },
    "Alerts": {
        "AlertSecretArn": "secretsmanager:GetSecretValue",
        "AlertsDeadLetters": "sqs:SendMessage",
    },
    "Health": {
        "Registry": "dynamodb:GetItem",
        "Requests": "dynamodb:GetItem dynamodb:Query",
        "Watch": "dynamodb:GetItem dynamodb:PutItem dynamodb:Query",
        "PackFailuresQueue": "sqs:GetQueueAttributes",
        "DeployDeadLetters": "sqs:GetQueueAttributes",
        "ArchiveDeadLetters": "sqs:GetQueueAttributes",
        "EventsDeadLetters": "sqs:GetQueueAttributes",
        "AlertsDeadLetters": "sqs:GetQueueAttributes",
        "RolloutDeadLetters": "sqs:GetQueueAttributes",
        "ShadowDeadLetters": "sqs:GetQueueAttributes",
        "AuditDeadLetters": "sqs:GetQueueAttributes",
        "BulkDeadLetters": "sqs:GetQueueAttributes",
        "SpoolDeadLetters": "sqs:GetQueueAttributes",
        "BatchDeadLetters": "sqs:GetQueueAttributes",
        "StreamDeadLetters": "sqs:GetQueueAttributes",
        f"{MODELS}/models/*": "s3:GetObject",
        MODELS: "s3:ListBucket",
        LOGS: "s3:ListBucket",
        "AlertTopic": "sns:Publish",
        "HealthDeadLetters": "sqs:GetQueueAttributes sqs:SendMessage",
    },
    "Audit": {
        **CALLERS,
        "Registry": "dynamodb:GetItem dynamodb:Query",
        f"{AUDIT}/checkpoints/*": "s3:GetObjectVersion s3:PutObject",
        AUDIT: "s3:ListBucketVersions",
        "AlertTopic": "sns:Publish",
        "AuditDeadLetters": "sqs:SendMessage",
    },
    "Events": {
        "Registry stream": "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
        "Registry/stream/*": "dynamodb:ListStreams",
        "EventBus": "events:PutEvents",
        "Watch": "dynamodb:GetItem dynamodb:PutItem",
        "SigningSecret": "secretsmanager:GetSecretValue",
        "AlertTopic": "sns:Publish",
        "EventsDeadLetters": "sqs:SendMessage",
    },
    "Archive": {
        "Requests stream": "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
        "Requests/stream/*": "dynamodb:ListStreams",
        "Registry": "dynamodb:GetItem",
        "Watch": "dynamodb:GetItem dynamodb:PutItem",
        f"{LOGS}/logs/*": "s3:PutObject",
        "ArchiveDeadLetters": "sqs:SendMessage",
    },
}


def statements(role: str) -> list[dict[str, Any]]:
    """Everything the role's policies allow; a managed policy or a denial would hide something."""
    properties = RESOURCES[f"{role}Role"]["Properties"]
    assert set(properties) == {"AssumeRolePolicyDocument", "Policies"}
    found = [one for policy in properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    assert all(one["Effect"] == "Allow" for one in found)
    return found


def plain(resource: Any) -> str:
    """A resource as the table above names it."""
    if resource == "*":
        return "*"
    if "Fn::If" in resource:  # what the condition adds
        return plain(resource["Fn::If"][1])
    text = str(next(iter(resource.values())))
    for bucket in ("models", "logs", "audit", "batches"):
        text = text.replace(
            f"arn:${{AWS::Partition}}:s3:::${{AWS::StackName}}-{bucket}-${{AWS::AccountId}}", f"{bucket} bucket"
        )
    text = text.replace("${", "").replace("}", "").replace(".StreamArn", " stream")
    return text.removesuffix(".Id").replace(".Arn", "")


def granted(role: str) -> dict[str, str]:
    actions: dict[str, set[str]] = {}
    for statement in statements(role):
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            actions.setdefault(plain(resource), set()).update(statement["Action"])
    return {resource: " ".join(sorted(found)) for resource, found in actions.items()}


def test_every_function_has_a_role_in_the_table() -> None:
    # GIVEN the functions / WHEN their roles are named / THEN each has its own, and the table knows it
    assert set(ROLES) == FUNCTIONS
    for name in FUNCTIONS:
        assert RESOURCES[f"{name}Function"]["Properties"]["Role"] == {"Fn::GetAtt": f"{name}Role.Arn"}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_may_do_exactly_what_the_table_says(role: str) -> None:
    # GIVEN what every function needs to log and trace
    everybody = {
        f"{role}Logs": "logs:CreateLogStream logs:PutLogEvents",
        "*": "xray:PutTelemetryRecords xray:PutTraceSegments",
    }
    # WHEN the role is read / THEN it grants that and its row of the table
    assert granted(role) == everybody | ROLES[role]


def test_every_function_that_answers_callers_can_know_them() -> None:
    # GIVEN the functions with a route that asks for a key
    keyed = {name for name in FUNCTIONS for event in RESOURCES[f"{name}Function"]["Properties"]["Events"].values()
             if event["Type"] == "Api" and event["Properties"].get("Auth", {}).get("ApiKeyRequired", True)}  # fmt: skip
    # WHEN their rows of the table are read / THEN each reads clients and takes the id of a signed message once
    for name in keyed:
        assert ROLES[name].items() >= CALLERS.items(), name
        assert "dynamodb:GetItem" in ROLES[name]["Registry"], name


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_action_is_a_wildcard_and_nothing_can_be_deleted(role: str) -> None:
    # GIVEN a role / WHEN its actions are read
    actions = {action for statement in statements(role) for action in statement["Action"]}
    # THEN each is spelled out, none deletes data, changes permissions or touches keys
    assert not {action for action in actions if "*" in action}
    assert not {a for a in actions if a.startswith(("iam:", "kms:", "s3:Delete", "dynamodb:Delete", "lambda:"))} - {
        "lambda:InvokeFunction"
    }


@pytest.mark.parametrize(
    ("role", "prefixes"), [("Monitoring", ["logs/*"]), ("Rollout", ["models/*"]), ("Health", ["models/*", "logs/*"])]
)
def test_who_only_looks_lists_its_own_prefix(role: str, prefixes: list[str]) -> None:
    # GIVEN a role that reads buckets / WHEN its right to list them is read / THEN it ends at a prefix
    listing = [one for one in statements(role) if one["Action"] == ["s3:ListBucket"]]
    assert [one["Condition"] for one in listing] == [{"StringLike": {"s3:prefix": [prefix]}} for prefix in prefixes]


def test_only_lambda_can_take_a_role() -> None:
    # GIVEN the roles / WHEN it is asked who may assume them / THEN it is Lambda alone
    for role in ROLES:
        document = RESOURCES[f"{role}Role"]["Properties"]["AssumeRolePolicyDocument"]
        assert document["Statement"] == [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
