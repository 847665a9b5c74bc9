"""The HTTP transport: no redirects, reused connections, one time limit for a whole response.

Its imports are installed by the extra ``openstack`` only.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
import time
from collections.abc import Callable
from typing import Any

import requests
import urllib3
from keystoneauth1.session import Session, TCPKeepAliveAdapter

from .answers import inspect_answer


def session_constructor() -> Callable[..., Session]:
    """Return the constructor of openstacksdk's session."""
    pool = requests.Session()
    pool.hooks["response"].append(inspect_answer)
    for scheme in ("http://", "https://"):
        pool.mount(scheme, _Adapter())
    # A redirect would send the password to another server than the configured one.
    return functools.partial(Session, session=pool, redirect=False)


class _TimedReader(io.RawIOBase):
    """A socket's stream with a time limit for all of it: that of a socket is for each read."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket):
        self._raw = raw
        self._socket = connection
        self._limit = connection.gettimeout()
        self._until = None if self._limit is None else time.monotonic() + self._limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._until is None:
            return self._raw.readinto(buffer)
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        try:
            return self._raw.readinto(buffer)
        finally:
            self._socket.settimeout(self._limit)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any):
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock))


class _HTTPConnection(urllib3.connection.HTTPConnection):
    response_class = _Response


class _HTTPSConnection(urllib3.connection.HTTPSConnection):
    response_class = _Response


class _HTTPConnectionPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSConnectionPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(TCPKeepAliveAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return _bound(super().proxy_manager_for(*args, **kwargs))


def _bound(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    manager.pool_classes_by_scheme = {"http": _HTTPConnectionPool, "https": _HTTPSConnectionPool}
    return manager
