"""Restarts through the cluster: one instance on one node, or node by node under a lock.

Belongs here: the temporary constraints that stop an instance, and the order of the nodes.
Does not belong here: the reasons for a restart (``deploy``).
May import: ``cluster``, ``lock`` and below.
"""
