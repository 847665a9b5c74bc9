"""Check a site's cinder.conf, also against what only the pillar says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..common.files import rooted
from ..openstack.conf.lint import ERROR, Finding, Surroundings, lint
from ..openstack.errors import OpenStackError
from ..pacemaker.settings import Settings
from ..site import SCHEDULER, VOLUME, Site
from .cinder_conf import require_release
from .topology import CONFIG_FILE, service_ids


def lint_of_site(site: Site, text: str, release: str) -> tuple[Finding, ...]:
    """Return the mistakes in a cinder.conf of the site, by line.

    :param text: the whole file
    :param release: one of :data:`~.site.RELEASES`, from Havana on
    :raises SiteError: the release is ``auto``, or has no tables
    """
    require_release(release)
    return lint(text, release, form=site.form, surroundings=_surroundings(site))


def lint_of_file(site: Site, path: str | None, settings: Settings) -> dict[str, Any]:
    """Return the result of ``cinder_ha.lint`` for a file of this node.

    :param path: absolute path on the node, in the sandbox below its root; None: Cinder's own
    :raises OpenStackError: the file cannot be read
    :raises SiteError: as :func:`lint_of_site`
    """
    place = _place(CONFIG_FILE if path is None else path, settings)
    findings = lint_of_site(site, _read(place), site.release)
    return {
        "path": str(place),
        "release": site.release,
        "valid": not any(finding.severity == ERROR for finding in findings),
        "findings": [finding.to_dict() for finding in findings],
        "sandbox": settings.cib_file is not None,
    }


def are_refused(findings: Iterable[Finding], site: Site) -> bool:
    """Return whether the findings prevent writing the file: with ``config_errors: warn``, none does."""
    return site.config_errors == "refuse" and any(finding.severity == ERROR for finding in findings)


def describe(findings: Sequence[Finding], release: str) -> str:
    """Return the findings as text, one per line."""
    if not findings:
        return f"cinder.conf is valid for {release}."
    return "\n".join(str(finding) for finding in findings)


def _place(path: str, settings: Settings) -> Path:
    place = Path(path)
    if not place.is_absolute():
        raise OpenStackError(f"path: is {path!r}, but should be an absolute path")
    return rooted(place, settings.root)


def _read(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise OpenStackError(f"{place} cannot be read: {reason}") from None


def _surroundings(site: Site) -> Surroundings:
    services = service_ids(site)
    cloned = site.mode == "systemd" and SCHEDULER in services
    return Surroundings(cloned_scheduler=cloned, active_passive=VOLUME in services)
