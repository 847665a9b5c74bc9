"""The pillar ``cinder_ha`` as frozen dataclasses, which are also its schema.

Every field is a key, with its kind, its default and its meaning in one place. Parsing, errors and the
documentation's table of keys use them.
"""

# key() returns dataclasses.field(), as the rule requires.
# ruff: noqa: RUF009

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..common import fields
from ..common.secrets import Secret
from ..pacemaker import actions
from ..pacemaker.declaration import readers as cib_readers
from . import readers
from .errors import SiteError
from .kinds import KeyKind, ListOf, MappingOf, Section, Value, key
from .readers import IPAddress
from .releases import AUTO

PILLAR_KEY = "cinder_ha"
"""The pillar's key of a site, and the document that owns its objects in the cluster."""

API, SCHEDULER, VOLUME, BACKUP = SERVICES = ("api", "scheduler", "volume", "backup")

Scalar = str | int | float | bool


def _choice(*words: str) -> Value:
    return Value(" | ".join(words), lambda value, path: fields.choice(value, path, words))


_TEXT = Value("text", readers.text)
_SECRET = Value("secret (text)", readers.secret)
_ADDRESS = Value("IPv4 or IPv6 address", readers.address)
_BOOLEAN = Value("true | false", fields.boolean)
_IDENTIFIER = Value("id of a resource", cib_readers.identifier)
_URL = Value("URL (http or https)", readers.url)
_ENDPOINT_URL = Value("URL (http or https), also with %(project_id)s", readers.endpoint_url)
_HOST = Value("HOST or HOST:PORT", readers.host_and_port)
_DRIVER = Value("short name or full class path", readers.driver)
_DURATION = Value("duration such as 7d (s, m, h, d, w)", readers.duration)
_SCALAR = Value("text, number or boolean", readers.scalar)
_PLAIN = Value("mapping", readers.plain_mapping)


def _options(item: KeyKind = _SCALAR) -> MappingOf:
    return MappingOf("option", item, readers.option_name)


@dataclass(frozen=True)
class Vip:
    """A virtual IP address under which clients reach the API."""

    ip: IPAddress | None = key(_ADDRESS, "the address itself")
    cidr_netmask: int | None = key(
        Value("1 to 32 (IPv4) or 1 to 128 (IPv6)", readers.prefix_length),
        "prefix length of its network; by default the agent finds it out",
    )
    nic: str | None = key(
        Value("name of an interface", readers.interface),
        "interface that carries it; by default the agent finds it out",
    )
    id: str | None = key(_IDENTIFIER, "the resource's id; by default the HA guide's")
    resource: str | None = key(_IDENTIFIER, "existing resource that manages the address; none is created")


@dataclass(frozen=True)
class Service:
    """How the cluster runs one of Cinder's services."""

    enabled: bool | None = key(
        _BOOLEAN,
        "whether the cluster runs it; by default api, scheduler and volume in mode systemd, "
        "api alone in mode ocf",
    )
    id: str | None = key(_IDENTIFIER, "the resource's id; by default the HA guide's")
    agent: str | None = key(
        Value("CLASS:TYPE or ocf:PROVIDER:TYPE", readers.agent),
        "the resource agent; by default the unit's or the HA guide's",
    )
    params: Mapping[str, Scalar | None] = key(
        _options(Value("text, number, boolean or null", readers.scalar_or_nothing)),
        "parameters of the agent in addition to the default ones; null removes a default one",
        secret=True,
    )
    meta: Mapping[str, Scalar] = key(_options(), "meta attributes of the resource")
    operations: tuple[Mapping[str, Any], ...] = key(
        ListOf(_PLAIN), "operations instead of the default monitor"
    )


@dataclass(frozen=True)
class Extra:
    """The site's own objects, written together with those of the formula."""

    resources: Mapping[str, Mapping[str, Any]] = key(
        MappingOf("id", _PLAIN, cib_readers.identifier),
        "further resources, as in a declaration",
        secret=True,
    )
    constraints: tuple[Mapping[str, Any], ...] = key(
        ListOf(_PLAIN), "further constraints, as in a declaration"
    )
    fencing_levels: tuple[Mapping[str, Any], ...] = key(
        ListOf(_PLAIN), "the order in which fencing devices are tried, as in a declaration"
    )
    tags: Mapping[str, tuple[str, ...]] = key(
        MappingOf("tag", ListOf(_IDENTIFIER), cib_readers.identifier), "names for several resources"
    )


