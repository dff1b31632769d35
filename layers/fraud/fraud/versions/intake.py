"""From a quarantined drop to a registered, perhaps active, version: verify, measure, register, activate or hold.

Every step may be repeated: the event may come twice, late, or after a crash half-way. A deployment that has ended is
not touched again; one that has not goes on from the registry's state.
"""

import msgspec

from fraud.errors import (
    ApprovalRequiredError,
    BesideInProgressError,
    ChangedMeanwhileError,
    ConflictError,
    InvalidArtefactError,
    InvalidPackedModelError,
    InvalidRequestError,
    RejectedArtefactError,
)
from fraud.observability import log
from fraud.scoring.packed.model import PackedModel
from fraud.traffic.routing import NONE_YET
from fraud.versions import claims, keys, lifecycle
from fraud.versions.candidate import Candidate, Measured, record_of
from fraud.versions.deployment import Deployment, deployment_id
from fraud.versions.evaluation_set import EvaluationSet, load_evaluation_set
from fraud.versions.measurement import Scored, measure, measure_latency
from fraud.versions.progress import Progress
from fraud.versions.quarantine import QuarantineReport
from fraud.versions.registry import Registry
from fraud.versions.store import ModelStore
from fraud.versions.trust import Trust
from fraud.versions.verification import verify
from fraud.versions.version import ModelVersion, storable

ACTOR = "deploy"
ATTEMPTS = 5
MEASURING_SECONDS = 30  # of one model; with the active one beside it well below the function's timeout


