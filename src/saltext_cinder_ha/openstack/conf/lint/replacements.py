"""Replacements of removed options that the releases themselves do not name."""

from __future__ import annotations

_TRANSPORT = (
    "write transport_url = rabbit://USER:PASSWORD@HOST1:5672,USER:PASSWORD@HOST2:5672/VHOST in [DEFAULT], "
    "with every member"
)
_IDENTITY = "write auth_type = password and auth_url"
_NOTHING = "remove it"

# oslo.messaging 9.0.0 removed rabbit_*, keystonemiddleware 13.0.0 identity_uri and admin_*, Queens and Xena
# the versions of the API (Cinder's release note "remove-api-v2").
_REPLACEMENTS = {
    "sql_connection": "write connection in [database]",
    "sql_idle_timeout": "write connection_recycle_time in [database]",
    "sql_max_retries": "write max_retries in [database]",
    "idle_timeout": "write connection_recycle_time",
    "rabbit_host": _TRANSPORT,
    "rabbit_hosts": _TRANSPORT,
    "rabbit_port": _TRANSPORT,
    "rabbit_userid": _TRANSPORT,
    "rabbit_password": _TRANSPORT,
    "rabbit_virtual_host": _TRANSPORT,
    "rpc_backend": _TRANSPORT,
    "rabbit_durable_queues": "write amqp_durable_queues in [oslo_messaging_rabbit]",
    "rabbit_max_retries": _NOTHING,
    "heartbeat_in_pthread": _NOTHING,
    "notifier_strategy": "write driver = messagingv2 in [oslo_messaging_notifications]",
    "notification_driver": "write driver in [oslo_messaging_notifications]",
    "notification_topics": "write topics in [oslo_messaging_notifications]",
    "identity_uri": _IDENTITY,
    "auth_host": _IDENTITY,
    "auth_port": _IDENTITY,
    "auth_protocol": _IDENTITY,
    "admin_user": "write auth_type = password and username",
    "admin_password": "write auth_type = password and password",
    "admin_tenant_name": "write auth_type = password and project_name",
    "admin_token": _IDENTITY,
    "auth_plugin": "write auth_type",
    "auth_uri": "write www_authenticate_uri",
    "enable_v1_api": _NOTHING,
    "enable_v2_api": _NOTHING,
    "enable_v3_api": _NOTHING,
    "glance_api_version": _NOTHING,
    "verbose": "write debug, or remove it",
    "lock_path": "write lock_path in [oslo_concurrency]",
    "osapi_max_request_body_size": "write max_request_body_size in [oslo_middleware]",
}


def replacement_of(option: str) -> str | None:
    """Return what to write instead of an option, None if unknown.

    >>> replacement_of("sql_connection")
    'write connection in [database]'
    """
    return _REPLACEMENTS.get(option)
