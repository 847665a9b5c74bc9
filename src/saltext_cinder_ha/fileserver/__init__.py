"""The fileserver backend that serves the formula of this package.

Belongs here: the functions that Salt's file server calls.
Does not belong here: the formula itself, which is in ``states/`` of the source tree.
May import: ``formula`` and ``common``.
"""
