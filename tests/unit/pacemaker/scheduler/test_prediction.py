"""Prediction: which actions a change causes, and how they read."""

from __future__ import annotations

import pytest
from lxml import etree

from saltext_cinder_ha.common.errors import ToolFailedError
from saltext_cinder_ha.pacemaker.actions import KINDS, Action
from saltext_cinder_ha.pacemaker.scheduler.prediction import caused, read_actions


def report(actions: str, resources: str = "") -> etree._Element:
    return etree.fromstring(
        f"<r><cluster_status><resources>{resources}</resources></cluster_status>"
        f"<actions>{actions}</actions></r>"
    )


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        ('action="start" resource="vip" node="ctl1"', "start vip on ctl1"),
        (
            'action="start" resource="db:0" role="Stopped" next-role="Unpromoted" dest="ctl1"',
            "start db on ctl1",
        ),
        (
            'action="restart" resource="vip" source="ctl1" reason="resource definition change"',
            "restart vip on ctl1 (resource definition change)",
        ),
        ('action="recover" resource="api:2" node="ctl3"', "restart api on ctl3"),
        ('action="recover" resource="vip" source="ctl1" dest="ctl2"', "move vip from ctl1 to ctl2"),
        ('action="re-promote" resource="db:0" role="Promoted" source="ctl1"', "restart db on ctl1"),
        ('action="migrate" resource="vm" source="ctl1" dest="ctl2"', "move vm from ctl1 to ctl2"),
        ('action="reload" resource="vip" source="ctl1"', "reload vip on ctl1"),
        (
            'action="stop" resource="vip" node="ctl1" reason="no quorum" blocked="true"',
            "stop vip on ctl1: blocked (no quorum)",
        ),
        ('action="start" resource="vip" node="ctl1" blocked="true"', "start vip on ctl1: blocked"),
    ],
)
def test_an_action_reads_as_a_sentence_without_pacemakers_instance_numbers(xml, sentence):
    assert [str(a) for a in read_actions(report(f"<rsc_action {xml}/>"))] == [sentence]


def test_fencing_is_an_action_on_a_node():
    fence = '<node_action task="Fence (reboot)" node="ctl1" reason="gone"/>'
    assert read_actions(report(fence)) == (Action("fence", None, "ctl1", reason="gone"),)


def test_the_shutdown_of_a_node_is_no_action_of_the_cluster():
    assert read_actions(report('<node_action task="Shutdown" node="ctl1"/>')) == ()


def test_instances_of_a_globally_unique_clone_keep_their_number():
    clone = '<clone id="c" unique="true"><resource id="p:0"/><resource id="p:1"/></clone>'
    start = '<rsc_action action="start" resource="p:1" node="ctl1"/>'
    assert [a.resource for a in read_actions(report(start, clone))] == ["p:1"]


def test_an_action_that_is_not_known_is_refused_not_ignored():
    with pytest.raises(ToolFailedError, match="'explode'"):
        read_actions(report('<rsc_action action="explode" resource="vip" node="ctl1"/>'))


def test_what_the_cluster_does_anyway_is_not_caused_by_the_change():
    anyway = Action("start", "db", "ctl2", reason="one")
    again = Action("start", "db", "ctl2", reason="another")
    new = Action("restart", "vip", "ctl1")
    assert caused([anyway], [new, again]) == (new,)


def test_a_second_start_of_the_same_clone_on_the_same_node_counts_once_more():
    start = Action("start", "p", "ctl1")
    assert caused([start], [start, start]) == (start,)


def test_an_action_that_is_no_longer_blocked_is_caused():
    blocked = Action("start", "vip", "ctl1", reason="no quorum", blocked=True)
    runs = Action("start", "vip", "ctl1")
    assert caused([blocked], [runs]) == (runs,)


def test_instance_numbers_do_not_tell_two_actions_apart():
    assert caused([Action("stop", "p:0", "ctl1")], [Action("stop", "p:1", "ctl1")]) == ()


def test_a_reload_is_nothing_to_allow():
    assert "reload" not in KINDS
