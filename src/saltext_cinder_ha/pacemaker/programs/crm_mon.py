"""Run ``crm_mon`` on a CIB; nothing is left on disk."""

from __future__ import annotations

from lxml import etree

from ...common import process
from ...common.files import private_folder
from ..cib.document import Cib
from .crm_simulate import refusal


def monitor(cib: Cib, *, timeout: float) -> etree._Element:
    """Return the report of ``crm_mon`` about a CIB.

    :param cib: a CIB with its status
    :param timeout: seconds until the program is terminated
    :raises CibError: the CIB violates its schema, or is newer than the installed tools
    """
    # crm_mon reads a CIB only from a file.
    with private_folder() as private:
        path = private / "cib.xml"
        path.touch(mode=0o600)
        path.write_bytes(cib.to_xml())
        completed = process.run(
            ["crm_mon", "--one-shot", "--inactive", "--output-as=xml"],
            settings={"CIB_file": str(path)},
            timeout=timeout,
        )
    report = _report(completed)
    # If it cannot read the CIB, crm_mon still reports "OK" and code 0, but no summary.
    if report is None or report.find("summary") is None:
        raise refusal(cib, completed, timeout=timeout)
    return report


def _report(completed: process.Completed) -> etree._Element | None:
    try:
        return etree.fromstring(completed.stdout, etree.XMLParser(huge_tree=True))
    except etree.XMLSyntaxError:
        return None
