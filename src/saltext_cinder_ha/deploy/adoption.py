"""Describe as a pillar a cluster that was built by hand after the HA guide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..common.errors import DeclarationError, SaltextError
from ..common.secrets import masked_data
from ..pacemaker.cluster import Cluster
from ..site import API, PILLAR_KEY, SCHEDULER, Site, parse_site
from .pillar_paths import naming_keys_of_the_pillar
from .topology import CHAIN, VIP_IDS, declaration_of, service_ids

_SERVICE = re.compile(
    r"(?:(?:systemd|service|lsb|upstart):(?:openstack-)?cinder-(?P<unit>api|scheduler|volume|backup)"
    r"|ocf:[\w.-]+:cinder-(?P<agent>api|schedule|scheduler|volume|backup))(?:\.service)?"
)
_AGENT_NAMES = {"schedule": SCHEDULER}
_ADDRESS = "ocf:heartbeat:IPaddr2"
_TOKEN_PATH = "/v2.0/tokens"  # noqa: S105

Mapped = dict[str, Any]


@dataclass(frozen=True)
class Adoption:
    """A pillar, and how well it describes the cluster.

    :param pillar: the content of the pillar's key ``cinder_ha``, including its secrets
    :param differences: what applying it would change, by section and object; empty if nothing
    :param refusal: why it cannot be applied; None if it can
    :param notes: sentences about what was not recognised, or is left unchanged
    """

    pillar: Mapped = field(repr=False)
    differences: Mapping[str, Any]
    refusal: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def masked_pillar(self) -> Mapped:
        """Return the pillar as it may be shown."""
        masked: Mapped = masked_data(self.pillar)
        return masked


def adopt(cluster: Cluster, *, os_family: str, writer: str) -> Adoption:
    """Recognise Cinder's services and addresses, whatever their names, and describe them as a pillar.

    :param os_family: Salt's grain of the cluster's nodes, which determines the names of the units
    :raises DeclarationError: the cluster runs none of Cinder's services
    """
    return _Adopter(cluster, os_family, writer).adopt()


class _Adopter:
    """Makes one pillar."""

    def __init__(self, cluster: Cluster, os_family: str, writer: str):
        self._cluster = cluster
        self._os_family = os_family
        self._writer = writer
        found = cluster.export(show_secrets=True).declaration
        self._resources: Mapped = found.get("resources", {})
        self._constraints: list[Mapped] = found.get("constraints", [])
        self._tags: dict[str, list[str]] = found.get("tags", {})
        self._notes: list[str] = []
        self._services = dict(self._recognised())
        if not self._services:
            raise DeclarationError(
                "", "the cluster runs none of Cinder's services, so there is nothing to adopt"
            )

    def adopt(self) -> Adoption:
        pillar: Mapped = {"mode": self._mode(), "vips": self._vips(), "identity": self._identity()}
        pillar["cluster"] = {
            "ordering": self._ordering(),
            "group": self._group(),
            "start_after": self._start_after(),
            "services": self._named_services(pillar["mode"]),
            "extra": {"tags": dict(self._tags_of_ours())},
        }
        pillar = _without_empty(pillar)
        self._describe_services(pillar)
        pillar = _without_empty(pillar)
        return self._judged(pillar)

    # Services in the cluster
    def _recognised(self) -> Iterator[tuple[str, str]]:
        """Yield each service with its resource."""
        seen: dict[str, str] = {}
        for name, resource in self._resources.items():
            found = _SERVICE.fullmatch(resource.get("agent", ""))
            if found is None:
                continue
            service = found["unit"] or _AGENT_NAMES.get(found["agent"], found["agent"])
            if service in seen:
                self._notes.append(
                    f"{name} also runs cinder-{service}, like {seen[service]}; it is left unchanged"
                )
                continue
            seen[service] = name
            yield service, name

    def _mode(self) -> str:
        api = self._services.get(API)
        if api is not None:
            return "ocf" if self._agent(api).startswith("ocf:") else "systemd"
        return (
            "ocf"
            if all(self._agent(name).startswith("ocf:") for name in self._services.values())
            else "systemd"
        )

    def _agent(self, name: str) -> str:
        return str(self._resources[name].get("agent", ""))

    def _handle(self, name: str) -> str:
        """Return the id that constraints on a resource use: of its clone or group, if it has one."""
        outer = self._group_of(name) or name
        clone = self._resources[outer].get("clone")
        return str(clone["id"]) if clone else outer

    def _group_of(self, name: str) -> str | None:
        return next((g for g, body in self._resources.items() if name in body.get("group", ())), None)

    # Addresses

    def _vips(self) -> Mapped:
        found: Mapped = {}
        recognised = self._recognised_addresses()
        for vip, name in recognised.items():
            params = self._resources[name].get("params", {})
            known = {key: params[key] for key in ("ip", "cidr_netmask", "nic") if key in params}
            if not self._is_made_by_formula(name, VIP_IDS[vip]) or set(params) != set(known):
                found[vip] = {"resource": name}
            else:
                found[vip] = {**known, "id": None if name == VIP_IDS[vip] else name}
        for name in sorted(set(self._addresses()) - set(recognised.values())):
            self._notes.append(
                f"the address {name} is not recognised as one of Cinder's; it is left unchanged"
            )
        return found

    def _addresses(self) -> list[str]:
        return [name for name, body in self._resources.items() if body.get("agent") == _ADDRESS]

    def _is_made_by_formula(self, address: str, by_default: str) -> bool:
        """Return whether the formula would create this address, which may not be ours."""
        api = self._services.get(API)
        group = self._group_of(address)
        in_group = group is not None and api is not None and group == self._group_of(api)
        return in_group or (address == by_default and "clone" not in self._resources[address])

    def _recognised_addresses(self) -> dict[str, str]:
        """Return the address of each VIP: the one with the guide's name, else the one bound to the API."""
        addresses = self._addresses()
        public = VIP_IDS["public"] if VIP_IDS["public"] in addresses else None
        others = [name for name in addresses if name != public]
        internal = VIP_IDS["internal"] if VIP_IDS["internal"] in others else None
        if internal is None:
            internal = next((name for name in others if self._is_bound_to_api(name)), None)
        found = {"internal": internal, "public": public}
        return {vip: name for vip, name in found.items() if name is not None}

    def _is_bound_to_api(self, address: str) -> bool:
        api = self._services.get(API)
        if api is None:
            return False
        group = self._group_of(api)
        if group is not None and group == self._group_of(address):
            return True
        ends = {api, self._handle(api)}
        return any(
            {body.get("resource"), body.get("with")} == {address, end}
            for end in ends
            for body in self._bodies("colocation")
        )

    # Keystone, which only the OCF agent has parameters for

    def _identity(self) -> Mapped:
        api = self._services.get(API)
        params = self._resources[api].get("params", {}) if api else {}
        if "os_password" not in params:
            return {}
        url = params.get("keystone_get_token_url", "")
        return {
            "auth_url": url.removesuffix(_TOKEN_PATH) if url.endswith(_TOKEN_PATH) else None,
            "username": params.get("os_username"),
            "password": params["os_password"],
            "project_name": params.get("os_tenant_name"),
        }

    # Constraints

    def _bodies(self, kind: str) -> Iterator[Mapped]:
        return (constraint[kind] for constraint in self._constraints if kind in constraint)

    def _links(self) -> list[str]:
        return [self._handle(self._services[name]) for name in CHAIN if name in self._services]

    def _ordering(self) -> str | None:
        links = self._links()
        between = [b for b in self._bodies("order") if b.get("first") in links and b.get("then") in links]
        is_relaxed = between and all(body.get("kind") == "Optional" for body in between)
        return "relaxed" if is_relaxed else None

    def _group(self) -> str | None:
        api = self._services.get(API)
        group = None if api is None else self._group_of(api)
        return None if group == Site().cluster.group else group

    def _start_after(self) -> list[str]:
        links = self._links()
        vips = self._addresses()
        return [
            body["first"]
            for body in self._bodies("order")
            if links and body.get("then") == links[0] and body.get("first") not in (*vips, *links)
        ]

    # Tags

    def _tags_of_ours(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the tags that are only on what the pillar describes."""
        names = [*self._services.values(), *self._recognised_addresses().values()]
        ours = {*names, *filter(None, map(self._group_of, names)), *map(self._handle, names)}
        for tag, resources in self._tags.items():
            others = [name for name in resources if name not in ours]
            if not others:
                yield tag, resources
            elif len(others) < len(resources):
                self._notes.append(f"the tag {tag} is also on {', '.join(others)}; it is left unchanged")

    # Services

    def _named_services(self, mode: str) -> Mapped:
        by_default = service_ids(parse_site({PILLAR_KEY: {"mode": mode}}))
        found: Mapped = {name: {"enabled": False} for name in by_default if name not in self._services}
        for name, resource in self._services.items():
            given: Mapped = {} if name in by_default else {"enabled": True}
            prefix = "openstack-cinder-" if mode == "systemd" else "p_cinder-"
            if resource != f"{prefix}{name}":
                given["id"] = resource
            found[name] = given
        return found

    def _describe_services(self, pillar: Mapped) -> None:
        """Add to each service the settings in which it differs from the pillar's defaults."""
        try:
            made = declaration_of(parse_site({PILLAR_KEY: pillar}), os_family=self._os_family)["resources"]
        except DeclarationError:
            # _judged() reports what the pillar lacks.
            return
        services = pillar.setdefault("cluster", {}).setdefault("services", {})
        for name, resource in self._services.items():
            if resource in made:
                given = services.setdefault(name, {})
                given.update(_overrides(made[resource], self._resources[resource]))

    def _judged(self, pillar: Mapped) -> Adoption:
        """Return the pillar, with what applying it would change."""
        try:
            site = parse_site({PILLAR_KEY: pillar})
            declaration = declaration_of(site, os_family=self._os_family)
            with naming_keys_of_the_pillar(site, declaration):
                plan = self._cluster.plan(
                    {**declaration, "adopt": True}, document=PILLAR_KEY, writer=self._writer
                )
        except SaltextError as error:
            return Adoption(pillar, {}, str(error), tuple(self._notes))
        differences = {section: found for section, found in plan.to_dict().items() if section != "owned"}
        return Adoption(pillar, differences, None, tuple(self._notes))


def _overrides(made: Mapped, live: Mapped) -> Mapped:
    """Return the settings of a service that turn the default resource into the live one."""
    given: Mapped = {}
    if live.get("agent") != made["agent"]:
        given["agent"] = live.get("agent")
    params, default_params = live.get("params", {}), made.get("params", {})
    changed = {key: value for key, value in params.items() if default_params.get(key) != value}
    changed |= {key: None for key in default_params if key not in params}
    if changed:
        given["params"] = changed
    if live.get("meta"):
        given["meta"] = live["meta"]
    if live.get("operations") != [_plain(operation) for operation in made["operations"]]:
        given["operations"] = live.get("operations")
    return given


def _plain(operation: Mapped) -> Mapped:
    return {key: value for key, value in operation.items() if key != "id"}


def _without_empty(value: Mapped) -> Mapped:
    """Return a mapping without its empty keys."""
    kept = {k: _without_empty(v) if isinstance(v, dict) and k != "params" else v for k, v in value.items()}
    return {k: v for k, v in kept.items() if v not in (None, {}, [])}