@dataclass(frozen=True)
class ClusterSection:
    """What the cluster runs and what a change may do to it."""

    ordering: str = key(
        _choice("guide", "relaxed"),
        "guide: the HA guide's chain; relaxed: a failing API never restarts cinder-volume",
        default="guide",
    )
    group: str = key(_IDENTIFIER, "group of the API and its addresses in mode ocf", default="g_services_api")
    start_after: tuple[str, ...] = key(ListOf(_IDENTIFIER), "existing resources that start before the API")
    services: Mapping[str, Service] = key(
        MappingOf("service", Section(Service), choices=SERVICES),
        "settings of api, scheduler, volume and backup",
    )
    properties: Mapping[str, Scalar] = key(_options(), "cluster properties")
    resource_defaults: Mapping[str, Scalar] = key(
        _options(), "meta attributes of every resource that does not set them itself"
    )
    allow: tuple[str, ...] = key(
        ListOf(_choice(*actions.KINDS)),
        "what a change may do to running resources; anything else refuses the change",
        default=actions.DEFAULT_ALLOW,
    )
    extra: Extra = key(Section(Extra), "the site's own objects")


@dataclass(frozen=True)
class Database:
    """Where Cinder's database is."""

    url: Secret | None = key(
        Value("SQLAlchemy URL", readers.database_url),
        "the whole connection, instead of the other keys",
    )
    driver: str = key(
        Value("DIALECT+DRIVER", readers.database_driver),
        "SQLAlchemy dialect and driver",
        default="mysql+pymysql",
    )
    host: str | None = key(_HOST, "the database's address, often a VIP")
    name: str = key(_TEXT, "name of the database", default="cinder")
    user: str = key(_TEXT, "user of the database", default="cinder")
    password: Secret | None = key(_SECRET, "password of that user")


@dataclass(frozen=True)
class Messaging:
    """Where RabbitMQ is."""

    hosts: tuple[str, ...] = key(ListOf(_HOST), "every member of the RabbitMQ cluster")
    user: str = key(_TEXT, "user of RabbitMQ", default="cinder")
    password: Secret | None = key(_SECRET, "password of that user")
    vhost: str = key(_TEXT, "virtual host", default="/")
    queues: str | None = key(
        _choice("quorum", "mirrored", "classic"),
        "kind of the queues; by default quorum, mirrored before Zed; RabbitMQ 4 has no mirrored queues",
    )
    notifications: bool = key(
        _BOOLEAN,
        "whether to send notifications, for telemetry; without a reader their queue grows, and with Cinder "
        "21.3.1, as in Debian 12, no volume can be created",
        default=False,
    )


@dataclass(frozen=True)
class Identity:
    """How Cinder authenticates to Keystone and checks its clients' tokens."""

    auth_url: str | None = key(_URL, "Keystone's internal URL")
    www_authenticate_uri: str | None = key(_URL, "Keystone's URL for clients")
    username: str = key(_TEXT, "Cinder's user in Keystone", default="cinder")
    password: Secret | None = key(_SECRET, "password of that user")
    project_name: str = key(_TEXT, "project of that user", default="service", former="project")
    user_domain_name: str = key(_TEXT, "domain of that user", default="Default")
    project_domain_name: str = key(_TEXT, "domain of that project", default="Default")
    region_name: str | None = key(_TEXT, "region of Keystone's catalog in which to look up services")
    cafile: str | None = key(_TEXT, "file of certificate authorities to verify Keystone's certificate")
    memcached_servers: tuple[str, ...] = key(ListOf(_HOST), "memcached servers for tokens")


@dataclass(frozen=True)
class Backend:
    """One storage backend, a section of cinder.conf."""

    driver: str | None = key(_DRIVER, "volume driver")
    shares: tuple[str, ...] = key(ListOf(_TEXT), "NFS shares, each HOST:/PATH")
    options: Mapping[str, Any] = key(
        _options(Value("text, number, boolean or list of them", readers.scalars)),
        "options of the section",
        secret=True,
    )


