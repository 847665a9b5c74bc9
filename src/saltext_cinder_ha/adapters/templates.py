"""Render templates of Salt's file server without leaving a copy in Salt's cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..common.files import private_folder
from ..deploy.cinder_conf import rendered_configuration
from ..deploy.node_layout import File
from ..site import Site


def rendered_template(
    functions: Mapping[str, Any],
    sources: Sequence[str],
    saltenv: str,
    context: Mapping[str, Any] | None = None,
) -> str:
    """Return the text that a Jinja template of the file server renders to.

    :param functions: Salt's ``__salt__``
    :param sources: the template's URLs; the first one that exists is used
    :param context: the template's variables
    """
    source = functions["file.source_list"](list(sources), "", saltenv)[0]
    with private_folder() as folder:
        target = folder / "rendered"
        functions["cp.get_template"](
            source, str(target), template="jinja", saltenv=saltenv, context=dict(context or {})
        )
        return target.read_text(encoding="utf-8")


def configuration_text(
    functions: Mapping[str, Any], site: Site, sources: Sequence[str] | None, *, node: str
) -> str:
    """Return the cinder.conf that the pillar describes for a node.

    :param functions: Salt's ``__salt__``
    :param sources: the template's URLs; None: the formula's own template
    """
    # Also when it is not used: it names a mistake in the pillar, for which Salt would show a traceback.
    default = rendered_configuration(site, site.release, node=node)
    return default if sources is None else rendered_template(functions, sources, "base")


def landing_texts(functions: Mapping[str, Any], files: Mapping[Path, File]) -> dict[Path, str]:
    """Return the future contents of files, as far as known, with the lines that ``file.managed`` writes.

    :param functions: Salt's ``__salt__``
    """
    found = {}
    for path, file in files.items():
        if file.source:
            found[path] = rendered_template(functions, file.source, "base", file.context)
        elif file.contents is not None:
            found[path] = "".join(f"{line}\n" for line in file.contents)
    return found
