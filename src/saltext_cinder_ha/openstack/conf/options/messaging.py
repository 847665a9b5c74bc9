"""RabbitMQ: its hosts, and the kind of its queues."""

from __future__ import annotations

from urllib.parse import quote

from ....site import PILLAR_KEY, SiteError, missing
from ..addresses import with_port
from .model import DEFAULT, PART, Options, Target, option

RABBIT = "oslo_messaging_rabbit"
_PORT = 5672


def messaging_options(target: Target) -> Options:
    """Yield the options for every host of RabbitMQ with the credentials, and those for the queues.

    The options ``rabbit_*`` moved from ``[DEFAULT]`` to ``[oslo_messaging_rabbit]`` in Kilo; oslo.messaging
    5.10 (Newton) replaced them with ``transport_url``, and 9.0.0 (Stein) removed them.
    """
    messaging = target.site.messaging
    if not messaging.hosts:
        raise missing("messaging.hosts", PART)
    if messaging.password is None:
        raise missing("messaging.password", PART)
    yield option(DEFAULT, "control_exchange", "cinder", "messaging")
    if target.since("newton"):
        yield option(DEFAULT, "transport_url", transport_url(target), "messaging")
    else:
        section = rabbit_section(target)
        hosts = ",".join(with_port(host, _PORT) for host in messaging.hosts)
        yield option(section, "rabbit_hosts", hosts, "messaging.hosts")
        yield option(section, "rabbit_userid", messaging.user, "messaging.user")
        yield option(section, "rabbit_password", messaging.password.reveal(), "messaging.password")
        yield option(section, "rabbit_virtual_host", messaging.vhost, "messaging.vhost")
    yield from _queues(target)
    if target.release == "kilo":
        # Off by default until Liberty, so that a lost peer is only detected by the kernel, after hours.
        yield option(RABBIT, "heartbeat_timeout_threshold", 60, "messaging")


def rabbit_section(target: Target) -> str:
    """Return the section of the RabbitMQ options in the release."""
    return RABBIT if target.since("kilo") else DEFAULT


def transport_url(target: Target) -> str:
    """Return the URL with all hosts, each with the credentials (oslo.messaging, "TransportURL")."""
    messaging = target.site.messaging
    password = messaging.password.reveal() if messaging.password else ""
    user = f"{quote(messaging.user, safe='')}:{quote(password, safe='')}"
    hosts = ",".join(f"{user}@{with_port(host, _PORT)}" for host in messaging.hosts)
    return f"rabbit://{hosts}/{quote(messaging.vhost, safe='/')}"


def _queues(target: Target) -> Options:
    kind = _kind(target)
    if kind == "mirrored":
        yield option(rabbit_section(target), "rabbit_ha_queues", True, "messaging.queues")
    if kind == "quorum":
        yield option(RABBIT, "rabbit_quorum_queue", True, "messaging.queues")
        # oslo.messaging 14.7.0; without it, the reply queues are lost with their node.
        if target.since("2024.1"):
            yield option(RABBIT, "rabbit_transient_quorum_queue", True, "messaging.queues")


def _kind(target: Target) -> str:
    chosen = target.site.messaging.queues
    # oslo.messaging 14.0.0, release note "add-quorum-control".
    quorum = target.since("zed")
    if chosen == "quorum" and not quorum:
        problem = f"is 'quorum', which needs zed or later; allowed for {target.release}: classic or mirrored"
        raise SiteError(f"{PILLAR_KEY}.messaging.queues", problem)
    return chosen or ("quorum" if quorum else "mirrored")
