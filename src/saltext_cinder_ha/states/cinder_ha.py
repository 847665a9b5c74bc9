"""
Keep OpenStack Block Storage highly available
=============================================

The states of the formula ``cinder_ha``. They read the pillar's key ``cinder_ha``; ``pillar.example`` shows
what it may contain.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saltext_cinder_ha.adapters import context
from saltext_cinder_ha.adapters.change import ClusterChange
from saltext_cinder_ha.adapters.errors import returns_state
from saltext_cinder_ha.adapters.results import as_state, restarts_as_state
from saltext_cinder_ha.adapters.templates import configuration_text, landing_texts
from saltext_cinder_ha.common.errors import ToolMissingError
from saltext_cinder_ha.common.fields import boolean
from saltext_cinder_ha.deploy import conf_check, endpoints
from saltext_cinder_ha.deploy.database import SYNC_SECONDS, DatabaseSync
from saltext_cinder_ha.deploy.node_layout import File, service_files
from saltext_cinder_ha.deploy.pillar_paths import naming_keys_of_the_pillar
from saltext_cinder_ha.deploy.service_restarts import Files, Node
from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.openstack.cinder_manage import CinderManage
from saltext_cinder_ha.openstack.conf import difference
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.errors import ClusterNotRunningError
from saltext_cinder_ha.pacemaker.restart.coordinated import WITHIN_SECONDS
from saltext_cinder_ha.pacemaker.settings import parse_timeout
from saltext_cinder_ha.site import PILLAR_KEY, Site

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __context__, __grains__, __opts__, __pillar__, __salt__

__virtualname__ = "cinder_ha"


def __virtual__() -> str:
    return __virtualname__


@returns_state
def resources_present(
    name: str, allow: list[str] | None = None, rollback: bool = False, settle: bool = True
) -> dict[str, Any]:
    """
    Configure the resources and constraints that the pillar describes, in one transaction.

    Any number of minions may apply it at the same time: one writes, the others report no change.

    name
        A label.

    allow
        What the change may cause; default: the pillar's ``cluster:allow``.

    rollback
        Roll the change back if the cluster does not settle as predicted.

    settle
        Wait for the cluster, at most ``pacemaker:timeout`` seconds, and verify.

    .. code-block:: yaml

        Cinder's resources:
          cinder_ha.resources_present:
            - rollback: true
    """
    site = context.read_site(__pillar__)
    how = {"allow": site.cluster.allow if allow is None else allow, "rollback": rollback, "settle": settle}
    declaration = declaration_of(site, os_family=__grains__["os_family"])
    with naming_keys_of_the_pillar(site, declaration):
        return ClusterChange.parse(declaration, PILLAR_KEY, how).as_state(_cluster(), name, __opts__)


@returns_state
def resources_absent(name: str) -> dict[str, Any]:
    """
    Remove everything that the formula created in the cluster; what others created stays.

    name
        A label.

    .. code-block:: yaml

        Cinder's resources are gone:
          cinder_ha.resources_absent: []
    """
    site = context.read_site(__pillar__)
    return ClusterChange({}, PILLAR_KEY, allow=site.cluster.allow).as_state(_cluster(), name, __opts__)


@returns_state
def config_compared(name: str, source: list[str] | None = None) -> dict[str, Any]:
    """
    Show how a cinder.conf differs from what the pillar describes, line by line and with its secrets masked.

    It changes nothing, and fails if no file can be made of the pillar. The states that write the file require
    it, since the difference that they would show themselves contains the secrets.

    name
        Path of the file on this node.

    source
        The template's URLs on the file server; the first one that exists is used. Default: the formula's own
        template.

    .. code-block:: yaml

        How cinder.conf differs:
          cinder_ha.config_compared:
            - name: /etc/cinder/cinder.conf
    """
    site = context.read_site(__pillar__)
    text = configuration_text(__salt__, site, source, node=__opts__["id"])
    comment = difference.describe(Path(name), text)
    if context.settings_of(__opts__).cib_file is not None:
        comment += "\nIn the sandbox, no file on this machine is touched."
    return {"name": name, "result": True, "changes": {}, "comment": comment}


@returns_state
def config_valid(name: str, source: list[str] | None = None) -> dict[str, Any]:
    """
    Check the cinder.conf that the pillar describes against the options of its release, before it is written.

    It changes nothing. It fails on an error, unless the pillar sets ``config_errors: warn``; the states that
    write the file require it.

    name
        A label.

    source
        The template's URLs on the file server; the first one that exists is used. Default: the formula's own
        template.

    .. code-block:: yaml

        cinder.conf is valid:
          cinder_ha.config_valid: []
    """
    site = context.read_site(__pillar__)
    text = configuration_text(__salt__, site, source, node=__opts__["id"])
    findings = conf_check.lint_of_site(site, text, site.release)
    comment = conf_check.describe(findings, site.release)
    if context.settings_of(__opts__).cib_file is not None:
        comment += "\nIn the sandbox, no file on this machine is touched."
    valid = not conf_check.are_refused(findings, site)
    return {"name": name, "result": valid, "changes": {}, "comment": comment}


@returns_state
def endpoints_present(name: str) -> dict[str, Any]:
    """
    Register the services and endpoints that the pillar lists in Keystone's catalog.

    Existing ones are changed in place, duplicates are removed, and so is what the pillar no longer lists if
    this site created it. Any number of minions may apply it at the same time: one acts at a time.

    name
        A label.

    .. code-block:: yaml

        Cinder is in Keystone's catalog:
          cinder_ha.endpoints_present: []
    """
    return _register_endpoints(name, present=True)


@returns_state
def endpoints_absent(name: str) -> dict[str, Any]:
    """
    Remove the services and endpoints that this site created or changed from Keystone's catalog.

    name
        A label.

    .. code-block:: yaml

        Cinder is not in Keystone's catalog:
          cinder_ha.endpoints_absent: []
    """
    return _register_endpoints(name, present=False)


@returns_state
def services_noted(
    name: str, files: dict[str, Any] | None = None, family: dict[str, str] | None = None
) -> dict[str, Any]:
    """
    Record on this node what its services run with; apply it before their files change.

    With the record, :py:func:`services_current` can tell whether a change affects a service that was started
    since its last run. Nothing is restarted.

    name
        Path of cinder.conf on this node.

    files
        Further files that services read when they start, as for :py:func:`services_current`.

    family
        The OS family's names of the API server's files, as for :py:func:`services_current`.

    .. code-block:: yaml

        /etc/cinder/cinder.conf:
          cinder_ha.services_noted: []
    """
    cluster = _cluster()
    comment = "The running configuration of the services on this node is known."
    site = context.read_site(__pillar__)
    found = Files(Path(name), _service_files(site, family, files))
    try:
        node = context.node_of(cluster, __opts__)
    except (ClusterNotRunningError, ToolMissingError):
        comment = "No cluster runs on this node."
    else:
        if not __opts__["test"]:
            Node(site, cluster, node, found).note_current()
    if cluster.is_sandbox:
        comment += " (sandbox)"
    return {"name": name, "result": True, "changes": {}, "comment": comment}


@returns_state
def services_current(
    name: str,
    source: list[str] | None = None,
    files: dict[str, Any] | None = None,
    within: float = WITHIN_SECONDS,
    family: dict[str, str] | None = None,
) -> dict[str, Any]:
    """
    Restart the services on this node that run with outdated options, and no others.

    The cluster makes the restart: however many minions apply it at the same time, one node restarts at a
    time, the one with the virtual address last. A service that anyone has restarted since its files changed
    is left alone. Besides cinder.conf, the files that the formula writes for the pillar count.

    name
        Path of cinder.conf on this node.

    source
        The template's URLs on the file server, for ``test=True``; default: the formula's own template.

    files
        Further files that services read when they start, which the formula does not write: by path, a list
        of ``api``, ``scheduler``, ``volume``, ``backup``; or a mapping with that list as ``services`` and,
        for ``test=True``, the future contents of the file: ``contents`` (lines), or ``source`` and
        ``context`` of a template.

    within
        Seconds to wait for the other nodes; default 900.

    family
        The OS family's names of the API server's files, as in the formula's ``map.jinja``; without it, these
        files are omitted.

    .. code-block:: yaml

        /etc/cinder/cinder.conf:
          cinder_ha.services_current:
            - files:
                /etc/cinder/api-paste.ini: [api]
                /etc/cinder/policy.yaml:
                  services: [api, volume]
                  contents: ["{}"]
    """
    site = context.read_site(__pillar__)
    cluster = _cluster()
    within = parse_timeout(within, "within")
    others = _service_files(site, family, files)
    test = __opts__["test"]
    landing = {}
    if test:
        text = configuration_text(__salt__, site, source, node=__opts__["id"])
        landing = {Path(name): text, **landing_texts(__salt__, others)}
    node = Node(site, cluster, context.node_of(cluster, __opts__), Files(Path(name), others, landing))
    done = node.predicted() if test else node.bring_up_to_date(owner=__opts__["id"], within=within)
    unchanged = f"Every service on {node.name} runs with the present contents of its files."
    return restarts_as_state(name, done, unchanged=unchanged, test=test, sandbox=cluster.is_sandbox)


@returns_state
def db_synced(name: str, online_data_migrations: bool = False) -> dict[str, Any]:
    """
    Upgrade the database's tables, or its data, to the installed release.

    Any number of minions may apply it at the same time: one at a time runs ``cinder-manage``, and each only
    once for a release. In the sandbox no database is touched.

    name
        Path of cinder.conf on this node, which names the database.

    online_data_migrations
        Migrate the data instead of the tables, after this node has upgraded the tables of a database in use.
        Apply it when the services run the new release; it is refused while one of them is down.

    .. code-block:: yaml

        /etc/cinder/cinder.conf:
          cinder_ha.db_synced: []
    """
    online = boolean(online_data_migrations, "online_data_migrations")
    cluster = _cluster()
    found = DatabaseSync(cluster, CinderManage(Path(name), SYNC_SECONDS), __opts__["id"])
    done = (found.migrate_data if online else found.sync_tables)(test=__opts__["test"])
    return as_state(name, done)


@returns_state
def refused(name: str, reason: str) -> dict[str, Any]:
    """
    Fail with a reason, with ``test=True`` too; the formula's SLS files use it for what they cannot apply.

    name
        A label.

    reason
        The sentence for the comment.

    .. code-block:: yaml

        The pillar is valid:
          cinder_ha.refused:
            - reason: "cinder_ha.mode: is 'pcs', but should be ocf or systemd"
    """
    return {"name": name, "result": False, "changes": {}, "comment": reason}


def _register_endpoints(name: str, *, present: bool) -> dict[str, Any]:
    done = endpoints.register_endpoints(
        context.read_site_for_keystone(__pillar__, __salt__),
        _cluster(),
        owner=__opts__["id"],
        environ=os.environ,
        test=__opts__["test"],
        present=present,
    )
    return as_state(name, done)


def _service_files(site: Site, family: dict[str, str] | None, further: object) -> dict[Path, File]:
    minion = context.minion_of(__opts__, __grains__, family, argument="family")
    return service_files(site, minion, further)


def _cluster() -> Cluster:
    return context.cluster_of_run(__opts__, __context__)
