"""The fileserver backend that serves the formula of this package.

Belongs here: what Salt's file server asks a backend.
Does not belong here: the formula itself, which lies in ``states/`` of the source tree.
May import: ``formula`` and ``common``.
"""
