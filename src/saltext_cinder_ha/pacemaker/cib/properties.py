"""Cluster properties, especially those about fencing."""

from __future__ import annotations

from .. import values
from .document import Cib


def fencing_enabled(cib: Cib) -> bool:
    """Return whether the cluster fences lost nodes; the default is yes."""
    return values.boolean(property_value(cib, "stonith-enabled") or "true") is not False


def has_fencing(cib: Cib) -> bool:
    """Return whether the cluster can fence: by a device, or by a watchdog that it may rely on."""
    if cib.configuration.xpath("resources//primitive[@class='stonith']"):
        return True
    has_watchdog = values.boolean(property_value(cib, "have-watchdog"))
    # -1 lets Pacemaker choose the timeout; without a timeout it does not rely on the watchdog.
    waits = property_value(cib, "stonith-watchdog-timeout")
    return bool(has_watchdog) and (waits.startswith("-") or bool(values.milliseconds(waits)))


def property_value(cib: Cib, name: str) -> str:
    """Return the value of a cluster property, an empty string if it is not set."""
    return cib.configuration.xpath(
        "string(crm_config/cluster_property_set/nvpair[@name=$name]/@value)", name=name
    )
