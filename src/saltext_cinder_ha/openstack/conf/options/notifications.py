"""Notifications about volumes, for telemetry."""

from __future__ import annotations

from .model import DEFAULT, Options, Target, option


def notification_options(target: Target) -> Options:
    """Yield the options that send notifications over RabbitMQ, like ``notifier_strategy`` in the HA guide.

    Havana has its own notifiers; since Icehouse they are in oslo.messaging, and since Mitaka they have their
    own section.
    """
    if not target.site.messaging.notifications:
        return
    if target.since("mitaka"):
        yield option("oslo_messaging_notifications", "driver", "messagingv2", "messaging.notifications")
        return
    driver = "messagingv2" if target.since("icehouse") else "cinder.openstack.common.notifier.rpc_notifier"
    yield option(DEFAULT, "notification_driver", driver, "messaging.notifications")
