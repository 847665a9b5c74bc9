"""What the Salt adapters share: from Salt's dunders to a cluster and a site, from errors to Salt's own."""

from __future__ import annotations

import functools
import inspect
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from salt.exceptions import CommandExecutionError

from ..common.errors import SaltextError, ToolMissingError
from ..common.fields import Fields, boolean
from ..common.files import private_folder
from ..common.process import DEFAULT_TIMEOUT
from ..deploy.service_restarts import FurtherFile
from ..deploy.topology import service_ids
from ..openstack.cinder_manage import installed_release
from ..pacemaker.actions import DEFAULT_ALLOW
from ..pacemaker.cib.document import Cib
from ..pacemaker.cib.history import active_nodes
from ..pacemaker.cluster import Cluster
from ..pacemaker.errors import ClusterNotRunningError
from ..pacemaker.programs.crm_node import local_node
from ..pacemaker.restart.instance import Restart, restart_changes
from ..pacemaker.settings import Settings, parse_settings, parse_timeout
from ..pacemaker.transaction import summary
from ..pacemaker.transaction.commit import Outcome, Proposal
from ..site import ROOT, Site, SiteError, parse_site
from ..site.readers import secret
from ..site.releases import AUTO
from .old_pcs_states import refuse_old_arguments

try:
    from salt.utils.secret import expose
except ImportError:  # Salt 3006 masks nothing

    def expose(value: Any) -> Any:
        return value


PILLAR_KEY = "cinder_ha"
_CONTEXT_KEY = "saltext_cinder_ha.cluster"
_LONGEST_KEPT_SECONDS = 30.0

_Function = TypeVar("_Function", bound=Callable[..., Any])


def open_cluster(opts: Mapping[str, Any], *, timeout: Any = None) -> Cluster:
    """The cluster that the minion's configuration key ``pacemaker`` names.

    :param timeout: seconds, in the place of those of the configuration
    """
    settings = settings_of(opts)
    if timeout is not None:
        settings = replace(settings, timeout=parse_timeout(timeout, "timeout"))
    return Cluster(settings)


def cluster_of_run(opts: Mapping[str, Any], context: dict[str, Any]) -> Cluster:
    """The cluster for one state run: its CIB is read once, whatever the number of states.

    :param context: Salt's ``__context__`` in a state module, which is new for each run
    """
    opened, cluster = context.get(_CONTEXT_KEY, (0.0, None))
    # What states of other modules do meanwhile, for minutes at times, may change the CIB too.
    if cluster is None or time.monotonic() - opened > _LONGEST_KEPT_SECONDS:
        cluster = open_cluster(opts)
        context[_CONTEXT_KEY] = (time.monotonic(), cluster)
    return cluster


def pillar_of(pillar: Mapping[str, Any]) -> dict[str, Any]:
    """What of the pillar is ours, as plain values; Salt 3008 hands out masked ones."""
    return {PILLAR_KEY: expose(pillar[PILLAR_KEY])} if PILLAR_KEY in pillar else {}


def read_site(pillar: Mapping[str, Any]) -> Site:
    """The site that the pillar describes; see :func:`~.site.parse_site` for its errors.

    With ``release: auto`` it has the release of the Cinder that is installed, if there is one.
    """
    site = parse_site(pillar_of(pillar))
    if site.release != AUTO:
        return site
    try:
        return replace(site, release=installed_release(timeout=DEFAULT_TIMEOUT))
    except ToolMissingError:
        return site  # whoever needs the release says so


def read_site_for_keystone(pillar: Mapping[str, Any], functions: Mapping[str, Any]) -> Site:
    """The site with the password for Keystone's catalog in the place of an ``sdb://`` URI of it.

    :param functions: Salt's ``__salt__``
    """
    site = read_site(pillar)
    password = site.endpoints.auth.password
    if password is None or not password.reveal().startswith("sdb://"):
        return site
    path = f"{ROOT}.endpoints.auth.password"
    auth = replace(site.endpoints.auth, password=secret(functions["sdb.get"](password.reveal()), path))
    if auth.password == password:
        raise SiteError(path, "is an sdb:// URI, but the minion's configuration has no such sdb profile")
    return replace(site, endpoints=replace(site.endpoints, auth=auth))


def settings_of(opts: Mapping[str, Any]) -> Settings:
    """The minion's configuration key ``pacemaker``."""
    return parse_settings(opts.get("pacemaker"), os.environ)


def rendered_template(
    functions: Mapping[str, Any],
    sources: Sequence[str],
    saltenv: str,
    context: Mapping[str, Any] | None = None,
) -> str:
    """What a Jinja template of the file server becomes, without a copy of it in Salt's cache.

    :param functions: Salt's ``__salt__``
    :param sources: the template's URLs; the first that there is counts
    :param context: what the template is told
    """
    source = functions["file.source_list"](list(sources), "", saltenv)[0]
    with private_folder() as folder:
        target = folder / "rendered"
        functions["cp.get_template"](
            source, str(target), template="jinja", saltenv=saltenv, context=dict(context or {})
        )
        return target.read_text(encoding="utf-8")


def landing_texts(functions: Mapping[str, Any], files: Mapping[Path, FurtherFile]) -> dict[Path, str]:
    """What files will hold, as far as that is known; a file is made of lines as ``file.managed`` does it.

    :param functions: Salt's ``__salt__``
    """
    found = {}
    for path, file in files.items():
        if file.source:
            found[path] = rendered_template(functions, file.source, "base", file.context)
        elif file.contents is not None:
            found[path] = "".join(f"{line}\n" for line in file.contents)
    return found


