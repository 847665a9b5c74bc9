"""Run Pacemaker's own scheduler, ``crm_simulate``, on a CIB; nothing is left on disk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from ...common import process
from ...common.errors import SaltextError, ToolFailedError
from ...common.files import private_folder
from ..cib.document import Cib
from ..errors import CibError

# CRM_EX_CONFIG of Pacemaker's include/crm/common/results.h; crm_mon exits with 0 instead.
_INVALID_CONFIGURATION = (0, 78)


@dataclass(frozen=True)
class Simulation:
    """The report of one run, and the resulting CIB if the actions were executed."""

    report: etree._Element
    outcome: bytes | None = field(default=None, repr=False)


def simulate(cib: Cib, options: Sequence[str] = (), *, carry_out: bool = False, timeout: float) -> Simulation:
    """Run the scheduler on a CIB.

    :param cib: a CIB with its status
    :param options: further options of ``crm_simulate``, such as ``--node-fail``
    :param carry_out: also simulate the scheduled actions, and return the resulting CIB
    :param timeout: seconds until the program is terminated
    :raises CibError: the CIB violates its schema, or is newer than the installed tools
    :raises ToolFailedError: the program failed for another reason
    """
    with private_folder() as private:
        outcome = private / "outcome.xml"
        mode = ["--simulate", f"--save-output={outcome}"] if carry_out else ["--run"]
        completed = process.run(
            ["crm_simulate", "--xml-pipe", "--output-as=xml", *mode, *options],
            stdin=cib.to_xml(),
            # Otherwise Pacemaker leaves a copy of the CIB in its own folder.
            settings={"CIB_shadow_dir": str(private)},
            timeout=timeout,
        )
        if completed.returncode != 0:
            raise refusal(cib, completed, timeout=timeout)
        return Simulation(
            report=etree.fromstring(completed.stdout, etree.XMLParser(huge_tree=True)),
            outcome=outcome.read_bytes() if carry_out else None,
        )


def refusal(cib: Cib, completed: process.Completed, *, timeout: float) -> SaltextError:
    """Return an error that explains why a tool refused a CIB.

    It never quotes the tool's output, which may show the CIB and its secrets.
    """
    newest = empty_cib(timeout=timeout)
    if _numbers(cib.schema) > _numbers(newest.schema):
        return CibError(
            f"the CIB uses the schema {cib.schema}, but the newest one that the installed Pacemaker tools "
            f"know is {newest.schema}; upgrade them"
        )
    feature_set, known = (c.root.get("crm_feature_set", "") for c in (cib, newest))
    if _numbers(feature_set) > _numbers(known):
        return CibError(
            f"the CIB was written by a newer Pacemaker (feature set {feature_set}) than the tools "
            f"installed here (feature set {known})"
        )
    if completed.returncode in _INVALID_CONFIGURATION:
        return CibError(f"the CIB does not satisfy its schema {cib.schema or '(none named)'}")
    if completed.returncode < 0:
        return ToolFailedError(
            f"{completed.program} crashed (signal {-completed.returncode}) on this configuration, as the "
            "cluster's own scheduler would; the usual cause is a loop of constraints"
        )
    return ToolFailedError(f"{completed.program} failed with exit code {completed.returncode}")


def empty_cib(*, timeout: float) -> Cib:
    """Return the empty CIB of the installed tools: their newest schema and their feature set."""
    completed = process.run(["cibadmin", "--empty"], timeout=timeout)
    if completed.returncode != 0:
        raise ToolFailedError(f"cibadmin --empty failed with exit code {completed.returncode}")
    return Cib.parse(completed.stdout, "cibadmin --empty")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d{1,9}", version)))