@dataclass(frozen=True)
class EndpointAuth:
    """The credentials for changing Keystone's catalog."""

    cloud: str | None = key(_TEXT, "cloud in clouds.yaml with the credentials; the keys below override it")
    auth_url: str | None = key(_URL, "Keystone's URL; by default identity.auth_url")
    username: str | None = key(_TEXT, "user with the admin role")
    password: Secret | None = key(_SECRET, "password of that user, or its sdb:// URI")
    project_name: str | None = key(_TEXT, "project of that user")
    user_domain_name: str | None = key(_TEXT, "domain of that user; by default Default")
    project_domain_name: str | None = key(_TEXT, "domain of that project; by default Default")
    cacert: str | None = key(_TEXT, "file of certificate authorities to verify Keystone's certificate")
    insecure: bool = key(_BOOLEAN, "whether to skip verifying Keystone's certificate", default=False)


@dataclass(frozen=True)
class CatalogService:
    """A service of Keystone's catalog with its endpoints in one region."""

    type: str | None = key(_choice("block-storage", "volumev3", "volumev2", "volume"), "type of the service")
    name: str | None = key(_TEXT, "name of the service; by default the installation guide's")
    description: str | None = key(_TEXT, "description of the service; unchanged by default")
    enabled: bool | None = key(
        _BOOLEAN,
        "whether the service and its endpoints are enabled; by default as an operator has set it",
    )
    region: str | None = key(_TEXT, "region of these endpoints; by default endpoints.region")
    interfaces: tuple[str, ...] = key(
        ListOf(_choice("public", "internal", "admin")),
        "interfaces that have an endpoint",
        default=("public", "internal", "admin"),
    )
    scheme: str = key(
        _choice("http", "https"), "scheme of the URLs that are derived from the VIPs", default="http"
    )
    url: str | None = key(
        _ENDPOINT_URL, "URL of every interface without its own URL below; by default derived from the VIPs"
    )
    public: str | None = key(_ENDPOINT_URL, "URL of the public interface")
    internal: str | None = key(_ENDPOINT_URL, "URL of the internal interface")
    admin: str | None = key(_ENDPOINT_URL, "URL of the admin interface")


@dataclass(frozen=True)
class Endpoints:
    """The Block Storage services in Keystone's catalog."""

    region: str = key(_TEXT, "region of the endpoints", default="RegionOne")
    auth: EndpointAuth = key(Section(EndpointAuth), "credentials for changing the catalog")
    services: tuple[CatalogService, ...] = key(
        ListOf(Section(CatalogService)), "the services and their endpoints"
    )


@dataclass(frozen=True)
class BackupPolicy:
    """When backups of volumes are made and how long they are kept."""

    full_every: timedelta = key(
        _DURATION, "age of a full backup after which the next one is made", default=timedelta(days=7)
    )
    incremental_every: timedelta = key(
        _DURATION, "age of a backup after which an incremental one is made", default=timedelta(days=1)
    )
    keep: int = key(
        Value("positive whole number", readers.positive_integer),
        "number of full backups to keep, with their incremental ones",
        default=4,
    )


@dataclass(frozen=True)
class Backup:
    """Where volumes are backed up to, and when."""

    driver: str | None = key(_DRIVER, "backup driver")
    options: Mapping[str, Any] = key(
        _options(Value("text, number, boolean or list of them", readers.scalars)),
        "options of the driver",
        secret=True,
    )
    policy: BackupPolicy = key(Section(BackupPolicy), "when backups are made")


@dataclass(frozen=True)
class Api:
    """How the API is served on a node."""

    server: str | None = key(
        _choice("eventlet", "uwsgi", "mod_wsgi"),
        "server of the API; by default that of the OS family's packages",
    )
    listen: IPAddress | None = key(
        _ADDRESS, "address it listens on; by default the VIP if there is only one, else every address"
    )
    port: int = key(Value("1 to 65535", readers.port), "port it listens on", default=8776)