class Intake:
    """The trusted half of a deployment."""

    def __init__(self, registry: Registry, store: ModelStore, trust: Trust, minimum_f1: float) -> None:
        self._registry, self._store, self._trust, self._minimum_f1 = registry, store, trust, minimum_f1

    def receive(self, report: QuarantineReport) -> Deployment:
        """Take one report to its end; a refusal leaves a deployment record, nothing else."""
        deployment = begun(report)
        known = self._registry.deployment(deployment.deployment_id)
        if known and known.final:
            return known
        if known:  # begun by an earlier event, or by the webhook: still the same deployment
            deployment = msgspec.structs.replace(deployment, created_at=known.created_at, by=known.by)
        progress = Progress(self._registry, deployment)
        try:
            return self._admit(report, progress)
        except ChangedMeanwhileError:
            raise  # a crowd says nothing about the artefact: the event comes again
        except (RejectedArtefactError, ConflictError) as error:
            return progress.ended("rejected", f"{error.code}: {error.message}")

    def _admit(self, report: QuarantineReport, progress: Progress) -> Deployment:
        progress.reached("received", f"{report.drop.size} bytes, sha256 {report.drop.sha256}", report.received_at)
        if report.refused:
            raise InvalidArtefactError(report.refused.reason, code=report.refused.code)
        progress.reached("packed", _packed_words(report), report.packed_at)
        candidate = self._verified(report)
        progress.reached("verified", f"{len(report.golden_answers)} reference answers reproduced")
        evaluation = self._evaluation()
        measured = self._measured(candidate, evaluation)
        progress.reached("measured", measured.words)
        version = self._registered(candidate, evaluation, measured, progress)
        progress.reached("registered", f"packed sha256 {version.packed_sha256}")
        for _ in range(ATTEMPTS):
            try:
                return self._activated_or_held(version, measured, progress)
            except ChangedMeanwhileError:
                measured = self._measured(candidate, evaluation)
        return progress.ended("held", "held: the active version kept changing while this one was compared with it")

    def _verified(self, report: QuarantineReport) -> Candidate:
        if keys.parse_drop_key(report.drop.key)[0] != report.version:
            raise InvalidArtefactError(f"the report calls {report.drop.key} version {report.version}")
        existing = self._registry.find_version(report.version)
        if existing and existing.sha256 != report.drop.sha256:
            raise ConflictError(
                f"version {report.version} is already registered with other bytes; versions never change",
                code="version_exists",
            )
        signed_by = self._signer(report)
        claimed = claims.read(report.manifest, report.metadata)
        if claimed.sha256 not in (None, report.drop.sha256):
            raise InvalidArtefactError(f"the manifest names sha256 {claimed.sha256}, the file has {report.drop.sha256}")
        model = verify(report.packed, report.golden_rows, report.golden_answers)
        return Candidate(report, model, claimed, signed_by, measure_latency(model, report.golden_rows))

    def _signer(self, report: QuarantineReport) -> str | None:
        """Who signed the drop, once the very bytes that were packed have been hashed again on this side."""
        found = self._store.drop_sha256(report.drop)
        if found != report.drop.sha256:
            words = "is gone" if found is None else f"has sha256 {found}"
            raise InvalidArtefactError(f"the dropped object {words}, the report is about {report.drop.sha256}")
        return self._trust.signer_of(report.version, found, report.signature)

    def _evaluation(self) -> EvaluationSet | str:
        """The evaluation set, or why there is none."""
        data = self._store.evaluation()
        if data is None:
            return f"there is no evaluation set at {keys.EVALUATION_KEY}"
        try:
            return load_evaluation_set(data)
        except InvalidRequestError as error:
            return error.message

    def _measured(self, candidate: Candidate, evaluation: EvaluationSet | str) -> Measured:
        routing = self._registry.routing()
        if isinstance(evaluation, str):
            return Measured(None, None, routing, f"not measured: {evaluation}")
        seconds = candidate.latency.thousand_rows_ms / 1e6 * len(evaluation.y)
        if seconds > MEASURING_SECONDS:
            words = (
                f"not measured: {len(evaluation.y)} rows would take {seconds:.0f} s, {MEASURING_SECONDS} are allowed"
            )
            return Measured(None, None, routing, words)
        other = self._active(routing.active) if routing and routing.active != candidate.report.version else None
        try:
            found, paired = measure((candidate.model, candidate.claims.thresholds), evaluation, other)
        except InvalidRequestError as error:
            return Measured(None, None, routing, f"not measured: {error.message}")
        words = f"F1 {found.f1:.3f}, average precision {found.average_precision:.3f} on {found.n} rows"
        return Measured(found, paired, routing, words)

    def _active(self, version: str) -> Scored | None:
        record = self._registry.version(version)
        data = self._store.packed(record)
        try:
            return (PackedModel.from_bytes(data), record.thresholds) if data else None
        except InvalidPackedModelError as error:
            # the candidate is not to blame; without a comparison it is held
            log("active_version_unreadable", level="ERROR", version=version, why=error.message)
            return None

    def _registered(
        self, candidate: Candidate, evaluation: EvaluationSet | str, measured: Measured, progress: Progress
    ) -> ModelVersion:
        known = self._registry.find_version(candidate.report.version)
        if known:
            return known
        known_set = evaluation if isinstance(evaluation, EvaluationSet) else None
        verdict = measured.verdict(self._minimum_f1)
        version = storable(record_of(candidate, known_set, measured, verdict, progress.deployment))
        self._store.put_packed(version.packed_key, candidate.report.packed)
        registered = self._registry.register(version, actor=ACTOR)
        if registered.sha256 != version.sha256:
            raise ConflictError(f"version {version.version} was registered meanwhile", code="version_exists")
        return registered

    def _activated_or_held(self, version: ModelVersion, measured: Measured, progress: Progress) -> Deployment:
        served = [one for one in self._registry.revisions() if one.active == version.version]
        if served:
            # this deployment got that far before; what was decided since then (a rollback, say) is not its to undo
            return progress.ended("activated", f"revision {served[-1].revision}: {served[-1].why}")
        verdict = measured.verdict(self._minimum_f1)
        reason = "; ".join(verdict.reasons)
        if not verdict.activate:
            return progress.ended("held", reason)
        revision = measured.routing.revision if measured.routing else NONE_YET
        try:
            change = lifecycle.activate_version(
                self._registry, version.version, by=ACTOR, why=reason, at_revision=revision
            )
        except BesideInProgressError as busy:
            return progress.ended("held", f"held: {busy.message}")
        except ApprovalRequiredError as error:
            return progress.ended("held", f"held: needs approval: {error.message}; {reason}")
        return progress.ended("activated", f"revision {change.revision}: {reason}")


def begun(report: QuarantineReport) -> Deployment:
    """The deployment a report belongs to."""
    return Deployment(
        deployment_id=deployment_id(report.drop.key, report.drop.sha256),
        version=report.version,
        state="received",
        created_at=report.received_at,
        drop_key=report.drop.key,
        drop_sha256=report.drop.sha256,
    )


def _packed_words(report: QuarantineReport) -> str:
    words = f"{report.family}, {len(report.features)} features, {len(report.packed)} bytes"
    return f"{words}; {report.columns_assumed}" if report.columns_assumed else words
