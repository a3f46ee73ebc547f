"""Where messages may go: to hosts that are configured, and there to no address inside the network.

A name is resolved, every address that it has is checked, and the connection is made to one of
those, so that the name cannot mean another a moment later. Source: OWASP, "Server-Side Request
Forgery Prevention"; RFC 6890.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from domain.errors import Invalid

Network = IPv4Network | IPv6Network
TRANSLATED = ip_network("64:ff9b::/96")  # IPv4 addresses behind NAT64. Source: RFC 6052
PORTS = {"https": 443, "http": 80}


class Target(NamedTuple):
    """Where a message goes: the URL in parts."""

    scheme: str
    host: str
    port: int
    path: str


class Rules(NamedTuple):
    """The `hosts` that may be told, and the networks `inside` that may be, though they are ours."""

    hosts: Collection[str]
    inside: Collection[Network]

    def target(self, url: str) -> Target:
        """Return where a URL leads. Raises Invalid for what is not allowed."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise Invalid("This is no URL.") from error
        host = (parts.hostname or "").rstrip(".")
        if parts.scheme not in PORTS or not host or parts.username is not None:
            raise Invalid("A webhook is an https:// URL without a user name.")
        if parts.scheme == "http" and not self.inside:
            raise Invalid("Only hosts inside the network are told without TLS.")
        if host not in self.hosts:
            raise Invalid(f"The host {host} is none of MUNIMENT_WEBHOOK_HOSTS.")
        if not url.isascii() or any(each <= " " or each == "\x7f" for each in url):
            raise Invalid("A URL is of printable ASCII characters.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, port or PORTS[parts.scheme], path)

    def addresses(self, target: Target) -> list[str]:
        """Return the addresses of a target's host. Raises Invalid where one must not be told.

        Raises OSError where the host has none.
        """
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        for each in addresses:
            if not self._allowed(each, plain=target.scheme == "http"):
                raise Invalid(f"The host {target.host} has the address {each}, which is inside.")
        return addresses

    def _allowed(self, text: str, *, plain: bool) -> bool:
        address = ip_address(text.partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in each for each in self.inside):
            return True
        return not plain and _outside(address)


def _outside(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of the Internet, and hides no other."""
    if isinstance(address, IPv6Address):
        hides = address.sixtofour or address.teredo or address in TRANSLATED
        if hides or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
