"""Every header the signer writes equals what botocore's signer writes."""

import datetime as dt
from collections.abc import Iterator

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from fraud.aws.lean.sigv4 import (
    Credentials,
    Request,
    encode_path,
    encode_query,
    environment_credentials,
    sign,
)
from fraud.errors import UnavailableError

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
KEYS = st.one_of(TEXT, st.sampled_from(["a b/c+d", "ü/€ ~*'()", "100%/%2F", "models/v1.0.0/a=b&c"]))
HEADER_NAMES = st.sampled_from(["X-Amz-Target", "Content-Type", "X-Amz-Meta-Note", "User-Agent", "Expect"])
HEADER_VALUES = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=20)
REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    host=st.sampled_from(["dynamodb.eu-west-1.amazonaws.com", "b.s3.cn-north-1.amazonaws.com.cn", "127.0.0.1:4566"]),
    path=KEYS.map(lambda key: encode_path(f"/{key}")),
    query=st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=4).map(encode_query),
    headers=st.dictionaries(HEADER_NAMES, HEADER_VALUES, max_size=3),
    body=st.binary(max_size=64),
)
MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2099, 1, 1), timezones=st.just(dt.UTC))
CREDENTIALS = st.builds(
    Credentials,
    access_key=st.just("AKIDEXAMPLE"),
    secret_key=st.sampled_from(["wJalrXUt+/nFEMI", "another"]),
    session_token=st.none() | st.just("token/+=="),
)


def by_botocore(request: Request, service: str, credentials: Credentials, now: dt.datetime) -> dict[str, str]:
    """The headers botocore gives the same request at the same moment."""
    url = f"https://{request.host}{request.path}" + (f"?{request.query}" if request.query else "")
    theirs = AWSRequest(request.method, url, dict(request.headers), request.body)
    keys = BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.session_token)
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, "eu-west-1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: now)
        signer.add_auth(theirs)
    return {name.lower(): value for name, value in theirs.headers.items()}


def ours(request: Request, service: str, credentials: Credentials, now: dt.datetime) -> dict[str, str]:
    headers = sign(request, service=service, region="eu-west-1", credentials=credentials, now=now)
    return {name.lower(): value for name, value in headers.items()}


@given(REQUESTS, CREDENTIALS, MOMENTS)
def test_a_json_call_is_signed_as_botocore_signs_it(
    request: Request, credentials: Credentials, now: dt.datetime
) -> None:
    signed = ours(request, "dynamodb", credentials, now)

    assert signed == by_botocore(request, "dynamodb", credentials, now)


@given(REQUESTS, CREDENTIALS, MOMENTS)
def test_an_s3_call_is_signed_as_botocore_signs_it(
    request: Request, credentials: Credentials, now: dt.datetime
) -> None:
    signed = ours(request, "s3", credentials, now)

    assert signed == by_botocore(request, "s3", credentials, now)


@pytest.mark.parametrize("path", ["/", "//a", "/a/./b", "/a/../b/", "/../..", "/a//b/", "/.", "/a/.", "/a/.."])
def test_dot_segments_are_removed_as_botocore_removes_them(path: str) -> None:
    request = Request("GET", "execute-api.eu-west-1.amazonaws.com", path, "", {}, b"")
    credentials, now = Credentials("AKID", "secret"), dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)

    signed = ours(request, "execute-api", credentials, now)

    assert signed == by_botocore(request, "execute-api", credentials, now)


def test_a_changed_body_changes_the_signature() -> None:
    credentials, now = Credentials("AKID", "secret"), dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    first, second = (Request("POST", "h", "/", "", {}, body) for body in (b"1", b"2"))

    assert ours(first, "dynamodb", credentials, now) != ours(second, "dynamodb", credentials, now)


def test_the_secret_is_not_shown_in_the_text_form_of_credentials() -> None:
    assert repr(Credentials("AKID", "secret", "token")) == "Credentials(AKID)"


@pytest.fixture
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        yield patch


def test_credentials_are_read_from_the_environment_on_each_call(environment: pytest.MonkeyPatch) -> None:
    # GIVEN the environment of a Lambda function
    environment.setenv("AWS_ACCESS_KEY_ID", "first")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    before = environment_credentials()

    # WHEN the platform renews it
    environment.setenv("AWS_ACCESS_KEY_ID", "second")
    environment.setenv("AWS_SESSION_TOKEN", "token")

    # THEN the new ones are used
    assert before == Credentials("first", "secret", None)
    assert environment_credentials() == Credentials("second", "secret", "token")


def test_missing_credentials_are_named(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnavailableError, match="AWS_ACCESS_KEY_ID"):
        environment_credentials()
