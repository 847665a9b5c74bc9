"""Show the main job step by step: the example's pillar on a simulated cluster of three controllers.

Every step is a real ``salt-call``, shown as a person types it. Ends with 0 when each one did what the story
says, with 1 and a sentence when one did not, with 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml
from demo_keystone import keystone
from demo_sandbox import CHECKOUT, NODES, PILLAR, Answer, DemoError, Sandbox, only_one_demo, shown
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

NEW_ADDRESS = "10.0.0.99"
_MODES = {"systemd": "the cluster runs Cinder's systemd units", "ocf": "the cluster runs OCF agents"}
_SHOWN_OPTIONS = ("enabled_backends", "volume_driver", "backend_host", "rabbit_quorum_queue")
_INDENT = (0, 0, 0, 3)
_WIDTH_WITHOUT_TERMINAL = 100


class Demo:
    """The story: what is told in :meth:`show`, step by step."""

    def __init__(self, sandbox: Sandbox, console: Console):
        self.sandbox = sandbox
        self.console = console
        self.step = "the preparation"

    def show(self) -> None:
        """Tell it all.

        :raises DemoError: a step did not do what the story says
        """
        self.console.print("Highly available Cinder on three controllers", style="bold")
        self.console.print("The controllers are simulated; Salt and Pacemaker's scheduler are real.")
        self.console.print(f"All files are in {shown(self.sandbox.folder)}/, made anew by each demo.")
        self.sandbox.make()
        self._read_pillar()
        self._apply()
        self._apply_again()
        self._lose_each_node()
        self._predict_a_change()
        self._lead_the_catalog_to_the_addresses()
        self._ask_for_status()
        self._say_what_next()

    def _read_pillar(self) -> None:
        self._heading(1, f"The pillar says what the site should be ({PILLAR.name})")
        site = yaml.safe_load(PILLAR.read_text())["cinder_ha"]
        mode = site["mode"]
        vips = ", ".join(f"{vip['ip']} ({name})" for name, vip in site["vips"].items())
        self._table(
            ("site", f"{site['site']}, OpenStack {site['release']}"),
            ("mode", f"{mode}: {_MODES[mode]}"),
            ("addresses", f"{vips}; each is on one controller at a time"),
        )

    def _apply(self) -> None:
        self._heading(2, "Apply it: the cluster gets its resources and starts them")
        answer = self._call("state.apply", "cinder_ha")
        changes = _state(answer)["changes"]
        _expect(bool(changes), "the first apply should make the resources", answer)
        self._say(f"Created: {_counted(changes)}.", style="green")
        self._table(*_in_words(changes["constraints"]))
        self.console.print()
        status = self._call("pacemaker.status").value
        self._table(*_active_nodes(status["resources"]), header=("resource", "agent", *NODES))
        self._show_file()

    def _show_file(self) -> None:
        root = self.sandbox.folder / "root"
        text = (root / "etc/cinder/cinder.conf").read_text()
        lines = [f"   {line}" for line in text.splitlines() if line.partition(" ")[0] in _SHOWN_OPTIONS]
        self.console.print()
        self._say(f"Each controller gets its files, here below {shown(root)}:")
        self._say("\n".join(["/etc/cinder/cinder.conf", *lines, "   ..."]))

    def _apply_again(self) -> None:
        self._heading(3, "Apply it again: there is nothing left to do")
        answer = self._call("state.apply", "cinder_ha")
        state = _state(answer)
        _expect(not state["changes"], "the second apply should change nothing", answer)
        self._say(
            f"No change. The comparison took {state['duration']:.0f} ms; with the start of Salt it was "
            f"{answer.seconds:.1f} s.",
            style="green",
        )

    def _lose_each_node(self) -> None:
        self._heading(4, "What if a controller lost power? The scheduler tells; nothing is changed")
        rows = []
        for node in NODES:
            answer = self._call("pacemaker.whatif", f"down=[{node}]")
            _expect(answer.value["survives"], f"all should survive the loss of {node}", answer)
            rows.append((node, *_consequences(answer.value)))
        self._table(*rows, header=("lost", "first", "then moves", "survives on the others"))
        self._say("Every resource survives the loss of any one controller.", style="green")

    def _predict_a_change(self) -> None:
        self._heading(5, "A change says what it would do to the cluster, before it does it")
        vips = f"vips: {{internal: {{ip: {NEW_ADDRESS}}}}}"
        answer = self._call("state.apply", "cinder_ha", "test=True", _pillar(vips))
        changes = _state(answer, result=None)["changes"]
        _expect("actions" in changes, "a new address should restart something", answer)
        self._table(*_differences(changes["resources"]))
        self._say(f"The cluster would {'; '.join(changes['actions'])}.", style="yellow")
        self._say("A pillar may allow less than that. Then the change is refused:")
        before = self.sandbox.cib.read_bytes()
        answer = self._call(
            "state.apply", "cinder_ha", _pillar(f"{vips}, cluster: {{allow: [start]}}"), succeeds=False
        )
        comment = _state(answer, result=False)["comment"]
        same = self.sandbox.cib.read_bytes() == before
        _expect(same, "a refused change should write nothing", answer)
        self._say(comment.splitlines()[0], style="yellow")

    def _lead_the_catalog_to_the_addresses(self) -> None:
        self._heading(6, "Keystone's catalog leads clients to the addresses")
        self._say("For this step the pillar's Keystone is a real one on this machine.")
        with contextlib.ExitStack() as stack:
            with self.console.status("Keystone starts ...", spinner="line"):
                url = stack.enter_context(keystone(self.sandbox.folder / "keystone"))
            stack.enter_context(self.sandbox.with_keystone(url))
            self._register_endpoints()

    def _register_endpoints(self) -> None:
        answer = self._call("state.apply", "cinder_ha.endpoints")
        (state,) = answer.value.values()
        made = len(state["changes"].get("endpoints", {}))
        _expect(made == 3, "the endpoints should be registered", answer)
        answer = self._call("cinder_ha.endpoints")
        _expect(not answer.value["changes"], "the catalog should be as declared", answer)
        self._table(*_endpoints(answer.value["services"]), header=("type", "interface", "region", "URL"))

    def _ask_for_status(self) -> None:
        self._heading(7, "How is it?")
        answer = self._call("cinder_ha.status")
        status = answer.value
        _expect(status["healthy"], "the site should be healthy at the end", answer)
        online = [name for name, node in status["nodes"].items() if node["online"]]
        self._say(
            f"The site {status['site']} is healthy: {', '.join(online)} online, no failure, "
            "no difference to the pillar.",
            style="green",
        )
        vips = {f"address {name}": place for name, place in status["vips"].items()}
        places = {**status["services"], **vips}.items()
        rows = [(name, place["resource"], ", ".join(place["nodes"])) for name, place in places]
        self._table(*rows, header=("what", "resource", "runs on"))

    def _say_what_next(self) -> None:
        self._heading(8, "Try it yourself")
        cib, pillar = shown(self.sandbox.cib), shown(self.sandbox.pillar)
        self._command(f"CIB_file={cib} crm_mon -1", remark="how Pacemaker sees it")
        self._command(f"$EDITOR {pillar}", remark="change it, then see step 2")
        self._command("less docs/sandbox.md", remark="the same for your pillar")

    def _call(self, *arguments: str, succeeds: bool = True) -> Answer:
        self._command(self.sandbox.command(*arguments))
        with self.console.status(f"{arguments[0]} ...", spinner="line"):
            answer = self.sandbox.call(*arguments)
        should = "succeed" if succeeds else "be refused"
        _expect(answer.succeeded is succeeds, f"{arguments[0]} should {should}", answer)
        return answer

    def _heading(self, number: int, text: str) -> None:
        self.step = f"step {number}"
        self.console.print()
        self.console.print(Text(f"{number}  {text}"), style="bold")

    def _command(self, command: str, remark: str = "") -> None:
        """Show a command so that it can be pasted."""
        text = Text(f"   $ {command}", style="cyan")
        if remark:
            text.pad_right(max(2, 48 - len(text)))
            text.append(f"# {remark}", style="dim")
        self.console.print(text, soft_wrap=True)

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(Padding(Text(text, style=style), _INDENT, expand=False))

    def _table(self, *rows: tuple[str, ...], header: tuple[str, ...] = ()) -> None:
        table = Table(*header, box=None, padding=(0, 3, 0, 0), pad_edge=False)
        table.show_header = bool(header)
        for row in rows:
            table.add_row(*map(Text, row))
        self.console.print(Padding(table, _INDENT, expand=False))


def main() -> int:
    """Show the demo in the folder that the command line names, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="tools/demo", description="Show the main job on a simulated cluster."
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=CHECKOUT,
        help="where to make the folder .demo (default: the checkout); one that is there is replaced",
    )
    parent = parser.parse_args().folder.resolve()
    # A reader that has seen enough (`| head`) is no error.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGHUP, _exit)
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    demo = Demo(Sandbox(parent / ".demo"), Console(highlight=False, width=width))
    try:
        with only_one_demo(parent):
            demo.show()
    except KeyboardInterrupt:
        print("Interrupted. The next demo starts afresh.", file=sys.stderr)
        return 130
    except OSError as error:
        return _fail(demo.step, str(error))
    except DemoError as error:
        return _fail(demo.step, str(error), error.output)
    return 0


