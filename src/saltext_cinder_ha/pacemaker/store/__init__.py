"""The storage of a CIB, on a cluster or in a file, and the one compare-and-swap loop that changes it.

Belongs here: reading, pushing a patch, waiting until the cluster is idle.
Does not belong here: the content of a patch.
May import: ``scheduler``, ``plan``, ``status`` and below; nothing of ``export``.
"""
