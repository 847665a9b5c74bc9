"""Cluster-wide locks in the status section of the CIB, with leases that need no synchronized clocks.

Belongs here: which process may act alone in the cluster, and the eviction of dead contenders.
Does not belong here: the work under a lock.
May import: the session, ``store`` and below; nothing of the ``cluster`` module.
"""
