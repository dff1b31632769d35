"""Bring the laptop cloud up, keep it in step with the sources, take it down."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from local import build, cloud, drop, outputs, progress
from local.aws import Aws
from local.errors import ApiError, LocalError, StepFailedError
from local.gaps import close_gaps
from local.place import Place

TAIL_SECONDS = 0.5


def up(place: Place) -> None:
    """Have a running, seeded instance of the present sources; stop everything when that fails.

    Raises LocalError, and touches nothing, when an instance runs on another port or another start is under way.
    """
    place.state.mkdir(parents=True, exist_ok=True)
    with cloud.locked(place.state / "up.lock"):
        elsewhere = outputs.read(place).get("endpoint_url", place.endpoint)
        if cloud.running(place) and elsewhere != place.endpoint:
            raise LocalError(f"already running at {elsewhere}: `make down` stops it")
        try:
            said = _up(place)
        except BaseException:
            cloud.stop(place)
            raise
    progress.say(said)


def _up(place: Place) -> str:
    begun, wanted = time.monotonic(), build.fingerprint(place)
    if not cloud.running(place):
        _create(place, wanted)
    elif outputs.read(place).get("deployed") != wanted:
        _deploy(place, wanted)
    else:
        progress.note("already up, nothing has changed")
    found, transaction = outputs.read(place), drop.example(place.state / "model")
    with _step(place, "scoring one transaction", "scored one transaction"):
        answer = drop.score(found, transaction)
    return f"""
Up after {time.monotonic() - begun:.0f} s; {answer["model_version"]} gives an example {answer["fraud_probability"]:.3f}.
  API   {found["api_url"]}/api/v1
  key   {found["api_key"]}
  more  {place.outputs}

Try it:

{curl(found, json.dumps({**transaction, "transaction_id": "example-2"}, separators=(",", ":")))}
"""


@contextmanager
def _step(place: Place, doing: str, done: str) -> Iterator[None]:
    try:
        with progress.step(doing, done):
            yield
    except (ApiError, BotoCoreError, ClientError, OSError) as error:
        raise StepFailedError(doing, place.log("cloud"), str(error)) from error


def _create(place: Place, wanted: str) -> None:
    with ExitStack() as children:
        with _step(place, "starting the cloud", f"cloud listens on 127.0.0.1:{place.port}"):
            cloud.start(place)
        trainer = children.enter_context(drop.training(place))
        _deploy(place, wanted)
        with _step(place, "training the reference model", "reference model trained"):
            trainer.finish()
    aws, found = Aws(place), outputs.read(place)
    with _step(place, "dropping the model into the bucket", f"{drop.VERSION} dropped"):
        drop.upload(place, aws, found)
    with _step(place, "waiting until the model is live", f"{drop.VERSION} is live"):
        drop.follow(found, progress.detail)


def _deploy(place: Place, wanted: str) -> None:
    with _step(place, "building template.yaml (sam build)", "built"), build.building(place) as builder:
        builder.finish()
        build.zip_layers(place)
    with _step(place, "deploying (sam deploy)", "deployed"), build.deploying(place) as deployer:
        deployer.finish()
    with _step(place, "registering the two API keys", "API keys registered"):
        aws = Aws(place)
        close_gaps(aws)
        found = outputs.collect(place, aws)
        outputs.register_clients(aws, found)
        outputs.write(place, found, wanted)


def curl(found: dict[str, str], body: str) -> str:
    """A command for a shell that scores the transaction in `body`."""
    return (
        f"curl -s -X POST {found['api_url']}/api/v1/predict -H 'x-api-key: {found['api_key']}' "
        f"-H 'content-type: application/json' -d '{body}'"
    )


NOISE = ('"_aws"', '"event":"health"')  # metrics and the minute's tick stay in the log file


def run(place: Place) -> None:
    """Up, then the cloud's log until Ctrl-C, then down."""
    up(place)
    try:
        progress.say("Ctrl-C stops everything.\n")
        _tail(place)
    except KeyboardInterrupt:
        pass  # the way to end it
    finally:
        down(place)


def _tail(place: Place) -> None:
    """Show what the cloud logs; raises StepFailedError when it dies."""
    with place.log("cloud").open(errors="replace") as log:
        log.seek(0, 2)
        while cloud.running(place):
            for line in log:
                if not any(noise in line for noise in NOISE):
                    progress.say(line.rstrip())
            time.sleep(TAIL_SECONDS)
    raise StepFailedError("the cloud", place.log("cloud"), "it ended by itself")


def down(place: Place) -> None:
    """Stop the instance; fine when there is none."""
    progress.note("stopped" if cloud.stop(place) else "nothing was running")


def status(place: Place) -> None:
    """Say what is running; raises LocalError when nothing is."""
    pid, found = cloud.running(place), outputs.read(place)
    if pid is None:
        raise LocalError("nothing is running")
    progress.note(f"running, process {pid}, {found.get('api_url', 'not deployed yet')}")
