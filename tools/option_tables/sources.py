"""Source trees of the releases: from PyPI, or from a checkout of openstack/cinder for the oldest ones."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from expressions import Module

_NOT_READ = ("tests", "test", "locale", "functional")


def read_release(versions: Mapping[str, str], cache: Path, checkouts: Path) -> dict[str, Module]:
    """Return the modules of Cinder and of its libraries.

    :param versions: by distribution; each is also the tag of a checkout
    :param cache: folder for what is downloaded
    :param checkouts: folder of git repositories by the distribution's name, for what has no wheel on PyPI
    """
    modules: dict[str, Module] = {}
    for name, version in versions.items():
        modules.update(_modules(_files(name, version, cache, checkouts)))
    return modules


def _files(name: str, version: str, cache: Path, checkouts: Path) -> Iterator[tuple[str, str]]:
    folder = cache / f"{name}-{version}"
    if not folder.exists():
        _download(name, version, folder)
    wheels = list(folder.glob("*.whl"))
    return _files_of_wheel(wheels[0]) if wheels else _files_of_tag(checkouts / name, version)


def _download(name: str, version: str, folder: Path) -> None:
    """Put the wheel into the folder, or leave that empty where PyPI has none."""
    command = [sys.executable, "-m", "pip", "--isolated", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), f"{name}=={version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and "No matching distribution" not in done.stderr:
        raise RuntimeError(done.stderr)
    folder.mkdir(exist_ok=True)


def _files_of_wheel(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if _is_read(name):
                yield name, archive.read(name).decode("utf-8-sig")


def _files_of_tag(checkout: Path, tag: str) -> Iterator[tuple[str, str]]:
    command = ["git", "-C", str(checkout), "archive", "--format=tar", tag]
    packed = subprocess.run(command, check=True, capture_output=True, timeout=300).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            content = archive.extractfile(member) if _is_read(member.name) else None
            if content is not None:
                yield member.name, content.read().decode("utf-8-sig")


def _is_read(name: str) -> bool:
    return name.endswith(".py") and not any(part in _NOT_READ for part in name.split("/"))


def _modules(files: Iterator[tuple[str, str]]) -> Iterator[tuple[str, Module]]:
    for path, text in files:
        parts = path.removesuffix(".py").split("/")
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        yield name, Module(name, is_package, text)
