"""Notifications about volumes, for telemetry."""

from __future__ import annotations

from .model import DEFAULT, Options, Target, option


def notification_options(target: Target) -> Options:
    """Yield the options that send notifications over RabbitMQ, as ``notifier_strategy`` of the HA guide did.

    Havana has its notifiers in the tree; oslo.messaging has them from Icehouse on, in a section of their own
    since Mitaka.
    """
    if not target.site.messaging.notifications:
        return
    if target.since("mitaka"):
        yield option("oslo_messaging_notifications", "driver", "messagingv2", "messaging.notifications")
        return
    driver = "messagingv2" if target.since("icehouse") else "cinder.openstack.common.notifier.rpc_notifier"
    yield option(DEFAULT, "notification_driver", driver, "messaging.notifications")
