"""rollout: rollouts and experiments over HTTP, and the tick that drives and guards them."""

import secrets
from datetime import timedelta
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from fraud import settings
from fraud.aws.clients import client
from fraud.aws.lean.client import LeanClient
from fraud.clock import now
from fraud.http import replies, traffic_replies
from fraud.http.control import ControlApp
from fraud.scoring.live import LiveModels
from fraud.scoring.store import ServingStore
from fraud.scoring.warm_up import warm_up
from fraud.versions import experiments, rollouts
from fraud.versions.driver import Driver
from fraud.versions.registry import Registry
from fraud.versions.registry.table import Table
from fraud.versions.version import valid_version
from fraud.versions.views import experiment_view, rollout_view
from fraud.watch.counter_store import CounterStore
from fraud.watch.label_store import LabelStore
from fraud.watch.matured import MatureLabels
from fraud.watch.traffic_figures import CountedFigures

ChangeBody = Annotated[replies.ChangeRequest, Body()]
ExperimentBody = Annotated[traffic_replies.ExperimentRequest, Body()]
Limit = Annotated[int, Query(ge=1, le=1000)]


@cache
def told() -> settings.RolloutSettings:
    return settings.read(settings.RolloutSettings)


@cache
def registry() -> Registry:
    return Registry(client("dynamodb"), told().registry_table)


@cache
def figures() -> CountedFigures:
    kept = timedelta(days=told().metrics_retention_days)
    counters = CounterStore(client("dynamodb"), told().watch_table, kept)
    store = LabelStore(client("dynamodb"), told().watch_table, Table(client("dynamodb"), told().requests_table))
    return CountedFigures(counters, MatureLabels(store), registry().shadowed)


def problem(version: str) -> str | None:
    lean = LeanClient(told().aws_region, endpoint_url=told().aws_endpoint_url)
    store = ServingStore(lean, told().registry_table, told().model_bucket)
    found = warm_up(LiveModels(store, cache_size=1, routing_seconds=0), version).get("problem")
    return str(found) if found else None


app = ControlApp()


@app.get("/rollouts", summary="Rollouts, newest first")
@app.require("models:read")
def listed(limit: Limit = 20) -> traffic_replies.Rollouts:
    found = [rollout_view(one, registry().verdicts(one.rollout_id, 1)) for one in registry().rollouts(limit)]
    return traffic_replies.Rollouts.model_validate({"rollouts": found})


@app.get("/rollouts/<rollout_id>", summary="One rollout with every look at it")
@app.require("models:read")
def rollout(rollout_id: Annotated[str, Path()], limit: Limit = 100) -> traffic_replies.Rollout:
    found = rollouts.found(registry(), rollout_id)
    return traffic_replies.Rollout.model_validate(rollout_view(found, registry().verdicts(rollout_id, limit)))


@app.post("/rollouts/<rollout_id>/abort", summary="End a rollout; the active version goes on alone")
@app.require("models:write")
def abort(rollout_id: Annotated[str, Path()], how: ChangeBody = replies.ChangeRequest()) -> traffic_replies.Rollout:
    ended = rollouts.abort(registry(), rollout_id, by=app.caller, why=how.reason)
    return traffic_replies.Rollout.model_validate(rollout_view(ended, registry().verdicts(rollout_id, 1)))


@app.post("/experiments", summary="Begin an A/B experiment beside the active version")
@app.require("models:write")
def experiment(asked: ExperimentBody) -> traffic_replies.Experiment:
    told = asked.model_dump(exclude={"reason"})
    told |= {"owner": asked.owner or app.caller, "salt": asked.salt or secrets.token_hex(8)}
    for version in filter(None, (asked.treatment, asked.control)):
        valid_version(version)
    design = msgspec.convert(told, experiments.Design)
    begun = experiments.begin(registry(), design, by=app.caller, why=asked.reason)
    return traffic_replies.Experiment.model_validate(experiment_view(begun))


@app.get("/experiments", summary="Experiments, newest first")
@app.require("models:write")
def history(limit: Limit = 20) -> traffic_replies.Experiments:
    found = [experiment_view(one) for one in registry().experiments(limit)]
    return traffic_replies.Experiments.model_validate({"experiments": found})


@app.get("/experiments/<experiment_id>", summary="One experiment and what it shows so far")
@app.require("models:write")
def results(experiment_id: Annotated[str, Path()]) -> traffic_replies.Experiment:
    return told_of(experiment_id)


@app.post("/experiments/<experiment_id>/stop", summary="Stop an experiment")
@app.require("models:write")
def stop(
    experiment_id: Annotated[str, Path()], how: ChangeBody = replies.ChangeRequest()
) -> traffic_replies.Experiment:
    experiments.stop(registry(), experiment_id, by=app.caller, why=how.reason)
    return told_of(experiment_id)


def told_of(experiment_id: str) -> traffic_replies.Experiment:
    found = experiments.found(registry(), experiment_id)
    return traffic_replies.Experiment.model_validate(experiment_view(found, experiments.shown(found, figures())))


def handler(event: dict[str, Any], context: object) -> dict[str, Any] | None:
    if "httpMethod" in event:
        return app.answer(event, context)
    Driver(registry(), figures(), problem, told().auto_rollback_f1).tick(now())
    return None