def _exit(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _fail(step: str, sentence: str, output: str = "") -> int:
    if output.strip():
        print(output.strip(), file=sys.stderr)
    print(f"The demo failed in {step}: {sentence}.", file=sys.stderr)
    return 1


def _expect(fulfilled: bool, sentence: str, answer: Answer) -> None:
    if not fulfilled:
        raise DemoError(sentence, answer.output)


def _pillar(content: str) -> str:
    return f"pillar={{cinder_ha: {{{content}}}}}"


def _state(answer: Answer, result: bool | None = True) -> Mapping[str, Any]:
    """Return what the state answered that makes the cluster's resources."""
    states: Mapping[str, Any] = answer.value if isinstance(answer.value, dict) else {}
    found = [v for k, v in states.items() if k.endswith("-resources_present")]
    _expect([state["result"] for state in found] == [result], f"the result should be {result}", answer)
    state: Mapping[str, Any] = found[0]
    return state


def _counted(changes: Mapping[str, Any]) -> str:
    resources = [change["new"] for change in changes["resources"].values()]
    clones = sum("agent" not in resource for resource in resources)
    settings = len(changes["properties"]) + len(changes["resource_defaults"])
    return (
        f"{len(resources) - clones} resources ({clones} of them as clones), "
        f"{len(changes['constraints'])} constraints, {settings} settings of the cluster"
    )


def _in_words(constraints: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return each created constraint's type and meaning."""
    for name, change in constraints.items():
        new = change["new"]
        if "then" in new:
            condition = " (when both start)" if new.get("kind") == "Optional" else ""
            yield "order", f"{new['first']}, then {new['then']}{condition}"
        elif "with" in new:
            where = "only where" if new["score"] == "INFINITY" else f"(score {new['score']}) where"
            yield "colocation", f"{new['resource']} {where} {new['with']} runs"
        elif "node" in new:
            yield "location", f"{new['resource']} on {new['node']} (score {new['score']})"
        else:
            yield "constraint", name


def _active_nodes(resources: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, resource in resources.items():
        if resource["kind"] == "primitive":
            marks = ("runs" if node in resource["nodes"] else "-" for node in NODES)
            yield (name, resource["agent"], *marks)


def _endpoints(services: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for service in services:
        for endpoint in service["endpoints"]:
            yield service["type"], endpoint["interface"], endpoint["region"], endpoint["url"]


def _consequences(loss: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what is fenced, what moves, and what goes on with fewer instances."""
    fenced = [action.partition(" (")[0] for action in loss["actions"] if action.startswith("fence ")]
    moves, rest = [], []
    for name, fate in loss["resources"].items():
        new = [node for node in fate["runs_on"] if node not in fate["ran_on"]]
        if new:
            moves.append(f"{name} to {', '.join(new)}")
        else:
            rest.append(name)
    return "\n".join(fenced), "\n".join(moves), "\n".join(rest)


def _differences(resources: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, change in resources.items():
        for field, value in change["new"].items():
            yield name, field, f"{change['old'].get(field)} -> {value}"


if __name__ == "__main__":
    sys.exit(main())
