"""The network that a visitor comes from, as far as it can be told from an address: what is counted where there is no
login.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

NOBODY_KNOWS = "unknown"
PREFIX = 64


@lru_cache(maxsize=1024)
def network_of(address: str | None) -> str:
    """The network of an address: an IPv4 address alone, an IPv6 address with the /64 around it.

    One customer gets a /64 at least (RFC 6177), and every device picks addresses in it as it likes (RFC 8981): who
    counts single ones counts nothing. An IPv4 address that is written as IPv6 counts as what it is. A
    request is counted in several places.
    """
    try:
        known = ip_address(address or "")
    except ValueError:
        return NOBODY_KNOWS
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((int(known), PREFIX), strict=False))
