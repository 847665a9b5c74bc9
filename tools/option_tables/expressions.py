"""Enough of Python, read from syntax trees, to know which options a package declares and registers.

Nothing of the package is imported: releases of ten years ago run on no Python of today.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from syntax import parsed

Scope = dict[str, Any]


class _Unknown:
    """What cannot be known without running the code."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
_DEEPEST = 60
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
}
# They give back what they are given, for what matters here.
_TRANSPARENT = {"deepcopy", "copy", "list", "tuple", "sorted", "set", "frozenset", "iter"}
_TRANSLATIONS = {"_", "_LW", "_LI", "_LE"}
_METHODS = {"split", "lower", "upper", "strip", "replace", "keys", "values", "items", "copy", "join", "get"}


@dataclass
class Call:
    """A call of something outside the known code, such as ``cfg.StrOpt``, with its known arguments."""

    name: str
    arguments: list[Any]
    keywords: dict[str, Any]


@dataclass(frozen=True)
class Module:
    """One file; it is parsed when somebody asks what is in it."""

    name: str
    is_package: bool
    text: str = field(repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return parsed(self.text)

    @cached_property
    def names(self) -> dict[str, list[ast.stmt]]:
        """The names that the top level makes, also below ``if`` and ``try``, each with its statements."""
        names: dict[str, list[ast.stmt]] = {}
        for statement in _flat(self.tree.body):
            for made in _names_made(statement):
                names.setdefault(made, []).append(statement)
        return names

    @cached_property
    def imports(self) -> dict[str, str]:
        """The imported names, each with the dotted name that it stands for."""
        return {
            name: dotted
            for statement in _flat(self.tree.body)
            if isinstance(statement, (ast.Import, ast.ImportFrom))
            for name, dotted in _imported(statement, self)
        }


@dataclass(frozen=True)
class Definition:
    """A function or a class and the module that it is in."""

    module: Module
    node: ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Reference:
    """The dotted name of a module, known or not, or of something in an unknown one."""

    dotted: str


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, (ast.If, ast.Try, ast.With, ast.For)):
            for part in ("body", "orelse", "finalbody"):
                yield from _flat(getattr(statement, part, []))
            for handler in getattr(statement, "handlers", []):
                yield from _flat(handler.body)
        else:
            yield statement


def _imported(statement: ast.Import | ast.ImportFrom, module: Module) -> Iterator[tuple[str, str]]:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        return
    parts = module.name.split(".")
    # `from . import x` counts from the package itself in its __init__.py.
    up = statement.level - (1 if module.is_package else 0)
    base = ".".join(parts[: len(parts) - up]) if statement.level else ""
    origin = ".".join(part for part in (base, statement.module) if part)
    for alias in statement.names:
        yield alias.asname or alias.name, f"{origin}.{alias.name}"


