"""The options and the drivers of one release, from the source trees of Cinder and its libraries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from expressions import UNKNOWN, Call, Definition, Evaluator, Module

Facts = dict[str, Any]
Options = dict[tuple[str, str], Facts]
FormerName = tuple[str | None, str]

BACKEND = "backend"
"""The pseudo group of what the section of a backend takes."""

_BACKEND_GROUPS = ("backend", "backend_defaults")
_BACKEND_MODULES = ("cinder.volume.driver", "cinder.volume.drivers", "cinder.volume.configuration")
_TOKEN_MODULES = ("keystonemiddleware.auth_token", "keystoneclient.middleware.auth_token")
# What a class of these modules adds to its cinder.volume.configuration.Configuration; the first that fits.
_GROUPS_OF_CONFIGURATIONS = {
    "cinder.volume": BACKEND,
    "cinder.zonemanager.drivers.brocade.brcd_fabric_opts": "brcd_fabric_example",
    "cinder.zonemanager.drivers.cisco.cisco_fabric_opts": "cisco_fabric_example",
    "cinder.zonemanager": "fc-zone-manager",
}
_REGISTER = {"register_opts", "register_opt", "register_cli_opts", "register_cli_opt"}
_TYPES = {
    "StrOpt": "text",
    "MultiStrOpt": "text",
    "BoolOpt": "boolean",
    "IntOpt": "integer",
    "FloatOpt": "float",
    "ListOpt": "list",
    "DictOpt": "mapping",
    "MultiDictOpt": "mapping",
    "IPOpt": "ip",
    "PortOpt": "port",
    "HostnameOpt": "host",
    "HostDomainOpt": "host",
    "HostAddressOpt": "host",
    "URIOpt": "uri",
}
_MULTIPLE = ("MultiStrOpt", "MultiOpt", "MultiDictOpt")
_TYPE_CLASSES = {
    "String": "text",
    "MultiString": "text",
    "Boolean": "boolean",
    "Integer": "integer",
    "Float": "float",
    "List": "list",
    "Dict": "mapping",
    "IPAddress": "ip",
    "Port": "port",
    "Hostname": "host",
    "HostDomain": "host",
    "HostAddress": "host",
    "URI": "uri",
}
# Where the plugins of auth_type declare what they take: keystoneclient's up to Liberty, then keystoneauth1's.
_PLUGIN_MODULES = {
    "keystoneclient": ("keystoneclient.auth.identity", "keystoneclient.auth.conf"),
    "keystoneauth1": (
        "keystoneauth1.loading._plugins",
        "keystoneauth1.extras",
        "keystoneauth1.loading.identity",
        "keystoneauth1.loading.conf",
    ),
}
_SESSION_MODULES = {
    "keystoneclient": ("keystoneclient.session",),
    "keystoneauth1": ("keystoneauth1.loading.session",),
}
# Programs of their own, which do not read cinder.conf.
_PROGRAMS = (
    "oslo_policy.generator",
    "oslo_policy.shell",
    "oslo_policy.sphinxpolicygen",
    "oslo_privsep.daemon",
)
_DRIVER_CLASS = r"^class \w*Driver\b|import \w*Driver\b|volumedriver"
_MAPPINGS = ("MAPPING", "mapper")
_PRIVSEP_OPTIONS = "oslo_privsep.priv_context.OPTS"
_PLUGIN_REGISTER = ("register_auth_conf_options", "register_conf_options")
_PLUGIN_GROUPS = {"keystone_authtoken", "nova", "glance", "service_user", "barbican_service_user"}
_SESSION_GROUPS = {"barbican", "glance", "nova", "service_user", "barbican_service_user"}


@dataclass(frozen=True)
class Drivers:
    """The classes that ``volume_driver`` or ``backup_driver`` may name, and their former names."""

    classes: tuple[str, ...]
    active_active: tuple[str, ...]
    renamed: dict[str, str]


class Release:
    """The source trees of one release."""

    def __init__(self, modules: dict[str, Module]) -> None:
        self._modules = modules
        self._evaluator = Evaluator(modules)
        self._options: Options = {}

    def options(self) -> Options:
        """Return every option by its section and name."""
        self._add("privsep", self._evaluator.dotted(_PRIVSEP_OPTIONS))
        for module in self._mentioning(r"\bregister_(cli_)?opts?\(|append_config_values|Configuration\("):
            if module.name not in _PROGRAMS:
                self._add_registered(module)
        for module in self._mentioning(r"^def list_"):
            self._add_listed(module)
        for module in self._mentioning(r"\bPrivContext\("):
            self._add_privileged(module)
        # Kept in classes that register them when a plugin is loaded.
        for module in self._mentioning(r"Opt\(", _TOKEN_MODULES):
            self._add("keystone_authtoken", self._declared(module))
        for module in self._mentioning(r"Opt\(", _BACKEND_MODULES):
            self._add(BACKEND, self._declared(module))
        self._add_plugin_options()
        return self._options

    def volume_drivers(self) -> Drivers:
        """Return the volume drivers."""
        classes = list(self._driver_classes("cinder.volume.drivers"))
        return Drivers(
            tuple(sorted(name for name, _ in classes)),
            tuple(sorted(name for name, is_active in classes if is_active)),
            self._renamed("cinder.volume.manager"),
        )

    def backup_drivers(self) -> Drivers:
        """Return the backup drivers: modules up to Rocky, classes since Queens."""
        manager = "cinder.backup.manager"
        loading, names = self._modules[manager].text, []
        if "import_module(" in loading:
            modules = self._mentioning("^def get_backup_driver", ("cinder.backup.drivers",))
            names += [module.name for module in modules]
        if "import_class(" in loading:
            names += [name for name, _ in self._driver_classes("cinder.backup.drivers")]
        return Drivers(tuple(sorted(names)), (), self._renamed(manager))

    def _declared(self, module: Module) -> Iterator[Call]:
        calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
        former = {id(node) for call in calls for node in _former_options(call)}
        for node in calls:
            if _last_name(node.func).endswith("Opt") and id(node) not in former:
                yield self._evaluator.evaluate(node, module)

    def _add_registered(self, module: Module) -> None:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = _last_name(node.func)
            group = None
            if called == "append_config_values" or (called == "Configuration" and _names_group(node)):
                group = _group_of_configuration(module.name)
            elif called in _REGISTER:
                group = self._group_of(node, module)
                # cinder-volume registers for each section that enabled_backends names.
                if group is None and module.name == "cinder.cmd.volume":
                    group = BACKEND
            if group is not None:
                self._add(group, self._evaluator.evaluate(node.args[0], module))

    def _group_of(self, node: ast.Call, module: Module) -> str | None:
        given = [word.value for word in node.keywords if word.arg == "group"] or node.args[1:2]
        return _group_name(self._evaluator.evaluate(given[0], module)) if given else "DEFAULT"

    def _add_listed(self, module: Module) -> None:
        for name, statements in module.names.items():
            (statement, *_) = statements
            if not isinstance(statement, ast.FunctionDef) or not name.startswith("list_"):
                continue
            listed = self._evaluator.call(Definition(module, statement), [], {})
            for pair in listed if isinstance(listed, list) else []:
                if isinstance(pair, list) and len(pair) == 2:
                    group = _group_name(pair[0])
                    if group is not None:
                        self._add(group, pair[1])

    def _add_plugin_options(self) -> None:
        groups = {group for group, _ in self._options}
        if "barbican" in groups:
            groups.add("barbican_service_user")
        registered = set(self._groups_of_plugins())
        loader = self._loader_of_plugins()
        plugin = self._declared_below(_PLUGIN_MODULES[loader])
        for group in registered | (groups & _PLUGIN_GROUPS):
            self._add(group, plugin)
        for group in registered | (groups & _SESSION_GROUPS):
            self._add(group, self._declared_below(_SESSION_MODULES[loader]))

    def _loader_of_plugins(self) -> str:
        uses_keystoneauth = any(self._mentioning("from keystoneauth1 import loading", _TOKEN_MODULES))
        return "keystoneauth1" if uses_keystoneauth else "keystoneclient"

    def _groups_of_plugins(self) -> Iterator[str]:
        for module in self._mentioning(r"conf_options\(", ("cinder",)):
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and _last_name(node.func) in _PLUGIN_REGISTER and node.args[1:]:
                    group = self._evaluator.evaluate(node.args[1], module)
                    if isinstance(group, str):
                        yield group

    def _add_privileged(self, module: Module) -> None:
        """Each context of oslo.privsep has a section of its own with the same options."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and _last_name(node.func) == "PrivContext":
                section = [word.value for word in node.keywords if word.arg == "cfg_section"]
                group = _group_name(self._evaluator.evaluate(section[0], module)) if section else "privsep"
                if group is not None:
                    self._add(group, self._evaluator.dotted(_PRIVSEP_OPTIONS))

    def _mentioning(self, pattern: str, packages: tuple[str, ...] = ()) -> Iterator[Module]:
        """The modules whose text has the pattern; to parse all of them takes long."""
        wanted = re.compile(pattern, re.MULTILINE)
        for module in self._modules.values():
            if (not packages or _is_below(module.name, packages)) and wanted.search(module.text):
                yield module

    def _declared_below(self, packages: tuple[str, ...]) -> list[Call]:
        below = self._mentioning(r"Opt\(", packages)
        return [call for module in below for call in self._declared(module)]

    def _add(self, group: str, declared: Any) -> None:
        calls = declared if isinstance(declared, Iterable) else [declared]
        for call in _flattened(calls):
            found = _facts(call)
            if found is None:
                continue
            name, facts = found
            key = (BACKEND if group in _BACKEND_GROUPS else group, name)
            self._options[key] = _merged(self._options[key], facts) if key in self._options else facts

    def _driver_classes(self, package: str) -> Iterator[tuple[str, bool]]:
        """Yield the path of each driver, and whether it says that it can run active/active."""
        for module in self._mentioning(_DRIVER_CLASS, (package,)):
            if module.is_package:
                yield from ((f"{module.name}.{name}", False) for name in module.imports if _is_driver(name))
            for name, (statement, *_) in module.names.items():
                if isinstance(statement, ast.ClassDef) and (_is_driver(name) or _is_marked(statement)):
                    definition = Definition(module, statement)
                    is_active = self._evaluator.of_class(definition, "SUPPORTS_ACTIVE_ACTIVE") is True
                    yield f"{module.name}.{name}", is_active

    def _renamed(self, manager: str) -> dict[str, str]:
        found = [self._evaluator.dotted(f"{manager}.{mapping}") for mapping in _MAPPINGS]
        pairs = [pair for mapping in found if isinstance(mapping, dict) for pair in mapping.items()]
        # A class of that name only says that the driver is gone, and fails.
        return {old: new for old, new in sorted(pairs) if not new.endswith(".Deprecated")}


