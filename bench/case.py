"""Apply the workload once with one contestant, in a process of its own, and print what it took as JSON.

usage: case.py CONTESTANT RESOURCES FOLDER MOST_OBJECTS

FOLDER keeps the CIB: the first call in it is the first apply, any further one applies what is there already.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import workload
from lxml import etree
from workload import Address, Object

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.scheduler import simulated_cluster
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.pacemaker.store.file import FileStore

TIMEOUT = 600.0
"""Seconds for each program."""

_NODES = ("ctl1", "ctl2", "ctl3")
_CIB = "cib.xml"

Run = Callable[[], Any]


class CaseError(Exception):
    """A contestant that did not do what it was asked to."""


def ours(path: Path, wanted: Sequence[Object]) -> Run:
    return lambda: _apply(Cluster(Settings(cib_file=str(path), timeout=TIMEOUT)), wanted)


def ours_through_cibadmin(path: Path, wanted: Sequence[Object]) -> Run:
    """As on a live cluster, where the CIB comes from ``cibadmin``."""
    cluster = Cluster(Settings(cib_file=str(path), timeout=TIMEOUT))
    cluster.store = _ReadThroughCibadmin(path, _NODES, TIMEOUT)
    return lambda: _apply(cluster, wanted)


class _ReadThroughCibadmin(FileStore):
    def __init__(self, path: Path, nodes: Sequence[str], timeout: float):
        super().__init__(path, nodes, timeout)
        self._cib_file = path

    def read(self) -> Cib:
        return Cib.parse(_tool(self._cib_file, "cibadmin", "--query"), self.origin)


def _apply(cluster: Cluster, wanted: Sequence[Object]) -> None:
    cluster.apply(workload.declaration(wanted), document="bench", policy=cluster.policy(settle=False))


def pcs(path: Path, wanted: Sequence[Object]) -> Run:
    is_first = not _primitives(path)

    def run() -> None:
        for one in wanted:
            done = _run(path, "pcs", "-f", str(path), *workload.pcs_arguments(one))
            # A second time pcs refuses: it knows no "make it so".
            if is_first and done.returncode:
                raise CaseError(f"pcs: {done.stderr.decode(errors='replace').strip()}")

    return run


def crm(path: Path, wanted: Sequence[Object]) -> Run:
    text = path.with_suffix(".crm")
    text.write_text(workload.crm_text(wanted))
    return lambda: _tool(path, "crm", "--force", "configure", "load", "update", str(text))


def salt_pcs(path: Path, wanted: Sequence[Object]) -> Run:
    """Salt's loader and state compiler, made before the clock starts."""
    import salt.config
    import salt.loader
    import salt.state

    opts = salt.config.minion_config(None)
    opts.update(root_dir=str(path.parent), cachedir=str(path.parent), file_client="local")
    opts["enable_fqdns_grains"] = False
    opts["grains"] = salt.loader.grains(opts)
    state = salt.state.State(opts)
    # The state takes a name and looks for it in Salt's cache.
    cached = path.parent / "pcs" / "base" / "bench.cib"
    cached.parent.mkdir(parents=True, exist_ok=True)
    if not cached.exists():
        cached.symlink_to(path)
    chunks = [_chunk(number, one) for number, one in enumerate(wanted)]

    def run() -> None:
        for chunk in chunks:
            result = state.call(chunk)
            if result["result"] is not True:
                raise CaseError(f"states.pcs: {result['comment'].strip()}")

    return run


def _chunk(number: int, wanted: Object) -> dict[str, Any]:
    place = {"__sls__": "bench", "__env__": "base", "__id__": wanted.id, "order": number}
    return {"state": "pcs", "name": wanted.id, "cibname": "bench", **place, **workload.salt_state(wanted)}


