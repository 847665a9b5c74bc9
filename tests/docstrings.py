"""The public functions of the Salt adapters and the examples in their docstrings, read without any import."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import saltext_cinder_ha

_PACKAGE = Path(saltext_cinder_ha.__file__).parent
_BLOCK = r"(?:^|\n)( *)\.\. code-block:: {language}\n\n((?:\1 +.*\n|\n)+)"
# What Salt looks for by name, and no user calls.
CALLED_BY_SALT = ("mod_init", "mod_watch", "mod_aggregate")


@dataclass(frozen=True)
class AdapterFunction:
    """One function as ``salt`` or an SLS names it, for example ``pacemaker.get``; or a whole module."""

    name: str
    docstring: str
    arguments: tuple[str, ...]

    def examples(self, language: str) -> list[str]:
        """The code blocks in that language, without their indentation."""
        found = re.findall(_BLOCK.format(language=language), self.docstring + "\n")
        return [textwrap.dedent(text).strip() for _, text in found]


def adapter_modules(kind: str) -> list[AdapterFunction]:
    """The docstrings of the adapters of one kind themselves."""
    files = sorted((_PACKAGE / kind).glob("[!_]*.py"))
    return [
        AdapterFunction(file.stem, ast.get_docstring(ast.parse(file.read_text())) or "", ()) for file in files
    ]


def adapter_functions(kind: str) -> list[AdapterFunction]:
    """Every public function of one kind of adapter: ``modules``, ``states`` or ``runners``."""
    return [
        AdapterFunction(
            f"{_salt_name(file)}.{node.name}",
            ast.get_docstring(node) or "",
            tuple(argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)),
        )
        for file in sorted((_PACKAGE / kind).glob("*.py"))
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.name not in CALLED_BY_SALT
    ]


def _salt_name(file: Path) -> str:
    """The name under which Salt has an adapter; several files may share one."""
    found = re.search(r'(?m)^__virtualname__ = "(\w+)"$', file.read_text())
    return found.group(1) if found else file.stem
