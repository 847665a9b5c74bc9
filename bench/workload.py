"""One configuration in four languages: a declaration, pcs, crmsh, and the states of Salt 3006.

It is a mix as clusters have it: virtual addresses with three parameters and a monitor, every fourth cloned,
every third ordered after and placed with the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

AGENT = "ocf:heartbeat:IPaddr2"


@dataclass(frozen=True)
class Address:
    number: int

    @property
    def id(self) -> str:
        return f"vip-{self.number:04}"

    @property
    def is_cloned(self) -> bool:
        return self.number % 4 == 3

    @property
    def outer_id(self) -> str:
        """What constraints name."""
        return f"{self.id}-clone" if self.is_cloned else self.id

    @property
    def params(self) -> dict[str, str]:
        high, low = divmod(self.number, 250)
        return {"ip": f"10.0.{high}.{low + 1}", "cidr_netmask": "24", "nic": "eth1"}


@dataclass(frozen=True)
class Order:
    first: str
    then: str

    @property
    def id(self) -> str:
        return f"order-{self.first}-{self.then}-mandatory"


@dataclass(frozen=True)
class Colocation:
    resource: str
    with_resource: str

    @property
    def id(self) -> str:
        return f"colocation-{self.resource}-{self.with_resource}-INFINITY"


Object = Address | Order | Colocation


def objects(resources: int) -> Iterator[Object]:
    """That many resources and their constraints, each after what it names."""
    for number in range(resources):
        address = Address(number)
        yield address
        if number % 3 == 2:
            previous = Address(number - 1)
            yield Order(previous.outer_id, address.outer_id)
            yield Colocation(address.outer_id, previous.outer_id)


def declaration(wanted: Sequence[Object]) -> dict[str, Any]:
    """What this package is given."""
    return {
        "resources": {o.id: _declared(o) for o in wanted if isinstance(o, Address)},
        "constraints": [_constraint(o) for o in wanted if not isinstance(o, Address)],
    }


def _declared(address: Address) -> dict[str, Any]:
    body: dict[str, Any] = {
        "agent": AGENT,
        "params": address.params,
        "operations": [{"name": "monitor", "interval": "30s"}],
    }
    return {**body, "clone": {"meta": {"interleave": True}}} if address.is_cloned else body


def _constraint(wanted: Order | Colocation) -> dict[str, Any]:
    if isinstance(wanted, Order):
        return {"order": {"first": wanted.first, "then": wanted.then}}
    return {"colocation": {"resource": wanted.resource, "with": wanted.with_resource}}


def pcs_arguments(wanted: Object) -> list[str]:
    """What follows ``pcs -f FILE``."""
    if isinstance(wanted, Address):
        return ["resource", "create", wanted.id, AGENT, *_pcs_options(wanted)]
    if isinstance(wanted, Order):
        return ["constraint", "order", wanted.first, "then", wanted.then]
    return ["constraint", "colocation", "add", wanted.resource, "with", wanted.with_resource]


def _pcs_options(address: Address) -> list[str]:
    params = [f"{name}={value}" for name, value in address.params.items()]
    clone = ["clone", "interleave=true"] if address.is_cloned else []
    return [*params, "op", "monitor", "interval=30s", "--no-default-ops", *clone]


def crm_text(wanted: Sequence[Object]) -> str:
    """What ``crm configure load update`` reads."""
    return "".join(f"{line}\n" for one in wanted for line in _crm_lines(one))


def _crm_lines(wanted: Object) -> Iterator[str]:
    if isinstance(wanted, Order):
        yield f"order {wanted.id} Mandatory: {wanted.first} {wanted.then}"
    elif isinstance(wanted, Colocation):
        yield f"colocation {wanted.id} inf: {wanted.resource} {wanted.with_resource}"
    else:
        params = " ".join(f"{name}={value}" for name, value in wanted.params.items())
        yield f"primitive {wanted.id} {AGENT} params {params} op monitor interval=30s"
        if wanted.is_cloned:
            yield f"clone {wanted.outer_id} {wanted.id} meta interleave=true"


def salt_state(wanted: Object) -> dict[str, Any]:
    """The function of ``states/pcs.py`` and its arguments."""
    if isinstance(wanted, Address):
        return {
            "fun": "resource_present",
            "resource_id": wanted.id,
            "resource_type": AGENT,
            "resource_options": _pcs_options(wanted),
        }
    # The state adds the id itself.
    _, kind, *options = pcs_arguments(wanted)
    return {
        "fun": "constraint_present",
        "constraint_id": wanted.id,
        "constraint_type": kind,
        "constraint_options": options,
    }
