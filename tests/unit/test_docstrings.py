"""Every public function that Salt exposes says what it does, with which arguments, and how to call it."""

from __future__ import annotations

import dataclasses
import re

import pytest
import yaml

from saltext_cinder_ha.pacemaker.settings import parse_settings

from ..docstrings import AdapterFunction, adapter_functions, adapter_modules

MODULES = adapter_functions("modules")
STATES = adapter_functions("states")
RUNNERS = adapter_functions("runners")


def _each(functions: list[AdapterFunction]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("function", functions, ids=lambda function: function.name)


def test_the_functions_of_the_design_are_found() -> None:
    assert "pacemaker.whatif" in [function.name for function in MODULES]
    assert "cinder_ha.resources_present" in [function.name for function in STATES]


@_each([*MODULES, *RUNNERS])
def test_function_has_an_example_for_the_command_line(function: AdapterFunction) -> None:
    assert "CLI Example:" in function.docstring
    lines = "\n".join(function.examples("bash")).splitlines()
    assert lines
    assert [line for line in lines if function.name not in line.split()] == []


@_each(STATES)
def test_state_has_an_example_in_yaml_that_uses_it(function: AdapterFunction) -> None:
    used = {
        key if isinstance(body, str) else next(iter(body))
        for example in function.examples("yaml")
        for key, body in yaml.safe_load(example).items()
    }
    assert used == {function.name}


@_each([*MODULES, *STATES, *RUNNERS])
def test_docstring_begins_with_one_sentence_and_explains_each_argument(
    function: AdapterFunction,
) -> None:
    first = function.docstring.splitlines()[0]
    assert re.fullmatch(r"[A-Z].*[^.]\.", first)
    explained = re.findall(r"(?m)^(\w+)$", function.docstring)
    common = {"allow", "rollback", "settle"} if function in STATES else set()
    assert set(function.arguments) - set(explained) - common == set()


def test_settings_in_the_docstring_of_the_module_are_settings() -> None:
    (module,) = [module for module in adapter_modules("modules") if module.name == "pacemaker"]
    (example,) = module.examples("yaml")
    shown = yaml.safe_load(example)["pacemaker"]
    settings = parse_settings(shown, {})
    assert set(shown) == {field.name for field in dataclasses.fields(settings)}
