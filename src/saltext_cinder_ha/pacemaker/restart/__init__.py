"""Restarts through the cluster: of one instance on one node, and node by node under a lock.

Belongs here: the constraints that keep an instance away for a moment, and the order of the nodes.
Does not belong here: why something has to restart (``deploy``).
May import: ``cluster``, ``lock`` and below.
"""
