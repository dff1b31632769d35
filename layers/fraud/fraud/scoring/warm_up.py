"""Try a version before it serves: load it, check its hash, score its own median row."""

from fraud.aws.lean.errors import LeanError
from fraud.errors import FraudError, UnavailableError
from fraud.observability import log
from fraud.scoring.live import LiveModels


def warm_up(models: LiveModels, version: str) -> dict[str, object]:
    """`{"version", "probability"}` of a version that can serve, `{"version", "problem"}` of one that cannot.

    Raises UnavailableError and LeanError: a store that does not answer says nothing about the version.
    """
    try:
        model = models.load(version)
        probability = model.packed.score(list(model.medians))
    except (UnavailableError, LeanError):
        raise
    except FraudError as error:
        return _problem(version, error.message)
    except Exception as error:  # whatever a broken model makes the evaluator do
        return _problem(version, type(error).__name__)
    if not 0.0 <= probability <= 1.0:
        return _problem(version, f"scores {probability} on its median row")
    return {"version": version, "probability": probability}


def _problem(version: str, words: str) -> dict[str, object]:
    log("warm_up_failed", level="ERROR", version=version, problem=words)
    return {"version": version, "problem": words}
