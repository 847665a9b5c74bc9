"""Make a site's cinder.conf."""

from __future__ import annotations

from collections.abc import Mapping

import jinja2

from ..formula import FORMULA, formula_path
from ..openstack.conf.guide import guide_options
from ..openstack.conf.options import Option, Target, modern_options
from ..openstack.conf.options.model import merged, passed_through
from ..openstack.conf.quoting import written
from ..site import PILLAR_KEY, Site, SiteError
from ..site.releases import AUTO, is_since

TEMPLATE = "files/default/cinder.conf.jinja"
_OLDEST_RELEASE = "havana"

Sections = dict[str, dict[str, str | list[str]]]


def options_of(site: Site, release: str, *, node: str | None = None) -> tuple[Option, ...]:
    """Return the options of a site's cinder.conf, in the order of the file.

    The pillar's key ``config`` overrides everything else.

    :param site: what the pillar says
    :param release: one of :data:`~.site.RELEASES`, from Havana on
    :param node: the name of the node, which determines the address of an API behind HAProxy
    :raises SiteError: a key is missing, or is not supported in this release
    """
    require_release(release)
    target = Target(site, release, node)
    options = guide_options(target) if site.form == "guide" else modern_options(target)
    return merged(_with_passed_through(list(options), site))


def sections_of(options: tuple[Option, ...], *, show_secrets: bool) -> Sections:
    """Return the options by section, each value as it stands in the file.

    ``[DEFAULT]`` comes first, the backends' sections come last.

    :param show_secrets: False replaces secrets with ``********``
    """
    names = dict.fromkeys(["DEFAULT", *(option.section for option in options)])
    found: Sections = {name: {} for name in names}
    for option in options:
        values = option.values if show_secrets else option.shown()
        texts = [written(value, option.key) for value in values]
        found[option.section][option.name] = texts[0] if len(texts) == 1 else texts
    return {name: values for name, values in found.items() if values}


def rendered_configuration(site: Site, release: str, *, node: str | None = None) -> str:
    """Render a site's cinder.conf, with its secrets, from the formula's own template.

    :param site: what the pillar says
    :param release: one of :data:`~.site.RELEASES`, from Havana on
    :param node: the name of the node, which determines the address of an API behind HAProxy
    :raises SiteError: a key is missing, or is not supported in this release
    """
    sections = sections_of(options_of(site, release, node=node), show_secrets=True)
    return _render({f"{FORMULA}.config": lambda **_arguments: sections})


def _render(functions: Mapping[str, object]) -> str:
    # cinder.conf is not HTML.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    template = (formula_path() / FORMULA / TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(template).render(salt=functions)


def require_release(release: str) -> None:
    """Require a release for which the options of cinder.conf are known.

    :raises SiteError: it is ``auto``, or older than Havana
    """
    if release == AUTO:
        problem = "is auto, but no installed Cinder tells its release here; name the release"
        raise SiteError(f"{PILLAR_KEY}.release", problem)
    if not is_since(release, _OLDEST_RELEASE):
        problem = f"is {release!r}, but cinder.conf is supported for {_OLDEST_RELEASE} and later only"
        raise SiteError(f"{PILLAR_KEY}.release", problem)


def _with_passed_through(options: list[Option], site: Site) -> list[Option]:
    for section, given in site.config.items():
        options += passed_through(section, given, f"config.{section}")
    return options
