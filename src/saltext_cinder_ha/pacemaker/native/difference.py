"""A plan as a diff of the output of pcs or crm."""

from __future__ import annotations

import difflib
from pathlib import Path

from ...common import process
from ...common.errors import ToolFailedError
from ...common.files import private_folder
from ..cib.document import Cib
from ..cib.masking import Mask, hide_secrets
from ..cib.nvpairs import OWNED_PREFIX

PROGRAMS = ("pcs", "crm")

# pcs reads the cluster's name from it; it is the same on both sides, so the diff does not show it.
_COROSYNC_CONF = "totem {\n    version: 2\n    cluster_name: cluster\n}\nnodelist {\n}\n"
# Secrets are masked already; crm's own masking would hide that a secret changed.
_CRM_CONF = "[core]\nobscure_pattern =\n"


def difference_in_words(program: str, before: Cib, after: Cib, mask: Mask, *, timeout: float) -> str:
    """Return the diff of two configurations as ``pcs config`` or ``crm configure show`` prints them.

    :param program: one of :data:`PROGRAMS`
    :param mask: hides secret values; a changed one is marked
    :param timeout: seconds for each run of the tool
    :return: a unified diff, empty if the tool prints both alike
    :raises ToolMissingError: the tool is not installed
    """
    old, new = (_printable(cib, mask) for cib in (before, after))
    _mark_changed(before, after, old, new)
    shown_old, shown_new = (_shown(program, cib, timeout).splitlines() for cib in (old, new))
    return "\n".join(difflib.unified_diff(shown_old, shown_new, "before", "after", lineterm=""))


def _printable(cib: Cib, mask: Mask) -> Cib:
    """Return a copy without secrets, the records of this package, and the status."""
    copy = cib.copy()
    hide_secrets(copy, mask)
    for record in copy.configuration.xpath(f"crm_config/*[starts-with(@id, '{OWNED_PREFIX}')]"):
        record.getparent().remove(record)
    for status in copy.root.findall("status"):
        status.clear()
    return copy


def _mark_changed(before: Cib, after: Cib, old: Cib, new: Cib) -> None:
    """Mark hidden values that changed, because they look unchanged."""
    for name, pair in new.by_id.items():
        if pair.tag != "nvpair" or name not in old.by_id:
            continue
        is_changed = before.by_id[name].get("value") != after.by_id[name].get("value")
        if is_changed and old.by_id[name].get("value") == pair.get("value"):
            pair.set("value", f"{pair.get('value')} (changed)")


def _shown(program: str, cib: Cib, timeout: float) -> str:
    with private_folder() as private:
        file, corosync, crm = (private / name for name in ("cib.xml", "corosync.conf", "crm.conf"))
        file.write_bytes(cib.to_xml())
        corosync.write_text(_COROSYNC_CONF)
        crm.write_text(_CRM_CONF)
        answer = process.run(
            _arguments(program, file, corosync),
            settings={
                "CIB_file": str(file),
                "CIB_shadow_dir": str(private),
                "CRM_CONFIG_FILE": str(crm),
            },
            timeout=timeout,
        )
    if answer.returncode != 0:
        raise ToolFailedError(f"{program} cannot show the configuration: exit code {answer.returncode}")
    return answer.stdout.decode(errors="replace")


def _arguments(program: str, file: Path, corosync: Path) -> list[str]:
    if program == "pcs":
        return ["pcs", "-f", str(file), f"--corosync_conf={corosync}", "config"]
    return ["crm", "configure", "show"]
