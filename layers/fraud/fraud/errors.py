"""Every error a caller can meet.

    FraudError
    ├── InvalidRequestError          400 malformed_json, 422 invalid_transaction …
    ├── NotAuthenticError            401
    ├── NotAllowedError              403
    ├── NotFoundError                404
    ├── ConflictError                409
    ├── TooLargeError                413
    ├── UnavailableError             503
    ├── ScoringFailedError           500
    └── RejectedArtefactError        a drop that must not become a version
        ├── InvalidArtefactError
        ├── UnsupportedModelError
        └── InvalidPackedModelError

Callers match on `code`; the text may change.
"""

from collections.abc import Iterable

PATH_SHOWN = 200


class Problem(dict[str, str]):
    """One offending field: `{"field": path, "problem": words}`; of a path its beginning, as far as it is text."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field=field[:PATH_SHOWN].encode("utf-8", "replace").decode(), problem=problem)


class FraudError(Exception):
    """Base of the tree: a stable code, words for a person, an HTTP status and the offending fields."""

    status = 500
    code = "internal_error"

    def __init__(self, message: str, *, code: str | None = None, details: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details = list(details)


class MalformedJsonError(FraudError):
    """The body is not JSON."""

    status, code = 400, "malformed_json"


class InvalidRequestError(FraudError):
    """A field is missing, unknown or holds a value that is not allowed; `details` names each."""

    status, code = 422, "invalid_request"


class NotAuthenticError(FraudError):
    """The call is not signed as it must be."""

    status, code = 401, "request_not_signed"


class NotAllowedError(FraudError):
    """The key is known but may not do this."""

    status, code = 403, "insufficient_scope"


class NotFoundError(FraudError):
    """Nothing is stored under this name."""

    status, code = 404, "not_found"


class VersionNotFoundError(NotFoundError):
    """No such model version is registered."""

    code = "version_not_found"

    def __init__(self, version: str) -> None:
        super().__init__(f"model version {version} is not registered")


class ConflictError(FraudError):
    """The request cannot be carried out in the present state."""

    status, code = 409, "conflict"


class VersionNotReadyError(ConflictError):
    """The version exists but may not serve: it is condemned or not READY."""

    code = "version_not_ready"


class ChangedMeanwhileError(ConflictError):
    """Somebody else moved the routing record between our read and our write."""

    code = "changed_meanwhile"


class BesideInProgressError(ConflictError):
    """A rollout or an experiment is beside the active version already; `code` says which."""

    code = "rollout_in_progress"


class ApprovalRequiredError(ConflictError):
    """The version may not go live before somebody other than its deployer approves it."""

    code = "approval_required"


class NoRollbackTargetError(ConflictError):
    """Nothing that could serve again served before the active version."""

    code = "no_rollback_target"


class ScoringFailedError(FraudError):
    """A model failed on a transaction; `version` says whose failure it is."""

    status, code = 500, "scoring_failed"

    def __init__(self, version: str, why: str, *, code: str | None = None) -> None:
        super().__init__(f"version {version} could not score this transaction: {why}", code=code)
        self.version = version


class TooLargeError(FraudError):
    """The body, list or artefact exceeds its limit."""

    status, code = 413, "too_large"


class UnavailableError(FraudError):
    """A dependency does not answer; retry later."""

    status, code = 503, "dependency_unavailable"


class NoActiveModelError(UnavailableError):
    """No version is active yet, so nothing can be scored."""

    code = "no_active_model"

    def __init__(self) -> None:
        super().__init__("no model version is active: drop one into the model bucket or activate one")


class RejectedArtefactError(FraudError):
    """A drop that must not become a version; the message is the reason an operator reads."""

    status, code = 422, "artefact_rejected"


class InvalidArtefactError(RejectedArtefactError):
    """The file is not a readable, fitted, binary classifier of the expected shape."""

    code = "invalid_artefact"


class UnsupportedModelError(RejectedArtefactError):
    """The estimator is of a family that cannot be packed exactly."""

    code = "unsupported_model"


class InvalidPackedModelError(RejectedArtefactError):
    """Packed bytes that fail validation: they are never evaluated."""

    code = "invalid_packed_model"
