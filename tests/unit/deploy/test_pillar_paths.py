"""A mistake in what the pillar passes on to the cluster is named by the pillar's own key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.deploy.pillar_paths import naming_keys_of_the_pillar, pillar_path
from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.site import Site, SiteError, parse_site

EXAMPLE = (Path(__file__).parents[3] / "pillar.example").read_text()


def read(text: str = EXAMPLE) -> tuple[Site, dict[str, Any]]:
    site = parse_site(yaml.safe_load(text))
    return site, declaration_of(site, os_family="Debian")


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ("agent: stonith:fence_apc", "agnt: x", "cinder_ha.cluster.extra.resources.fencing.agnt"),
        ("stonith-enabled: true", "stonith-enabled: x", "cinder_ha.cluster.properties.stonith-enabled"),
        (
            "resource-stickiness: 100",
            "resource-stickiness: x",
            "cinder_ha.cluster.resource_defaults.resource-stickiness",
        ),
        (
            "{name: start, interval: 0s",
            "{name: start, intervl: 0s",
            "cinder_ha.cluster.services.volume.operations[1].intervl",
        ),
        ("score: 50}", "scor: 50}", "cinder_ha.cluster.extra.constraints[0].location.scor"),
        (
            "# fencing_levels: [{target: ctl1, level: 1,",
            "fencing_levels: [{target: ctl1, level: 10,",
            "cinder_ha.cluster.extra.fencing_levels[0].level",
        ),
        ("# tags: {storage: ", "tags: {fencing: ", "cinder_ha.cluster.extra.tags.fencing"),
    ],
)
def test_mistake_is_named_by_the_key_of_the_pillar(right: str, wrong: str, key: str) -> None:
    assert right in EXAMPLE
    site, declaration = read(EXAMPLE.replace(right, wrong, 1))
    with (
        pytest.raises(SiteError) as raised,
        naming_keys_of_the_pillar(site, declaration),
    ):
        parse_declaration(declaration)
    assert raised.value.path == key


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("resources.p_api-ip.params", "cinder_ha.vips.internal.params"),
        ("resources.p_api-ip-public.params", "cinder_ha.vips.public.params"),
        ("resources.openstack-cinder-api", "cinder_ha.cluster.services.api"),
        ("constraints[0].order", "constraints[0].order"),
        ("allow", "allow"),
        ("", ""),
    ],
)
def test_longest_name_counts_and_what_is_ours_keeps_its_path(path: str, key: str) -> None:
    assert pillar_path(path, *read()) == key


def test_mistake_that_names_its_key_already_keeps_it() -> None:
    with (
        pytest.raises(SiteError, match=r"^cinder_ha\.mode: is wrong$"),
        naming_keys_of_the_pillar(*read()),
    ):
        raise SiteError("cinder_ha.mode", "is wrong")


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), naming_keys_of_the_pillar(*read()):
        raise ZeroDivisionError
