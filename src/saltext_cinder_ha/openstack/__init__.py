"""The OpenStack side: cinder.conf by release, ``cinder-manage``, Keystone's catalog.

Belongs here: what applies to any Cinder, with or without a cluster.
Does not belong here: Pacemaker, nodes, Salt.
May import: ``site`` and ``common``.
"""
