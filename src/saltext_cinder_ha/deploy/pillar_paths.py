"""Translate paths of the declaration in errors to the pillar's keys that they come from."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..common.errors import DeclarationError
from ..pacemaker.declaration import parse_declaration
from ..site import PILLAR_KEY, Site, SiteError
from .topology import declaration_of, service_ids, vip_ids

_CLUSTER = f"{PILLAR_KEY}.cluster"


@contextlib.contextmanager
def naming_keys_of_the_pillar(site: Site, declaration: Mapping[str, Any]) -> Iterator[None]:
    """Make the errors that are raised inside name keys of the pillar.

    :param site: what the pillar says
    :param declaration: what :func:`~.topology.declaration_of` made of it
    :raises SiteError: instead of any :class:`DeclarationError`
    """
    try:
        yield
    except SiteError:
        raise
    except DeclarationError as error:
        raise SiteError(pillar_path(error.path, site, declaration), error.problem) from error


def declaration_mistakes(site: Site, *, os_family: str) -> list[str]:
    """Return the mistake, if any, in what the pillar passes on to the cluster."""
    try:
        declaration = declaration_of(site, os_family=os_family)
        with naming_keys_of_the_pillar(site, declaration):
            parse_declaration(declaration)
    except DeclarationError as error:
        return [str(error)]
    return []


def pillar_path(path: str, site: Site, declaration: Mapping[str, Any]) -> str:
    """Return the pillar's key for a path in the declaration, or the path itself if there is none.

    >>> from ..site import parse_site
    >>> pillar_path("properties.stonith-enabled", parse_site({"cinder_ha": {"mode": "systemd"}}), {})
    'cinder_ha.cluster.properties.stonith-enabled'
    """
    constraint = re.fullmatch(r"constraints\[(\d+)\](.*)", path)
    if constraint:
        return _constraint_path(int(constraint[1]), constraint[2], site, declaration) or path
    for start, replacement in _beginnings(site).items():
        if re.match(rf"{re.escape(start)}(?![\w-])", path):
            return replacement + path[len(start) :]
    return path


def _constraint_path(index: int, rest: str, site: Site, declaration: Mapping[str, Any]) -> str | None:
    """Return the key of a constraint; those of the pillar are at the end of the declaration's list."""
    own = index - len(declaration["constraints"]) + len(site.cluster.extra.constraints)
    return f"{_CLUSTER}.extra.constraints[{own}]{rest}" if own >= 0 else None


def _beginnings(site: Site) -> dict[str, str]:
    """Return the beginnings of paths in the pillar, by those in the declaration."""
    resources = {
        **{name: f"{_CLUSTER}.extra.resources.{name}" for name in site.cluster.extra.resources},
        **{name: f"{PILLAR_KEY}.vips.{vip}" for vip, name in vip_ids(site).items()},
        **{name: f"{_CLUSTER}.services.{service}" for service, name in service_ids(site).items()},
    }
    return {
        "properties": f"{_CLUSTER}.properties",
        "resource_defaults": f"{_CLUSTER}.resource_defaults",
        "fencing_levels": f"{_CLUSTER}.extra.fencing_levels",
        "tags": f"{_CLUSTER}.extra.tags",
        **{f"resources.{name}": place for name, place in resources.items()},
    }
