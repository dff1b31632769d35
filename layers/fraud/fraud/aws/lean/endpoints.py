"""Where a service answers."""

from typing import NamedTuple
from urllib.parse import urlsplit

from fraud.aws.lean.sigv4 import encode_path

DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Scheme, host and port: what one kept-alive connection is good for."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"


def service_origin(service: str, region: str, endpoint_url: str | None) -> Origin:
    """The service's regional endpoint, or the one given (a stand-in).

    Raises ValueError for a URL that is neither http nor https.
    """
    if endpoint_url is None:
        return Origin("https", f"{service}.{region}.{_suffix(region)}", 443)
    parts = urlsplit(endpoint_url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"endpoint {endpoint_url} is not an http(s) URL")
    return Origin(parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])


def object_address(bucket: str, key: str, region: str, endpoint_url: str | None) -> tuple[Origin, str]:
    """Origin and encoded path of an S3 object: virtual-hosted on AWS, path style on a given endpoint.

    A bucket with a dot in its name is addressed by path: the wildcard certificate does not cover it.
    """
    origin = service_origin("s3", region, endpoint_url)
    if endpoint_url is not None or "." in bucket:
        return origin, encode_path(f"/{bucket}/{key}")
    return origin._replace(host=f"{bucket}.{origin.host}"), encode_path(f"/{key}")


def _suffix(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
