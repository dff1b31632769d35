"""A verified drop on its way to a version: what it is, what it measured, and the record that comes of both."""

import msgspec

from fraud.clock import now, rfc3339
from fraud.scoring.packed.model import PackedModel
from fraud.traffic.routing import Routing
from fraud.versions import keys
from fraud.versions.claims import Claims
from fraud.versions.deployment import Deployment
from fraud.versions.evaluation_set import EvaluationSet
from fraud.versions.gates import Verdict, activation_verdict, claim_differences
from fraud.versions.measurements import Comparison, Evaluation, Latency, PairedDifference
from fraud.versions.profile import schema_for
from fraud.versions.quarantine import QuarantineReport
from fraud.versions.version import ModelVersion, Provenance


class Candidate(msgspec.Struct, frozen=True):
    """A verified drop with everything the registration needs."""

    report: QuarantineReport
    model: PackedModel
    claims: Claims
    signed_by: str | None
    latency: Latency


class Measured(msgspec.Struct, frozen=True):
    """What the evaluation set showed; both None when there is no usable set."""

    evaluation: Evaluation | None
    paired: PairedDifference | None
    routing: Routing | None
    words: str

    @property
    def active(self) -> str | None:
        """The version that was active when it was measured."""
        return self.routing.active if self.routing else None

    @property
    def comparison(self) -> Comparison | None:
        """The difference to that version, by its name."""
        if self.paired is None or self.active is None:
            return None
        return Comparison(version=self.active, **msgspec.structs.asdict(self.paired))

    def verdict(self, minimum_f1: float) -> Verdict:
        """What the activation gate says of it."""
        return activation_verdict(
            evaluation=self.evaluation, paired=self.paired, active_version=self.active, minimum_f1=minimum_f1
        )


def record_of(
    candidate: Candidate,
    evaluation: EvaluationSet | None,
    measured: Measured,
    verdict: Verdict,
    deployment: Deployment,
) -> ModelVersion:
    """The immutable record of a version, with the verdict as it was before the version was registered."""
    report, told = candidate.report, candidate.claims
    return ModelVersion(
        version=report.version,
        created_at=rfc3339(now()),
        sha256=report.drop.sha256,
        packed_sha256=report.packed_sha256,
        packed_key=keys.packed_key(report.version, report.packed_sha256),
        packed_bytes=len(report.packed),
        family=report.family,
        description=told.description,
        metrics=msgspec.to_builtins(measured.evaluation) if measured.evaluation else None,
        claimed_metrics=told.metrics,
        claim_differences=[msgspec.to_builtins(one) for one in claim_differences(measured.evaluation, told.metrics)],
        evaluation_sha256=evaluation.sha256 if evaluation and measured.evaluation else None,
        compared_with=measured.comparison,
        latency=candidate.latency,
        thresholds=told.thresholds,
        schema=schema_for(report.features, told.schema, evaluation, candidate.model.reference),
        provenance=_provenance(candidate, deployment),
        verdict=list(verdict.reasons),
    )


def _provenance(candidate: Candidate, deployment: Deployment) -> Provenance:
    drop, told = candidate.report.drop, candidate.claims
    return Provenance(
        drop_key=drop.key,
        drop_version_id=drop.version_id,
        drop_size=drop.size,
        uploader=drop.uploader,
        signed_by=candidate.signed_by,
        deployed_by=deployment.by or None,
        deployment_id=deployment.deployment_id,
        git_commit=told.git_commit,
        build_id=told.build_id,
        training_data_sha256=told.training_data_sha256,
        libraries=candidate.report.libraries,
    )
