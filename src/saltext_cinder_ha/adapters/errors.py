"""Translate our errors for Salt: an exception for a function, a failed result for a state."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from salt.exceptions import CommandExecutionError

from ..common.errors import SaltextError
from ..common.fields import Fields
from .old_pcs_states import refuse_old_arguments

_Given = ParamSpec("_Given")
_Returned = TypeVar("_Returned")


def raises_for_salt(function: Callable[_Given, _Returned]) -> Callable[_Given, _Returned]:
    """Turn our errors into ``CommandExecutionError``, of which Salt shows the message only."""

    @functools.wraps(function)
    def wrapped(*args: _Given.args, **kwargs: _Given.kwargs) -> _Returned:
        try:
            return function(*args, **kwargs)
        except SaltextError as error:
            raise CommandExecutionError(str(error)) from error

    return wrapped


def returns_state(function: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Turn our errors, and unknown or missing arguments, into the result of a failed state."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapped(name: str, **kwargs: Any) -> dict[str, Any]:
        given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
        try:
            refuse_old_arguments(function.__name__, given)
            _check_arguments(signature, given)
            return function(name, **given)
        except SaltextError as error:
            return {"name": name, "result": False, "changes": {}, "comment": str(error)}

    # Salt aborts the whole run for an argument that is not in the signature, which it finds through this.
    del wrapped.__wrapped__
    return wrapped


def _check_arguments(signature: inspect.Signature, given: Mapping[str, Any]) -> None:
    parameters = list(signature.parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.default is parameter.empty:
            Fields(given, "", given).required(parameter.name)
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        Fields(given, "", [parameter.name for parameter in parameters])