def bare(path: Path, wanted: Sequence[Object]) -> Run:
    """The yardstick: Pacemaker's own tools, told exactly what is to be done."""
    cluster = Cluster(Settings(cib_file=str(path)))
    plan = cluster.plan(workload.declaration(wanted), document="bench")
    if not plan:
        return lambda: etree.fromstring(_tool(path, "cibadmin", "--query"))
    return _patch_and_simulate(path, plan.patch.to_xml(plan.snapshot.version))


def bare_crm_diff(path: Path, wanted: Sequence[Object]) -> Run:
    """The same with the patch as Pacemaker's own ``crm_diff`` writes it."""
    plan = Cluster(Settings(cib_file=str(path))).plan(workload.declaration(wanted), document="bench")
    if not plan:
        return lambda: etree.fromstring(_tool(path, "cibadmin", "--query"))
    target = path.with_suffix(".target")
    target.write_bytes(plan.target.to_xml())
    done = _run(path, "crm_diff", "--no-version", f"--original={path}", f"--new={target}")
    return _patch_and_simulate(path, done.stdout)


def _patch_and_simulate(path: Path, patch: bytes) -> Run:
    def run() -> None:
        _tool(path, "cibadmin", "--patch", "--xml-pipe", stdin=patch)
        _tool(path, "crm_simulate", f"--xml-file={path}", "--run", "--output-as=xml")

    return run


CONTESTANTS: dict[str, Callable[[Path, Sequence[Object]], Run]] = {
    "ours": ours,
    "ours-through-cibadmin": ours_through_cibadmin,
    "pcs": pcs,
    "crm": crm,
    "salt-pcs": salt_pcs,
    "bare": bare,
    "bare-crm-diff": bare_crm_diff,
}


def _tool(path: Path, *argv: str, stdin: bytes | None = None) -> bytes:
    done = _run(path, *argv, stdin=stdin)
    if done.returncode:
        raise CaseError(f"{argv[0]}: {done.stderr.decode(errors='replace').strip()[-200:]}")
    return done.stdout


def _run(path: Path, *argv: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    # Without its own folder, crm_simulate leaves a copy of the CIB in Pacemaker's.
    environment = {**os.environ, "CIB_file": str(path), "CIB_shadow_dir": str(path.parent)}
    return subprocess.run(
        argv, input=stdin, env=environment, capture_output=True, timeout=TIMEOUT, check=False
    )


def _make_cib(path: Path) -> None:
    """Three nodes; no fencing, so that what is created can start."""
    root = etree.fromstring(simulated_cluster.new_cib(_NODES, timeout=TIMEOUT))
    options = root.find("configuration/crm_config/cluster_property_set")
    name = "stonith-enabled"
    etree.SubElement(options, "nvpair", id=f"{options.get('id')}-{name}", name=name, value="false")
    path.write_bytes(etree.tostring(root))


def _primitives(path: Path) -> int:
    return int(etree.parse(str(path)).xpath("count(configuration/resources//primitive)"))


def _peak_megabytes() -> float:
    # Not getrusage: that begins with what the parent had before it became this program.
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main(contestant: str, resources: int, folder: Path, most_objects: int) -> dict[str, Any]:
    path = folder / _CIB
    if not path.exists():
        _make_cib(path)
    total = sum(1 for _ in workload.objects(resources))
    wanted = list(islice(workload.objects(resources), most_objects))
    run = CONTESTANTS[contestant](path, wanted)
    started = time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    expected, found = sum(isinstance(one, Address) for one in wanted), _primitives(path)
    if found != expected:
        raise CaseError(f"{contestant} left {found} resources, not {expected}")
    return {
        "seconds": seconds,
        "objects": total,
        "objects_done": len(wanted),
        "peak_mb": _peak_megabytes(),
    }


if __name__ == "__main__":
    _, contestant, resources, folder, most_objects = sys.argv
    try:
        print(json.dumps(main(contestant, int(resources), Path(folder), int(most_objects))))
    except (CaseError, subprocess.TimeoutExpired) as error:
        sys.exit(str(error))
