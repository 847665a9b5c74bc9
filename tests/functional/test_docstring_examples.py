"""The examples in the docstrings of modules and states run as they stand there."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import salt.minion
import salt.utils.args
import yaml

from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.site import parse_site

from ..docstrings import CALLED_BY_SALT, AdapterFunction, adapter_functions, adapter_modules

MODULES = adapter_functions("modules")
REFUSAL = "cinder_ha.refused"  # the one state that is there to fail
NAMES = [function.name for function in MODULES]
STATES = adapter_functions("states")
# What the examples speak of beside the site of pillar.example.
MORE = {
    "properties": {"stonith-enabled": False},
    "resources": {
        "p_cinder-api": {"agent": "ocf:pacemaker:Dummy"},
        "old-resource": {"agent": "ocf:pacemaker:Dummy"},
    },
}


@pytest.fixture(scope="module")
def example_pillar(repository: Path) -> dict[str, Any]:
    return yaml.safe_load((repository / "pillar.example").read_text())


@pytest.fixture
def pillar(example_pillar: dict[str, Any]) -> dict[str, Any]:
    return example_pillar


@pytest.fixture(scope="module")
def prepared_cib(make_cib: Any, example_pillar: dict[str, Any]) -> bytes:
    return make_cib(declaration_of(parse_site(example_pillar), os_family="Debian"), MORE)


@pytest.fixture(autouse=True)
def _sandbox(prepared_cib: bytes, place_cib: Any) -> None:
    configuration = place_cib(prepared_cib).parent / "etc" / "cinder" / "cinder.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("[DEFAULT]\ndebug = true\n")


@pytest.fixture
def grains(machine_grains: dict[str, Any]) -> dict[str, Any]:
    return {**machine_grains, "os_family": "Debian"}


def _command_lines() -> list[str]:
    return [
        line for function in MODULES for example in function.examples("bash") for line in example.splitlines()
    ]


@pytest.mark.parametrize("line", _command_lines())
def test_command_line_of_an_example_runs(modules: Any, line: str) -> None:
    program, *words = shlex.split(line)
    assert program in ("salt", "salt-call")
    (name,) = [word for word in words if word in NAMES]
    given = salt.utils.args.parse_input(words[words.index(name) + 1 :])
    arguments, options = salt.minion.load_args_and_kwargs(modules[name], given)
    modules[name](*arguments, **options)


@pytest.mark.parametrize(
    "function",
    [f for f in (*STATES, *adapter_modules("states")) if f.name != REFUSAL],
    ids=lambda function: function.name,
)
def test_state_of_an_example_succeeds_and_then_changes_nothing(
    modules: Any, state_tree: Path, function: AdapterFunction
) -> None:
    for example in function.examples("yaml"):
        (state_tree / "example.sls").write_text(example)
        first = list(modules.state.apply("example"))
        second = list(modules.state.apply("example"))
        assert [result.id for result in first] == list(yaml.safe_load(example))
        assert [result.comment for result in first if result.result is not True] == []
        assert [result.changes for result in second if result.changes] == []


@pytest.mark.parametrize("test", [False, True], ids=["apply", "test"])
def test_example_of_the_refusal_fails_with_its_reason(modules: Any, state_tree: Path, test: bool) -> None:
    (refusal,) = [function for function in STATES if function.name == REFUSAL]
    (example,) = refusal.examples("yaml")
    (state_tree / "example.sls").write_text(example)
    (result,) = modules.state.apply("example", test=test)
    ((reason,),) = [body[REFUSAL] for body in yaml.safe_load(example).values()]
    assert (result.result, result.comment) == (False, reason["reason"])


@pytest.mark.parametrize("module", ["pacemaker", "cinder_ha"])
def test_salt_exposes_the_public_functions_and_nothing_that_they_import(modules: Any, module: str) -> None:
    listed = modules.sys.list_functions(module)
    assert listed == sorted(f.name for f in MODULES if f.name.startswith(f"{module}."))
    listed = [
        name
        for name in modules.sys.list_state_functions(module)
        if name.rpartition(".")[2] not in CALLED_BY_SALT
    ]
    assert listed == sorted(f.name for f in STATES if f.name.startswith(f"{module}."))


@pytest.mark.parametrize("function", MODULES, ids=lambda function: function.name)
def test_every_argument_can_be_given_on_the_command_line(modules: Any, function: AdapterFunction) -> None:
    for argument in function.arguments:
        # Raises for an argument that Salt cannot see.
        salt.minion.load_args_and_kwargs(modules[function.name], [f"{argument}=1"])