def raises_for_salt(function: _Function) -> _Function:
    """Turn our errors into the one that Salt shows as a sentence."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except SaltextError as error:
            raise CommandExecutionError(str(error)) from error

    return wrapped  # type: ignore[return-value]


def returns_state(function: _Function) -> _Function:
    """Turn our errors, and unknown or missing arguments, into a failed state that changed nothing."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapped(name: str, **kwargs: Any) -> dict[str, Any]:
        given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
        try:
            refuse_old_arguments(function.__name__, given)
            _check_arguments(signature, given)
            return function(name, **given)
        except SaltextError as error:
            return {"name": name, "result": False, "changes": {}, "comment": str(error)}

    # Salt ends the whole run for an argument that the signature lacks, and looks for it through this.
    del wrapped.__wrapped__
    return wrapped  # type: ignore[return-value]


def _check_arguments(signature: inspect.Signature, given: Mapping[str, Any]) -> None:
    parameters = list(signature.parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.default is parameter.empty:
            Fields(given, "", given).required(parameter.name)
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        Fields(given, "", [parameter.name for parameter in parameters])


def proposal_as_state(name: str, proposal: Proposal, *, sandbox: bool) -> dict[str, Any]:
    """What ``test=True`` answers: None when something would change, False when that is refused."""
    result = True if not proposal.plan else None
    return {
        "name": name,
        "result": False if proposal.refused else result,
        "changes": {} if proposal.refused else summary.changes(proposal),
        "comment": summary.describe_proposal(proposal, sandbox=sandbox),
    }


def outcome_as_state(name: str, outcome: Outcome, *, sandbox: bool) -> dict[str, Any]:
    """What a state answers that was carried out."""
    kept = outcome.written and not outcome.rolled_back
    return {
        "name": name,
        "result": outcome.succeeded,
        "changes": summary.changes(outcome.proposal) if kept else {},
        "comment": summary.describe_outcome(outcome, sandbox=sandbox),
    }


def proposal_as_data(proposal: Proposal, *, sandbox: bool) -> dict[str, Any]:
    """A proposal for an execution module's answer."""
    return {
        "changes": proposal.plan.to_dict(),
        "actions": [str(action) for action in proposal.actions],
        "refused": [str(action) for action in proposal.refused],
        "warnings": [*proposal.warnings, *proposal.plan.notes],
        "interventions": list(proposal.plan.interventions),
        "comment": summary.describe_proposal(proposal, sandbox=sandbox),
        "sandbox": sandbox,
    }


def foretold_result(foretold: Mapping[str, Any]) -> bool | None:
    """The result of a plan as a state reports it: None when something would change."""
    if foretold["refused"]:
        return False
    return None if foretold["changes"] else True


def outcome_as_data(outcome: Outcome, *, sandbox: bool) -> dict[str, Any]:
    """An outcome for an execution module's answer."""
    return {
        **proposal_as_data(outcome.proposal, sandbox=sandbox),
        "result": outcome.succeeded,
        "written": outcome.written,
        "rolled_back": outcome.rolled_back,
        "failures": list(outcome.settlement.failures),
        "unstarted": list(outcome.settlement.unstarted),
        "comment": summary.describe_outcome(outcome, sandbox=sandbox),
    }


def node_of(cluster: Cluster, opts: Mapping[str, Any]) -> str:
    """What the cluster calls this minion's node; in a sandbox, the node that is named like the minion.

    In a sandbox a minion may be none of the nodes; then nothing runs on its node.
    """
    if not cluster.is_sandbox:
        return local_node(timeout=cluster.settings.timeout)
    minion = str(opts["id"])
    host = minion.partition(".")[0]
    return host if host in cluster.snapshot.node_names() else minion


def services_here(site: Site, cluster: Cluster, opts: Mapping[str, Any]) -> list[str]:
    """The resources of a site's services that the cluster runs on this minion's node."""
    try:
        here = node_of(cluster, opts)
    except (ClusterNotRunningError, ToolMissingError):
        return []
    running = active_nodes(cluster.snapshot)
    return [resource for resource in service_ids(site).values() if here in running.get(resource, ())]


def restarts_as_state(
    name: str, restarts: Sequence[Restart], *, unchanged: str, test: bool, sandbox: bool
) -> dict[str, Any]:
    """What a state answers that restarts resources, or with ``test`` would.

    :param unchanged: the sentence for when there is nothing to restart
    """
    failed = any(one.refused or one.failures for one in restarts)
    sentences = [one.describe(done=not test) for one in restarts] or [unchanged]
    if sandbox:
        sentences.append("(sandbox)")
    changed = restart_changes(restarts)
    result = None if test and changed else True
    return {
        "name": name,
        "result": False if failed else result,
        "changes": changed,
        "comment": " ".join(sentences),
    }


def declare(
    cluster: Cluster,
    name: str,
    declaration: Mapping[str, Any],
    *,
    document: str | None,
    writer: str,
    test: bool,
    allow: Any = None,
    rollback: Any = False,
    settle: Any = True,
    remake: Callable[[Cib], Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Apply a declaration, or with ``test`` only foretell it, and answer as a state."""
    allow = DEFAULT_ALLOW if allow is None else allow
    policy = cluster.policy(
        allow=allow, rollback=boolean(rollback, "rollback"), settle=boolean(settle, "settle")
    )
    if test:
        proposal = cluster.propose(declaration, document=document, writer=writer, allow=allow)
        return proposal_as_state(name, proposal, sandbox=cluster.is_sandbox)
    outcome = cluster.apply(
        declaration,
        document=document,
        writer=writer,
        policy=policy,
        remake=remake,
    )
    return outcome_as_state(name, outcome, sandbox=cluster.is_sandbox)
