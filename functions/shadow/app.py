"""shadow: a candidate that answers nobody scores what the active version answered."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.requests.stream import batch_id, records_of
from fraud.scoring.live import LiveModels
from fraud.scoring.store import ServingStore
from fraud.traffic.routing import SHADOW
from fraud.versions.registry import Registry
from fraud.versions.shadow import overshadow


@cache
def told() -> settings.ShadowSettings:
    return settings.read(settings.ShadowSettings)


@cache
def registry() -> Registry:
    return Registry(client("dynamodb"), told().registry_table)


@cache
def models() -> LiveModels:
    lean = LeanClient(told().aws_region, endpoint_url=told().aws_endpoint_url)
    store = ServingStore(lean, told().registry_table, told().model_bucket)
    return LiveModels(store, cache_size=told().model_cache_size, routing_seconds=0)


def handler(event: dict[str, Any], context: object) -> None:
    records, routing = records_of(DynamoDBStreamEvent(event)), registry().routing()
    if not records or routing is None or routing.split is None or routing.split.strategy != SHADOW:
        return
    shadow, columns = models().load(routing.split.candidate), models().load(routing.active).names
    mine, theirs = overshadow([item for _, item in records], routing, shadow, columns)
    if theirs.requests:
        registry().tally(routing.split.of, batch_id([sequence for sequence, _ in records]), mine, theirs)
