"""Calls, time and chance of this process taken over by a history, and what takes long without need made quick."""

import os
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.retries.quota import RetryQuota
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto.core.botocore_stubber import BotocoreStubber

from fraud import clock as fraud_clock
from fraud.access.guard import Guard
from fraud.aws.lean import retry
from fraud.aws.lean.connections import Connections
from fraud.breaker import Breaker
from fraud.scoring import batch
from fraud.scoring.live import LiveModels
from fraud.versions import measurement
from fraud.watch import model_watch, tick
from tests.faults.clock import Clock
from tests.faults.way import Way


class InOrder:
    """Stands for a pool of threads: one after the other, so that a seed is one history."""

    def __init__(self, _: int) -> None: ...

    def __enter__(self) -> "InOrder":
        return self

    def __exit__(self, *_: object) -> None: ...

    map = staticmethod(map)


def take_over(
    patch: pytest.MonkeyPatch, clock: Clock, way: Callable[[], Way], drawn: Callable[[int], bytes]
) -> list[RetryQuota]:
    """From now on calls go the `way`, time is the clock's and chance is `drawn`.

    Gives the retry quotas of all boto3 clients made from now on: what one history spends the next must have again.
    """
    put, quotas = patch.setattr, list[RetryQuota]()
    put(BotocoreStubber, "__call__", lambda _, event_name, request, **__: way().boto(request))
    put(Connections, "exchange", lambda _, origin, request: way().lean(origin, request))
    put(os, "urandom", drawn)
    put(random, "_urandom", drawn)
    put(fraud_clock, "datetime", clock.kind())
    for module in (fraud_clock, retry, batch):
        put(module, "time", clock)
    put(time, "sleep", clock.sleep)
    for made in (LiveModels.__init__, Guard.__init__, Breaker.__init__):
        put(made, "__kwdefaults__", {**(made.__kwdefaults__ or {}), "monotonic": clock.monotonic})
    put(RetryQuota, "__init__", _remembering(RetryQuota.__init__, quotas))
    return quotas


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Kept clients, no threads, few draws and few rows where numbers do not matter, no signatures nobody checks."""
    patch.setattr(boto3, "client", _keeping(boto3.client))
    patch.setattr(batch, "ThreadPoolExecutor", InOrder)
    for name in ("SINGLE_ROWS", "MANY_ROWS"):
        patch.setattr(measurement, name, 10)
    for name in ("evaluate", "paired_difference"):
        patch.setattr(measurement, name, partial(getattr(measurement, name), draws=40))
    patch.setattr(tick, "LABELS_WAIT_DAYS", 2)
    patch.setattr(model_watch, "LABEL_DAYS", 2)
    patch.setattr(RequestSigner, "sign", _signing(RequestSigner.sign))
    patch.setattr(UserAgentString, "to_string", lambda _: "histories")


def _keeping(make: Callable[..., Any]) -> Callable[..., Any]:
    """`boto3.client` that makes each client once."""
    kept: dict[tuple[str, int], Any] = {}

    def client(service: str, config: Any = None) -> Any:
        key = (service, id(config))
        if key not in kept:
            kept[key] = make(service, config=config)
        return kept[key]

    return client


def _remembering(begin: Callable[..., None], quotas: list[RetryQuota]) -> Callable[..., None]:
    def remembered(quota: RetryQuota, *arguments: Any, **more: Any) -> None:
        begin(quota, *arguments, **more)
        if quota not in quotas:
            quotas.append(quota)

    return remembered


def _signing(truly: Callable[..., None]) -> Callable[..., None]:
    """Only S3's requests are signed, for their form depends on it; all others say who calls, which takes no time."""

    def sign(signer: RequestSigner, operation: str, request: Any, *more: Any, **told: Any) -> None:
        if signer.signing_name == "s3":
            return truly(signer, operation, request, *more, **told)
        scope = f"20261122/{signer.region_name}/{signer.signing_name}/aws4_request"
        said = f"AWS4-HMAC-SHA256 Credential=testing/{scope}, SignedHeaders=host, Signature=0"
        request.headers["Authorization"] = said
        return None

    return sign
