"""OpenStack's side: cinder.conf by release, ``cinder-manage``, Keystone's catalog.

Belongs here: what holds for any Cinder, whoever runs it.
Does not belong here: Pacemaker, nodes, Salt.
May import: ``site`` and ``common``.
"""
