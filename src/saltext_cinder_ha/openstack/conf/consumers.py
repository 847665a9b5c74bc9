"""Find the services that read an option of cinder.conf, so that a change restarts these and no others.

The source is Cinder's own code: the modules in ``cinder/`` that use ``CONF.option``. Options that are not
listed count as read by every service: an unneeded restart does less harm than a missing one.
"""

from __future__ import annotations

import re

from ...site import API, BACKUP, SCHEDULER, SERVICES, VOLUME
from .file import DEFAULT, ParsedFile, normalized_section

_Services = frozenset[str]
_ALL: _Services = frozenset(SERVICES)

_SECTIONS: tuple[tuple[str, _Services], ...] = (
    # keystonemiddleware, oslo.policy and oslo.middleware are filters of api-paste.ini.
    (
        r"keystone_authtoken|oslo_policy|oslo_middleware|healthcheck|cors|ssl|wsgi|oslo_reports",
        frozenset({API}),
    ),
    (r"fc-zone-manager|backend_defaults|privsep.*|service_user", frozenset({VOLUME, BACKUP})),
    (r"nova|glance|image.*", frozenset({API, VOLUME})),
)
_OPTIONS: tuple[tuple[str, _Services], ...] = (
    # The services that report to the database: cinder/service.py, Service; the API is a WSGIService.
    (r"host|report_interval|periodic_interval|periodic_fuzzy_delay|zone_aliases", _ALL - {API}),
    (r"storage_availability_zone|cluster|rpc_response_timeout", _ALL),
    # cinder/quota.py reads these wherever a quota is reserved or committed.
    (r"quota_.*|.*_quota|max_over_subscription_ratio|reserved_percentage", _ALL),
    (r"osapi_.*|api_.*|public_endpoint|use_forwarded_for|enable_v\d_api|auth_strategy", frozenset({API})),
    (r"query_volume_filters|resource_query_filters_file|enable_force_upload", frozenset({API})),
    (
        r"allow_availability_zone_fallback|default_availability_zone|default_volume_type",
        frozenset({API, VOLUME}),
    ),
    (r"volume_api_class|backup_api_class|compute_api_class|glance_.*|allowed_direct_url_schemes", _ALL),
    (r"backup_use_same_host|backup_use_temp_snapshot", _ALL),
    (r"scheduler_.*", frozenset({SCHEDULER})),
    (r"backup_.*", frozenset({BACKUP})),
    (r"enabled_backends|volume_driver|volume_backend_name|backend_.*", frozenset({VOLUME})),
    (r"(nfs|nas|rbd|lvm|san|iscsi|target|sheepdog|glusterfs|vmware|hypermetro)_.*", frozenset({VOLUME})),
    (
        r"volume_clear.*|volume_group|volume_copy_.*|image_(upload|volume)_.*|image_conversion_.*",
        frozenset({VOLUME}),
    ),
    (r"num_volume_device_scan_tries|use_multipath_.*|enforce_multipath_.*", frozenset({VOLUME, BACKUP})),
)


def consumers_of(section: str, option: str, *, backends: frozenset[str] = frozenset()) -> _Services:
    """Return the services that have to be restarted when an option changes.

    >>> sorted(consumers_of("DEFAULT", "osapi_volume_workers"))
    ['api']
    >>> sorted(consumers_of("DEFAULT", "report_interval"))
    ['backup', 'scheduler', 'volume']
    >>> sorted(consumers_of("database", "connection"))
    ['api', 'backup', 'scheduler', 'volume']

    :param backends: the sections that ``enabled_backends`` names
    """
    name = normalized_section(section)
    if name in {normalized_section(backend) for backend in backends}:
        return frozenset({VOLUME})
    table, text = (_OPTIONS, option) if name == DEFAULT else (_SECTIONS, name)
    return next((services for pattern, services in table if re.fullmatch(pattern, text)), _ALL)


def options_read_by(file: ParsedFile, service: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return what a service reads of a file: section, option and values, in alphabetical order.

    :param service: one of :data:`SERVICES`
    """
    backends = enabled_backends(file)
    names = {(normalized_section(entry.section), entry.option) for entry in file.entries}
    return tuple(
        (section, option, file.values(section, option))
        for section, option in sorted(names)
        if service in consumers_of(section, option, backends=backends)
    )


def enabled_backends(file: ParsedFile) -> frozenset[str]:
    """Return the sections that ``enabled_backends`` names."""
    values = file.values(DEFAULT, "enabled_backends")
    return (
        frozenset(name.strip() for name in values[-1].split(",") if name.strip()) if values else frozenset()
    )
