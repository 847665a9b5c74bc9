"""A site onto its nodes and its cluster: topology, files, restarts, database, endpoints, adoption.

Belongs here: what one pillar means for a node, for the cluster and for Keystone, and how it gets there.
Does not belong here: how the CIB, cinder.conf or the catalog work as such, and anything of Salt.
May import: ``openstack``, ``site``, ``pacemaker``, ``common``, ``formula``.
"""
