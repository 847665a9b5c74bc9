"""Salt's own loaders in this process: a masterless minion in a folder of each test's own."""

from __future__ import annotations

import copy
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import salt.config
import salt.loader
import yaml
from saltfactories.utils.functional import Loaders

from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings


class SandboxLoaders(Loaders):
    """Loaders that go from one minion to the next: to make them takes two seconds, this a tenth."""

    def __init__(self, opts: dict[str, Any]) -> None:
        self._given_grains: dict[str, Any] | None = None
        super().__init__(opts, loaded_base_name=f"{__name__}.loaded")

    @property
    def grains(self) -> dict[str, Any]:
        if self._given_grains is None:
            return super().grains
        return copy.deepcopy(self._given_grains)

    def become(self, opts: dict[str, Any], grains: dict[str, Any]) -> None:
        """Load everything anew with the options and the grains of another minion."""
        self._original_opts = opts
        self._given_grains = grains
        self._cachedir = Path(opts["cachedir"])
        self.reload_all()


@pytest.fixture(scope="session")
def machine_loaders(tmp_path_factory: pytest.TempPathFactory) -> SandboxLoaders:
    """Loaders of a minion without any configuration; tests use :func:`loaders`."""
    config = tmp_path_factory.mktemp("machine") / "minion"
    _write_yaml(config, _base_settings(config.parent))
    return SandboxLoaders(salt.config.minion_config(str(config)))


@pytest.fixture(scope="session")
def machine_grains(machine_loaders: SandboxLoaders) -> dict[str, Any]:
    """The grains of this machine, collected once."""
    return dict(machine_loaders.opts["grains"])


@pytest.fixture
def grains(machine_grains: dict[str, Any]) -> dict[str, Any]:
    """The minion's grains. A test of another OS family overrides this fixture."""
    return machine_grains


@pytest.fixture
def cib_file(tmp_path: Path) -> Path:
    """The sandbox's CIB; not made yet."""
    return tmp_path / "sandbox" / "cib.xml"


@pytest.fixture(scope="module")
def make_cib(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Make the CIB of a sandbox in which declarations were applied."""

    def make(*declarations: dict[str, Any], document: str | None = None) -> bytes:
        path = tmp_path_factory.mktemp("prepared") / "cib.xml"
        cluster = Cluster(Settings(cib_file=str(path)))
        for declaration in declarations:
            assert cluster.apply(declaration, document=document).succeeded
        return path.read_bytes()

    return make


@pytest.fixture
def place_cib(cib_file: Path) -> Callable[[bytes], Path]:
    """Put a CIB that was made before into the sandbox."""

    def place(xml: bytes) -> Path:
        cib_file.parent.mkdir()
        cib_file.write_bytes(xml)
        return cib_file

    return place


@pytest.fixture
def state_tree(tmp_path: Path) -> Path:
    """A folder for SLS files of the test; it stands before the formula."""
    folder = tmp_path / "states"
    folder.mkdir()
    return folder


@pytest.fixture
def pillar() -> dict[str, Any]:
    """The minion's pillar. A test that needs one overrides this fixture."""
    return {}


@pytest.fixture
def minion_settings() -> dict[str, Any]:
    """Options of the minion beside those below. A test that needs some overrides this fixture."""
    return {}


@pytest.fixture
def minion_config(
    repository: Path,
    tmp_path: Path,
    cib_file: Path,
    state_tree: Path,
    pillar: dict[str, Any],
    minion_settings: dict[str, Any],
) -> Path:
    """The configuration folder of the minion, as ``salt-call --config-dir`` takes it."""
    pillar_root = tmp_path / "pillar"
    pillar_root.mkdir()
    _write_yaml(pillar_root / "top.sls", {"base": {"*": ["site"]}})
    _write_yaml(pillar_root / "site.sls", pillar)
    settings = {
        **_base_settings(tmp_path),
        "file_roots": {"base": [str(state_tree), str(repository / "states")]},
        "pillar_roots": {"base": [str(pillar_root)]},
        "pacemaker": {
            "cib_file": str(cib_file),
            "sandbox_root": str(cib_file.parent),
            "sandbox_nodes": ["ctl1", "ctl2", "ctl3"],
        },
        **minion_settings,
    }
    folder = tmp_path / "config"
    folder.mkdir()
    _write_yaml(folder / "minion", settings)
    return folder


@pytest.fixture
def minion_opts(minion_config: Path) -> dict[str, Any]:
    return salt.config.minion_config(str(minion_config / "minion"))


@pytest.fixture
def loaders(
    machine_loaders: SandboxLoaders, minion_opts: dict[str, Any], grains: dict[str, Any]
) -> SandboxLoaders:
    """Salt's loaders with the options, the pillar and the grains of this test's minion."""
    machine_loaders.become(minion_opts, grains)
    return machine_loaders


@pytest.fixture
def live_tools(tmp_path: Path, cib_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the tools of the live store to the sandbox's CIB: no cluster runs where the tests do."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in ("cibadmin", "crm_mon", "crm_simulate", "crm_resource"):
        wrapper = folder / tool
        wrapper.write_text(
            f'#!/bin/sh\n: "${{CIB_file:={cib_file}}}"\nexport CIB_file\nexec {shutil.which(tool)} "$@"\n'
        )
        wrapper.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@pytest.fixture
def modules(loaders: SandboxLoaders) -> Any:
    return loaders.modules


@pytest.fixture
def states(loaders: SandboxLoaders) -> Any:
    return loaders.states


def _base_settings(folder: Path) -> dict[str, Any]:
    return {
        "id": "ctl1",
        "root_dir": str(folder / "root"),
        "file_client": "local",
        "enable_fqdns_grains": False,
    }


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content))