def _names_made(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
    elif isinstance(statement, (ast.AugAssign, ast.AnnAssign)) and isinstance(statement.target, ast.Name):
        yield statement.target.id
    elif (name := _extended(statement)) is not None:
        yield name


def _extended(statement: ast.stmt) -> str | None:
    """The name of a list that the statement appends to."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "append" | "extend"))):
            return name
    return None


class Evaluator:
    """Evaluates expressions of any of the known modules."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._modules = modules
        self._cache: dict[tuple[str, str], Any] = {}
        self._depth = 0

    def dotted(self, name: str) -> Any:
        """Return what a dotted name stands for."""
        if name in self._modules:
            return Reference(name)
        parent, _, last = name.rpartition(".")
        if parent in self._modules:
            return self._of_module(self._modules[parent], last)
        return Reference(name)

    def evaluate(self, node: ast.expr, module: Module, scope: Scope | None = None) -> Any:
        """Return the value of an expression, with :data:`UNKNOWN` for what only running it tells."""
        if self._depth > _DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            handler = getattr(self, f"_{type(node).__name__.lower()}", None)
            return UNKNOWN if handler is None else handler(node, module, scope or {})
        except (TypeError, ValueError, KeyError, IndexError, ArithmeticError, AttributeError):
            # A value that is known in part only does not take the operation.
            return UNKNOWN
        finally:
            self._depth -= 1

    def call(self, function: Definition, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Return what a function gives back, as far as its assignments, loops and returns tell."""
        if isinstance(function.node, ast.ClassDef):
            return UNKNOWN
        names = [argument.arg for argument in function.node.args.args]
        defaults = function.node.args.defaults
        scope: Scope = {
            name: self.evaluate(default, function.module)
            for name, default in zip(names[len(names) - len(defaults) :], defaults, strict=True)
        }
        scope.update(zip(names, arguments, strict=False))
        scope.update(keywords)
        yielded: list[Any] = []
        returned = self._run(function.node.body, function.module, scope, yielded)
        return yielded if yielded else (UNKNOWN if returned is None else returned[0])

    def _of_module(self, module: Module, name: str) -> Any:
        if name in module.imports and name not in module.names:
            return self.dotted(module.imports[name])
        key = (module.name, name)
        if key not in self._cache:
            # What refers to itself is unknown to itself.
            self._cache[key] = UNKNOWN
            scope: Scope = {}
            for statement in module.names.get(name, []):
                if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                    scope[name] = Definition(module, statement)
                else:
                    self._run([statement], module, scope, [])
            self._cache[key] = scope.get(name, UNKNOWN)
        return self._cache[key]

    def _run(
        self, body: list[ast.stmt], module: Module, scope: Scope, yielded: list[Any]
    ) -> tuple[Any] | None:
        for statement in body:
            returned = self._step(statement, module, scope, yielded)
            if returned is not None:
                return returned
        return None

    def _step(
        self, statement: ast.stmt, module: Module, scope: Scope, yielded: list[Any]
    ) -> tuple[Any] | None:
        match statement:
            case ast.Return(value):
                return (None if value is None else self.evaluate(value, module, scope),)
            case ast.Assign(targets, value):
                found = self.evaluate(value, module, scope)
                for target in targets:
                    _bind(target, found, scope)
            case ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                scope[name] = self.evaluate(value, module, scope)
            case ast.AugAssign(ast.Name(name), ast.Add(), value):
                scope[name] = _joined(self._start(name, module, scope), self.evaluate(value, module, scope))
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "append"), [value])):
                added = [self.evaluate(value, module, scope)]
                scope[name] = _joined(self._start(name, module, scope), added)
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "extend"), [value])):
                scope[name] = _joined(self._start(name, module, scope), self.evaluate(value, module, scope))
            case ast.Expr(ast.Yield(ast.expr() as value)):
                yielded.append(self.evaluate(value, module, scope))
            case ast.For(target, iterated, body):
                for item in _items(self.evaluate(iterated, module, scope)):
                    _bind(target, item, scope)
                    self._run(body, module, scope, yielded)
            case ast.If(_, body, orelse):
                return self._run([*body, *orelse], module, scope, yielded)
            case ast.With(_, body) | ast.Try(body):
                return self._run(body, module, scope, yielded)
        return None

    def _start(self, name: str, module: Module, scope: Scope) -> Any:
        return scope[name] if name in scope else self._of_module(module, name)

    def _constant(self, node: ast.Constant, _module: Module, _scope: Scope) -> Any:
        return node.value

    def _list(self, node: ast.List | ast.Tuple | ast.Set, module: Module, scope: Scope) -> list[Any]:
        found: list[Any] = []
        for element in node.elts:
            if isinstance(element, ast.Starred):
                found.extend(_items(self.evaluate(element.value, module, scope)))
            else:
                found.append(self.evaluate(element, module, scope))
        return found

    _tuple = _set = _list

    def _dict(self, node: ast.Dict, module: Module, scope: Scope) -> dict[Any, Any]:
        return {
            self.evaluate(key, module, scope): self.evaluate(value, module, scope)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        }

    def _name(self, node: ast.Name, module: Module, scope: Scope) -> Any:
        if node.id in scope:
            return scope[node.id]
        if node.id in module.names or node.id in module.imports:
            return self._of_module(module, node.id)
        return Reference(node.id)

    def _attribute(self, node: ast.Attribute, module: Module, scope: Scope) -> Any:
        owner = self.evaluate(node.value, module, scope)
        if isinstance(owner, Reference):
            return self.dotted(f"{owner.dotted}.{node.attr}")
        if isinstance(owner, Definition) and isinstance(owner.node, ast.ClassDef):
            return self.of_class(owner, node.attr)
        if isinstance(owner, Call) and node.attr == "name":
            return owner.arguments[0] if owner.arguments else owner.keywords["name"]
        return UNKNOWN

    def of_class(self, owner: Definition, name: str) -> Any:
        """Return the attribute of a class or of one of its bases."""
        scope: Scope = {}
        self._run([s for s in owner.node.body if isinstance(s, ast.Assign)], owner.module, scope, [])
        if name in scope or not isinstance(owner.node, ast.ClassDef):
            return scope.get(name, UNKNOWN)
        for base in owner.node.bases:
            parent = self.evaluate(base, owner.module)
            if isinstance(parent, Definition) and parent != owner:
                found = self.of_class(parent, name)
                if found is not UNKNOWN:
                    return found
        return UNKNOWN

    def _unaryop(self, node: ast.UnaryOp, module: Module, scope: Scope) -> Any:
        value = self.evaluate(node.operand, module, scope)
        return -value if isinstance(node.op, ast.USub) else UNKNOWN

    def _binop(self, node: ast.BinOp, module: Module, scope: Scope) -> Any:
        left, right = (self.evaluate(side, module, scope) for side in (node.left, node.right))
        if isinstance(node.op, ast.Add) and isinstance(left, list):
            return _joined(left, right)
        return _OPERATORS[type(node.op)](left, right)

    def _subscript(self, node: ast.Subscript, module: Module, scope: Scope) -> Any:
        return self.evaluate(node.value, module, scope)[self.evaluate(node.slice, module, scope)]

    def _ifexp(self, node: ast.IfExp, module: Module, scope: Scope) -> Any:
        return self.evaluate(node.body, module, scope)

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp, module: Module, scope: Scope) -> list[Any]:
        (loop,) = node.generators
        found = []
        for item in _items(self.evaluate(loop.iter, module, scope)):
            inner = dict(scope)
            _bind(loop.target, item, inner)
            found.append(self.evaluate(node.elt, module, inner))
        return found

    _generatorexp = _listcomp

    def _call(self, node: ast.Call, module: Module, scope: Scope) -> Any:
        arguments = self._list(ast.List(node.args), module, scope)
        keywords = {
            word.arg: self.evaluate(word.value, module, scope)
            for word in node.keywords
            if word.arg is not None
        }
        if isinstance(node.func, ast.Attribute):
            owner = self.evaluate(node.func.value, module, scope)
            if isinstance(owner, (str, dict, list)) and node.func.attr in _METHODS:
                found = getattr(owner, node.func.attr)(*arguments)
                return list(found) if not isinstance(found, (str, int, dict)) else found
        target = self.evaluate(node.func, module, scope)
        if isinstance(target, Definition):
            return self._call_known(target, arguments, keywords)
        # Old code finds `cfg` in several ways; what is called `StrOpt` is one, wherever it comes from.
        name = target.dotted if isinstance(target, Reference) else ast.unparse(node.func)
        return _call_of(name, arguments, keywords)

    def _call_known(self, target: Definition, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        if isinstance(target.node, ast.ClassDef):
            return Call(f"{target.module.name}.{target.node.name}", arguments, keywords)
        return self.call(target, arguments, keywords)


def _call_of(name: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    last = name.rpartition(".")[2]
    if last in _TRANSPARENT:
        return arguments[0] if arguments else []
    if last in _TRANSLATIONS:
        return arguments[0]
    if last in ("chain", "from_iterable"):
        lists = arguments if last == "chain" else _items(arguments[0])
        return [item for each in lists for item in _items(each)]
    if last == "dict":
        return keywords
    return Call(name, arguments, keywords)


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    return list(value) if isinstance(value, (list, tuple)) else []


def _joined(left: Any, right: Any) -> Any:
    if isinstance(left, list):
        return [*left, *_items(right)]
    return left + right if isinstance(left, str) and isinstance(right, str) else _items(right)


def _bind(target: ast.expr, value: Any, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        scope[target.id] = value
    elif isinstance(target, (ast.Tuple, ast.List)):
        values = _items(value)
        for index, element in enumerate(target.elts):
            _bind(element, values[index] if index < len(values) else UNKNOWN, scope)
