"""Syntax trees of files of any Python."""

from __future__ import annotations

import ast
import re
import warnings


def parsed(text: str) -> ast.Module:
    """Return the syntax tree of a file of Python 3 or 2."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError:
            return ast.parse(_in_python_3(text))


def _in_python_3(text: str) -> str:
    """Return a file of Python 2 in today's syntax."""
    # Gone from Python 3.13; needed for releases before Newton only.
    from lib2to3.refactor import RefactoringTool

    fixes = ("except", "print", "numliterals", "raise", "ne", "repr", "exec", "has_key", "tuple_params")
    tool = RefactoringTool([f"lib2to3.fixes.fix_{fix}" for fix in fixes])
    # Names then, keywords now.
    text = re.sub(r"\b(async|await)\b", r"\1_", text)
    return str(tool.refactor_string(text if text.endswith("\n") else text + "\n", ""))
