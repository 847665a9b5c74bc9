"""Run Pacemaker's own scheduler, ``crm_simulate``, on a CIB; nothing of it stays on disk."""

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

# CRM_EX_CONFIG of Pacemaker's include/crm/common/results.h; crm_mon has 0 for the same.
_INVALID_CONFIGURATION = (0, 78)


@dataclass(frozen=True)
class Simulation:
    """The report of one run, and the CIB that results when the actions were carried out."""

    report: etree._Element
    outcome: bytes | None = field(default=None, repr=False)


def simulate(cib: Cib, options: Sequence[str] = (), *, carry_out: bool = False, timeout: float) -> Simulation:
    """Let the scheduler answer for a CIB.

    :param cib: a CIB with its status
    :param options: further options of ``crm_simulate`` (``--node-fail``, ..)
    :param carry_out: pretend the scheduled actions, too, and return the CIB that results
    :param timeout: seconds until the program is ended
    :raises CibError: it does not satisfy its schema, or is newer than the installed tools
    :raises ToolFailedError: the program failed for another reason
    """
    with private_folder() as private:
        outcome = private / "outcome.xml"
        mode = ["--simulate", f"--save-output={outcome}"] if carry_out else ["--run"]
        completed = process.run(
            ["crm_simulate", "--xml-pipe", "--output-as=xml", *mode, *options],
            stdin=cib.to_xml(),
            # Without it, Pacemaker leaves a copy of the CIB in its own folder.
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
    """Say in one sentence why a tool refused a CIB.

    What the tool printed is never part of it, since that may show the CIB and its secrets.
    """
    newest = empty_cib(timeout=timeout)
    if _numbers(cib.schema) > _numbers(newest.schema):
        return CibError(
            f"the CIB is written in the schema {cib.schema}; the Pacemaker tools installed here "
            f"know none newer than {newest.schema}"
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
            "cluster's own scheduler would; a constraint that goes in a circle is the usual cause"
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
