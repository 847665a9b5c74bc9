"""Arguments of the ``pcs`` states that Salt had until 3007, for those who rename their states only."""

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
        "stonith_device_type": "agent, with stonith: before it",
        "stonith_device_options": "params",
    },
    "property_present": {"prop": "name"},
    "order_present": _OF_CONSTRAINTS,
    "colocation_present": _OF_CONSTRAINTS,
    "location_present": _OF_CONSTRAINTS,
}
DROPPED = {
    "cibname": "every state, or a whole pacemaker.declared, is one transaction",
    "extra_args": "no command line is made of it",
}


def refuse_old_arguments(state: str, given: Iterable[str]) -> None:
    """Name the new argument for one of the old states'.

    :param state: the function's name in the state module ``pacemaker``
    :param given: names of arguments
    :raises DeclarationError: one is an old one

    >>> refuse_old_arguments("property_present", ["prop", "value"])
    Traceback (most recent call last):
        ...
    saltext_cinder_ha.common.errors.DeclarationError: prop: is from Salt's old pcs states; \
here it is name
    """
    renamed = RENAMED.get(state, {})
    for name in given:
        if name in renamed:
            raise DeclarationError(name, f"is from Salt's old pcs states; here it is {renamed[name]}")
        if renamed and name in DROPPED:
            raise DeclarationError(
                name, f"is from Salt's old pcs states and not needed here: {DROPPED[name]}"
            )
