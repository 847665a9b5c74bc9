"""Simulations: predictions, what-if questions, and the simulated cluster of the sandbox.

Belongs here: everything that uses Pacemaker's own scheduler (``crm_simulate``).
Does not belong here: plans, and writing to a cluster.
May import: ``declaration``, ``programs``, ``cib``, ``rules`` and below.
"""
