"""cinder.conf: the options of each release, the file, its lint, and its difference from another one.

Belongs here: the rules of oslo.config and Cinder for the file, from Havana on.
Does not belong here: the file's path on a node, and which services it restarts (``deploy``).
May import: ``site`` and ``common``.
"""
