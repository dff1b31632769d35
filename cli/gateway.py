"""API keys in API Gateway: made in the stack's usage plan, switched off when revoked."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient


class Gateway:
    """The keys of one usage plan."""

    def __init__(self, client: "APIGatewayClient", usage_plan_id: str) -> None:
        self._client, self._plan = client, usage_plan_id

    def add(self, name: str, value: str) -> str:
        """Let a key through to the functions, which decide what it may do; returns its id."""
        made = self._client.create_api_key(name=name, value=value, enabled=True)["id"]
        self._client.create_usage_plan_key(usagePlanId=self._plan, keyId=made, keyType="API_KEY")
        return made

    def remove(self, key_id: str) -> None:
        """Undo `add`."""
        self._client.delete_api_key(apiKey=key_id)

    def switch_off(self, key_id: str) -> None:
        """Refuse a key before any function runs."""
        change = {"op": "replace", "path": "/enabled", "value": "false"}
        self._client.update_api_key(apiKey=key_id, patchOperations=[change])  # type: ignore[list-item]
