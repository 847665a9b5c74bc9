"""Cluster-wide locks in the status section of the CIB, with leases that compare no two clocks.

Belongs here: who may act alone in the cluster, and how a dead contender is evicted.
Does not belong here: what is done under a lock.
May import: the session, ``store`` and below; nothing of the ``cluster`` module.
"""