def _is_driver(name: str) -> bool:
    return name.endswith("Driver")


def _is_marked(node: ast.ClassDef) -> bool:
    return "volumedriver" in [_last_name(mark) for mark in node.decorator_list]


def _is_below(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _former_options(call: ast.Call) -> Iterator[ast.AST]:
    """keystoneauth1 names what an option was called by an option."""
    for word in call.keywords:
        if word.arg == "deprecated":
            yield from ast.walk(word.value)


def _names_group(configuration: ast.Call) -> bool:
    """Without a group it reads what others have registered in ``[DEFAULT]``."""
    return len(configuration.args) > 1 or any(word.arg == "config_group" for word in configuration.keywords)


def _group_of_configuration(module: str) -> str | None:
    return next(
        (group for top, group in _GROUPS_OF_CONFIGURATIONS.items() if _is_below(module, (top,))), None
    )


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
        case ast.Call(function):
            return _last_name(function)
    return ""


def _group_name(value: Any) -> str | None:
    if isinstance(value, Call) and value.name.endswith("OptGroup"):
        value = value.arguments[0] if value.arguments else value.keywords.get("name")
    if value is None:
        return "DEFAULT"
    if not isinstance(value, str):
        return None
    # oslo.config finds sections in lower case, but for DEFAULT.
    return value if value == "DEFAULT" else value.lower()


def _flattened(values: Iterable[Any]) -> Iterator[Call]:
    for value in values:
        if isinstance(value, Call):
            yield value
        elif isinstance(value, list):
            yield from _flattened(value)


def _facts(call: Call) -> tuple[str, Facts] | None:
    kind = call.name.rpartition(".")[2]
    name = call.arguments[0] if call.arguments else call.keywords.get("name")
    if not isinstance(name, str) or (kind not in _TYPES and kind not in ("Opt", "MultiOpt")):
        return None
    name = name.replace("-", "_")
    given = call.keywords
    facts: Facts = {"type": _TYPES.get(kind, "text")}
    if kind in ("Opt", "MultiOpt"):
        declared = given.get("type", given.get("item_type"))
        facts.update({} if declared is None else _type_facts(declared))
    facts.update(_limits(given))
    if kind in _MULTIPLE:
        facts["multiple"] = True
    if given.get("secret") is True:
        facts["secret"] = True
    if given.get("deprecated_for_removal") is True:
        facts["deprecated"] = True
    former = {pair for pair in _former_names(name, given) if pair != (None, name)}
    if former:
        facts["former"] = _sorted(former)
    return str(given.get("dest") or name), {key: value for key, value in facts.items() if value is not None}


def _type_facts(given: Any) -> Facts:
    if not isinstance(given, Call):
        return {"type": None}
    kind = given.name.rpartition(".")[2]
    arguments = dict(given.keywords)
    if kind in ("Integer", "Float", "Port"):
        arguments.update(zip(("min", "max"), given.arguments, strict=False))
    if kind == "String" and given.arguments:
        arguments["choices"] = given.arguments[0]
    return {"type": _TYPE_CLASSES.get(kind), **_limits(arguments)}


def _limits(given: dict[str, Any]) -> Facts:
    facts: Facts = {}
    for limit in ("min", "max"):
        if isinstance(given.get(limit), (int, float)):
            facts[limit] = given[limit]
    choices = given.get("choices")
    if isinstance(choices, dict):
        choices = list(choices)
    if isinstance(choices, list) and choices:
        words = [choice[0] if isinstance(choice, list) else choice for choice in choices]
        if UNKNOWN not in words and all(isinstance(word, (str, int, float, type(None))) for word in words):
            facts["choices"] = [word for word in words if word is not None]
            if given.get("ignore_case") is True:
                facts["ignore_case"] = True
    return facts


def _former_names(name: str, given: dict[str, Any]) -> Iterator[FormerName]:
    """What the option was called: pairs of a section, null for its own one, and a name."""
    own = (given.get("deprecated_name"), given.get("deprecated_group"))
    if any(isinstance(part, str) for part in own):
        former = own[0] if isinstance(own[0], str) else name
        yield _group_name(own[1]) if isinstance(own[1], str) else None, former.replace("-", "_")
    several = given.get("deprecated_opts") or given.get("deprecated") or []
    for call in _flattened(several if isinstance(several, list) else [several]):
        words = [*call.arguments, None, None]
        former, group = call.keywords.get("name", words[0]), call.keywords.get("group", words[1])
        if isinstance(former, str) or isinstance(group, str):
            shown = former if isinstance(former, str) else name
            yield _group_name(group) if isinstance(group, str) else None, shown.replace("-", "_")


def _merged(one: Facts, other: Facts) -> Facts:
    """What two declarations of one option agree on; drivers share names with different meanings."""
    merged = {key: value for key, value in one.items() if other.get(key) == value}
    former = {tuple(pair) for facts in (one, other) for pair in facts.get("former", ())}
    if former:
        merged["former"] = _sorted(former)
    for either in ("secret", "multiple"):
        if one.get(either) or other.get(either):
            merged[either] = True
    return merged


def _sorted(former: set[FormerName]) -> list[list[str | None]]:
    return [list(pair) for pair in sorted(former, key=lambda pair: (pair[0] or "", pair[1]))]
