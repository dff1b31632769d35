"""models: list versions, show their cards, say what is or was live, approve, activate, roll back, pardon."""

from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from fraud import settings
from fraud.aws.clients import client
from fraud.errors import NotFoundError
from fraud.http import replies, traffic_replies, version_replies
from fraud.http.control import ControlApp, moment
from fraud.http.envelope import header
from fraud.versions import activation, approval, lifecycle
from fraud.versions.card import Format, render
from fraud.versions.registry import Registry
from fraud.versions.rollouts import Plan
from fraud.versions.version import valid_version
from fraud.versions.views import View, condemnation_view, deployment_view, version_view
from fraud.versions.warm_up import WarmUp

ActivateBody = Annotated[version_replies.ActivateRequest, Body()]
ChangeBody = Annotated[replies.ChangeRequest, Body()]


PardonBody = Annotated[traffic_replies.PardonRequest, Body()]


@cache
def told() -> settings.ModelsSettings:
    return settings.read(settings.ModelsSettings)


@cache
def registry() -> Registry:
    return Registry(client("dynamodb"), told().registry_table)


@cache
def warm_up() -> WarmUp:
    return WarmUp(client("lambda"), told().predict_function)


app = ControlApp()


@app.get("/models/versions", summary="Every version, newest first")
@app.require("models:read")
def versions() -> version_replies.Versions:
    routing = registry().routing()
    active, revisions = routing.active if routing else None, list(registry().revisions())
    views = [version_view(version, active, revisions) for version in registry().versions()]
    return version_replies.Versions.model_validate(
        {"versions": views, "active_version": active, "total_versions": len(views)}
    )


@app.get("/models/versions/<version>", summary="One version's full record")
@app.require("models:read")
def version(version: Annotated[str, Path()]) -> version_replies.Version:
    return version_replies.Version.model_validate(shown(version))


@app.get("/models/versions/<version>/card", summary="One version's model card", responses=version_replies.CARD)
@app.require("models:read")
def card(
    version: Annotated[str, Path()],
    wanted: Annotated[Format | None, Query(alias="format", description="default: by Accept")] = None,
) -> Response[str]:
    accept = header(app.current_event.raw_event, "accept") or ""
    return Response(200, *render(shown(version), wanted, accept))


def shown(version: str) -> View:
    routing, found = registry().routing(), registry().version(valid_version(version))
    active, condemned = routing.active if routing else None, registry().condemnation(version)
    approvals = registry().approvals(version)
    return version_view(found, active, registry().revisions(), condemned, approvals=approvals)


@app.get("/models/active", summary="What is live, or was live at a moment")
@app.require("models:read")
def active(at: Annotated[str | None, Query(description="RFC 3339")] = None) -> version_replies.Active:
    found = lifecycle.active_at(registry(), moment("at", at))
    return version_replies.Active(version=found.active, revision=found.revision, since=found.since)


@app.post("/models/versions/<version>/approve", summary="Let a version somebody else deployed go live")
@app.require("models:approve")
def approve(version: Annotated[str, Path()], how: ChangeBody = replies.ChangeRequest()) -> version_replies.Approved:
    given = approval.approve(registry(), valid_version(version), by=app.caller, why=how.reason)
    return version_replies.Approved(version=version, approvals=[msgspec.to_builtins(one) for one in given])


@app.post("/models/activate/<version>", summary="Make a version the active one, at once or step by step")
@app.require("models:write")
def activate(
    version: Annotated[str, Path()], how: ActivateBody = version_replies.ActivateRequest()
) -> version_replies.Activated:
    plan = None if how.strategy == "all_at_once" else Plan(how.strategy, tuple(how.steps), how.bake_minutes)
    done = activation.activate(registry(), warm_up(), valid_version(version), plan, by=app.caller, why=how.reason)
    return version_replies.Activated.model_validate(done)


@app.post("/models/rollback", summary="Return to the version that served before")
@app.require("models:write")
def rollback(how: ChangeBody = replies.ChangeRequest()) -> version_replies.RolledBack:
    change = lifecycle.rollback(registry(), by=app.caller, why=how.reason)
    return version_replies.RolledBack(
        previous_version=change.previous or "", current_version=change.current, revision=change.revision
    )


@app.post("/models/versions/<version>/pardon", summary="Let a condemned version serve again")
@app.require("models:write")
def pardon(version: Annotated[str, Path()], why: PardonBody) -> traffic_replies.Pardoned:
    pardoned = activation.pardon(registry(), valid_version(version), by=app.caller, why=why.reason)
    return traffic_replies.Pardoned.model_validate(condemnation_view(pardoned))


@app.get("/deployments", summary="Deployments, newest first")
@app.require("models:read")
def deployments(
    version: Annotated[str | None, Query()] = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> version_replies.Deployments:
    found = registry().deployments(version=version, limit=limit)
    return version_replies.Deployments.model_validate({"deployments": [deployment_view(one) for one in found]})


@app.get("/deployments/<deployment_id>", summary="Each step of one deployment")
@app.require("models:read")
def deployment(deployment_id: Annotated[str, Path()]) -> version_replies.Deployment:
    found = registry().deployment(deployment_id)
    if found is None:
        raise NotFoundError(f"there is no deployment {deployment_id}")
    return version_replies.Deployment.model_validate(deployment_view(found))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return app.answer(event, context)
