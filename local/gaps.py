"""What the stand-in leaves out of the template it deploys, done through its API instead.

- It ignores the gateway responses an API's definition carries.
- It ignores the time to live of tables.
- It takes a mapping's concurrency as text when it comes from a parameter, and then polls no queue at all.
- It asks for a right of its own for SendMessageBatch, which on AWS comes with sqs:SendMessage.
- It speaks plain HTTP, so a bucket policy that demands TLS would lock everybody out.
"""

import json
from typing import TYPE_CHECKING, Any

from local.aws import Aws

if TYPE_CHECKING:
    from mypy_boto3_apigateway.literals import GatewayResponseTypeType

SEND, BATCH = "sqs:SendMessage", "sqs:SendMessageBatch"
RESPONSES = "x-amazon-apigateway-gateway-responses"


def close_gaps(aws: Aws) -> None:
    """Make the deployed stack what its template says, as far as a laptop can."""
    template, ids = aws.stack_template()["Resources"], aws.physical_ids()
    for logical_id, resource in template.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::ApiGateway::RestApi":
            _answer_as_defined(aws, ids[logical_id], properties["Body"].get(RESPONSES, {}))
        elif resource["Type"] == "AWS::DynamoDB::Table":
            _expire(aws, ids[logical_id], properties)
        elif resource["Type"] == "AWS::S3::Bucket":
            aws.s3.delete_bucket_policy(Bucket=ids[logical_id])
        elif resource["Type"] == "AWS::IAM::Role" and logical_id in ids:
            _let_send_batches(aws, ids[logical_id])
    _bound_consumers(aws)


def _answer_as_defined(aws: Aws, api_id: str, responses: "dict[GatewayResponseTypeType, Any]") -> None:
    for kind, response in responses.items():
        optional = {"statusCode": str(response["statusCode"])} if "statusCode" in response else {}
        aws.api_gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            responseParameters=response.get("responseParameters", {}),
            responseTemplates=response.get("responseTemplates", {}),
            **optional,
        )
    for stage in aws.api_gateway.get_stages(restApiId=api_id)["item"]:
        aws.api_gateway.create_deployment(restApiId=api_id, stageName=stage["stageName"])


def _let_send_batches(aws: Aws, role: str) -> None:
    for name in aws.iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document: Any = aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        sending = [
            one for one in document["Statement"] if SEND in one["Action"] and f"{SEND}Batch" not in one["Action"]
        ]
        for statement in sending:
            statement["Action"].append(f"{SEND}Batch")
        if sending:
            aws.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _bound_consumers(aws: Aws) -> None:
    for mapping in aws.functions.list_event_source_mappings()["EventSourceMappings"]:
        if "ScalingConfig" in mapping:
            aws.functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=mapping["ScalingConfig"])


def _expire(aws: Aws, table: str, properties: dict[str, Any]) -> None:
    described = aws.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if "TimeToLiveSpecification" in properties and described.get("TimeToLiveStatus") != "ENABLED":
        wanted = properties["TimeToLiveSpecification"]
        aws.dynamodb.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"AttributeName": wanted["AttributeName"], "Enabled": wanted["Enabled"]},
        )
