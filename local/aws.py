"""Clients of the laptop cloud's services, and what its stack says about itself."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.place import ACCESS_KEY, REGION, SECRET_KEY, STACK, Place

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

_SETTINGS = Config(connect_timeout=2, read_timeout=60, retries={"total_max_attempts": 3}, proxies={})


class Aws:
    """The services of one instance, as its root user."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._session = boto3.Session(
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION
        )

    @cached_property
    def api_gateway(self) -> "APIGatewayClient":
        """API keys and gateway responses."""
        return self._session.client("apigateway", endpoint_url=self._place.endpoint, config=_SETTINGS)

    @cached_property
    def cloud_formation(self) -> "CloudFormationClient":
        """The deployed stack."""
        return self._session.client("cloudformation", endpoint_url=self._place.endpoint, config=_SETTINGS)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The tables."""
        return self._session.client("dynamodb", endpoint_url=self._place.endpoint, config=_SETTINGS)

    @cached_property
    def functions(self) -> "LambdaClient":
        """The functions and what triggers them."""
        return self._session.client("lambda", endpoint_url=self._place.endpoint, config=_SETTINGS)

    @cached_property
    def iam(self) -> Any:
        """The roles of the functions."""
        return self._session.client("iam", endpoint_url=self._place.endpoint, config=_SETTINGS)

    @cached_property
    def s3(self) -> "S3Client":
        """The buckets."""
        return self._session.client("s3", endpoint_url=self._place.endpoint, config=_SETTINGS)

    def stack_outputs(self) -> dict[str, str]:
        """The outputs of the deployed stack, named as in the template."""
        stack = self.cloud_formation.describe_stacks(StackName=STACK)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def stack_template(self) -> dict[str, Any]:
        """The template as deployed: its macros are expanded, its functions are not."""
        body: Any = self.cloud_formation.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
        return dict(json.loads(body) if isinstance(body, str) else body)

    def physical_ids(self) -> dict[str, str]:
        """What each logical id of the template became."""
        pages = self.cloud_formation.get_paginator("list_stack_resources").paginate(StackName=STACK)
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for page in pages
            for one in page["StackResourceSummaries"]
        }
