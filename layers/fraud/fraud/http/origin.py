"""Where a request comes from, as the audit chain keeps it."""

import ipaddress

from fraud.access.client import digest
from fraud.http.envelope import Event, header, request_id


def origin(event: Event) -> str:
    """The request's id, the network it came from (never the whole address) and the key it was sent with."""
    address = str((event["requestContext"].get("identity") or {}).get("sourceIp") or "")
    key = header(event, "x-api-key")
    return f"request {request_id(event)} from {_network(address)}, key {digest(key)[:12] if key else 'none'}"


def _network(address: str) -> str:
    """`203.0.113.0/24` or `2001:db8:1::/48`: what tells sites apart, not people."""
    try:
        prefix = 48 if ipaddress.ip_address(address).version == 6 else 24
        return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))
    except ValueError:
        return "somewhere"
