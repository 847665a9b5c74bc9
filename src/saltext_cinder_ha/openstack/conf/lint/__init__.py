"""Find what is wrong with a cinder.conf for its release, before it is written.

Belongs here: one function for each rule, by theme.
Does not belong here: what is done about findings.
May import: ``file``, ``tables``, ``site`` and ``common``.
"""

from __future__ import annotations

from ...errors import ConfFileError
from ..file import DEFAULT, parse
from ..tables import options_of
from . import availability, backends, connections, names, values
from .model import ERROR, GUIDE, MODERN, WARNING, Finding, Rule, Subject, Surroundings

RULES: tuple[Rule, ...] = (
    names.unknown_sections,
    names.unused_backends,
    names.unknown_options,
    names.former_names,
    names.deprecated_options,
    names.duplicates,
    values.mistyped_values,
    backends.driver_in_default,
    backends.no_backend,
    backends.backends_without_section,
    backends.unknown_drivers,
    backends.local_drivers,
    backends.nfs_mount_options,
    availability.shared_host_with_cloned_scheduler,
    availability.cluster_with_local_locks,
    availability.cluster_with_active_passive_driver,
    availability.down_before_report,
    availability.mirrored_and_quorum_queues,
    connections.local_urls,
    connections.unmaintained_mysql_driver,
    connections.identity_of_version_2,
    connections.service_tokens,
)
"""Every rule: a function that yields its findings."""

__all__ = ["ERROR", "GUIDE", "MODERN", "RULES", "WARNING", "Finding", "Rule", "Surroundings", "lint"]


def lint(
    text: str, release: str, *, form: str = MODERN, surroundings: Surroundings | None = None
) -> tuple[Finding, ...]:
    """Return the mistakes in a cinder.conf, by line.

    >>> for finding in lint("[DEFAULT]\\nenabled_backends = a\\n[a]\\nvolume_drivr = x\\n", "zed"):
    ...     print(finding)
    warning: line 2, [DEFAULT] enabled_backends: names a, whose section has no volume_driver, so it defaults \
to LVM; write volume_driver in [a]
    error: line 4, [a] volume_drivr: is not an option of zed, which ignores it; write volume_driver

    :param text: the whole file
    :param release: one of :data:`~...site.RELEASES`, from Havana on
    :param form: ``modern``, or ``guide``, with which options that the release just ignores are warnings
    :param surroundings: what the file itself does not say
    """
    try:
        file = parse(text)
    except ConfFileError as error:
        return (Finding(ERROR, DEFAULT, "", error.line, f"oslo.config rejects the file: {error}"),)
    subject = Subject(file, options_of(release), form, surroundings or Surroundings())
    found = [finding for rule in RULES for finding in rule(subject)]
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.section, finding.option)))
