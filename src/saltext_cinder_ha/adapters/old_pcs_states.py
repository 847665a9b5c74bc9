"""Arguments of the ``pcs`` states that Salt had until 3007, for users who only rename their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..common.errors import DeclarationError

_OF_CONSTRAINTS = {
    "constraint_id": "id",
    "constraint_type": "the state's own name: order_present, colocation_present or location_present",
    "constraint_options": "the arguments of that state, such as first and then",
}
# Salt 3006, salt/states/pcs.py
RENAMED: Mapping[str, Mapping[str, str]] = {
    "resource_present": {
        "resource_id": "name",
        "resource_type": "agent",
        "resource_options": "params, meta, operations and clone",
        "stonith_id": "name",
        "stonith_device_type": "agent, with the prefix stonith:",
        "stonith_device_options": "params",
    },
    "property_present": {"prop": "name"},
    "order_present": _OF_CONSTRAINTS,
    "colocation_present": _OF_CONSTRAINTS,
    "location_present": _OF_CONSTRAINTS,
}
DROPPED = {
    "cibname": "every state, including pacemaker.declared, is one transaction",
    "extra_args": "the states run no pcs command",
}


def refuse_old_arguments(state: str, given: Iterable[str]) -> None:
    """Refuse the arguments of the old states, and name the new ones.

    :param state: the function's name in the state module ``pacemaker``
    :param given: names of arguments
    :raises DeclarationError: one of them is an old one

    >>> refuse_old_arguments("property_present", ["prop", "value"])
    Traceback (most recent call last):
        ...
    saltext_cinder_ha.common.errors.DeclarationError: prop: is from Salt's old pcs states; \
use name
    """
    renamed = RENAMED.get(state, {})
    for name in given:
        if name in renamed:
            raise DeclarationError(name, f"is from Salt's old pcs states; use {renamed[name]}")
        if renamed and name in DROPPED:
            raise DeclarationError(
                name, f"is from Salt's old pcs states and not needed here: {DROPPED[name]}"
            )
