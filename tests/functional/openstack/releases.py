"""The releases of Cinder that the tests have, and oslo.config's own tools in them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

VENVS = {"2026.1": ".venv-openstack-2026.1", "2026.2": ".venv-openstack"}
START_SECONDS = 120
# To list its options Cinder imports every driver; what some import of other clouds is asked nothing.
_CLIENTS_OF_OTHERS = """
import importlib.machinery
import sys
from unittest.mock import MagicMock

class Clients:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("boto3", "botocore", "googleapiclient", "swiftclient"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return MagicMock()

    def exec_module(self, module):
        pass

sys.meta_path.append(Clients())
"""
LIBRARIES = (
    "castellan.config",
    "keystonemiddleware.auth_token",
    "os_brick",
    "oslo.concurrency",
    "oslo.db",
    "oslo.log",
    "oslo.messaging",
    "oslo.middleware",
    "oslo.policy",
    "oslo.privsep",
    "oslo.reports",
    "oslo.service.service",
    "oslo.service.sslutils",
    "oslo.service.wsgi",
    "oslo.versionedobjects",
    "osprofiler",
)
"""Namespaces of the libraries that read cinder.conf, too."""


def oslo_config(
    programs: Path, tool: str, folder: Path, namespaces: tuple[str, ...], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run ``generator`` or ``validator`` of oslo.config with the options of a release.

    :param programs: folder of the release's programs
    :param folder: for what the run itself needs
    """
    (folder / "sitecustomize.py").write_text(_CLIENTS_OF_OTHERS)
    words = [word for name in namespaces for word in ("--namespace", name)]
    return subprocess.run(
        [str(programs / "python"), "-m", f"oslo_config.{tool}", *words, *arguments],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
