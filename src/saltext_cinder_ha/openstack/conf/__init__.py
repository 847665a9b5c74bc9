"""cinder.conf: the options of each release, their file, its lint, its difference from another one.

Belongs here: what oslo.config and Cinder say about the file, from Havana on.
Does not belong here: where the file lies on a node and who restarts for it (``deploy``).
May import: ``site`` and ``common``.
"""