@dataclass(frozen=True)
class Haproxy:
    """A proxy on every node that balances requests to the VIPs between the APIs of all nodes."""

    enabled: bool = key(_BOOLEAN, "whether to run the proxy", default=False)
    servers: Mapping[str, IPAddress] = key(
        MappingOf("node", _ADDRESS, readers.text), "address of each node's own API, by the node's name"
    )


@dataclass(frozen=True)
class Packages:
    """Cinder's packages."""

    enabled: bool = key(_BOOLEAN, "whether the formula installs them", default=False)
    names: tuple[str, ...] = key(ListOf(_TEXT), "their names; by default the OS family's")


@dataclass(frozen=True)
class Coordination:
    """Locks between nodes."""

    url: Secret | None = key(
        _SECRET, "URL of Tooz's backend, such as etcd3+http://10.0.0.11:2379; by default files on each node"
    )


@dataclass(frozen=True)
class Site:
    """One site: everything that the pillar ``cinder_ha`` says."""

    site: str | None = key(_TEXT, "name shown in status and reports")
    release: str = key(
        Value("name or series of an OpenStack release | auto", readers.release),
        "release of Cinder; auto uses that of the installed one",
        default=AUTO,
    )
    mode: str = key(
        _choice("systemd", "ocf"),
        "systemd: the HA guide's units and clones; ocf: its OCF agent in a group with the VIP",
        default="systemd",
    )
    form: str = key(
        _choice("modern", "guide"),
        "cinder.conf that runs on the release, or the HA guide's to the letter",
        default="modern",
    )
    config_errors: str = key(
        _choice("refuse", "warn"), "how to treat a mistake in cinder.conf", default="refuse"
    )
    clean: str = key(
        _choice("node", "cluster"),
        "what cinder_ha.clean removes: this node's files, or also the cluster's objects",
        default="node",
    )
    vips: Mapping[str, Vip] = key(
        MappingOf("vip", Section(Vip), choices=("internal", "public")),
        "virtual IP addresses of the API, internal and public",
    )
    cluster: ClusterSection = key(Section(ClusterSection), "what the cluster runs")
    packages: Packages = key(Section(Packages), "Cinder's packages")
    api: Api = key(Section(Api), "how the API is served")
    haproxy: Haproxy = key(Section(Haproxy), "a proxy in front of the API")
    database: Database = key(Section(Database), "Cinder's database")
    messaging: Messaging = key(Section(Messaging), "RabbitMQ")
    coordination: Coordination = key(Section(Coordination), "locks between nodes")
    identity: Identity = key(Section(Identity), "Keystone")
    backends: Mapping[str, Backend] = key(
        MappingOf("backend", Section(Backend), readers.backend_name), "storage backends"
    )
    volume_host: str | None = key(
        Value("text without spaces, @ and #", readers.volume_host),
        "host name of cinder-volume that survives a failover",
    )
    config: Mapping[str, Mapping[str, Any]] = key(
        MappingOf(
            "section",
            _options(Value("text, number, boolean or list of them", readers.scalars)),
            readers.section_name,
        ),
        "options of cinder.conf that override all others",
        secret=True,
    )
    endpoints: Endpoints = key(Section(Endpoints), "Keystone's catalog")
    backup: Backup = key(Section(Backup), "backups of volumes")

    def service(self, name: str) -> Service:
        """Return the settings of one of :data:`SERVICES`."""
        return self.cluster.services.get(name, Service())

    def require_vip(self, name: str, part: str) -> Vip:
        """Return the VIP ``internal`` or ``public``, which ``part`` of the formula needs.

        :raises SiteError: the pillar gives neither its address nor the resource that manages it
        """
        vip = self.vips.get(name, Vip())
        if vip.ip is None and vip.resource is None:
            raise missing(f"vips.{name}.ip", part)
        return vip


def missing(path: str, part: str) -> SiteError:
    """Return the error about a key that ``part`` of the formula needs.

    >>> print(missing("vips.internal.ip", "resources"))
    cinder_ha.vips.internal.ip: is missing, but the part resources needs it
    """
    return SiteError(f"{PILLAR_KEY}.{path}", f"is missing, but the part {part} needs it")
