"""Deploy a site to its nodes and its cluster: topology, files, restarts, database, endpoints, adoption.

Belongs here: what a pillar means for a node, for the cluster and for Keystone, and how it is applied.
Does not belong here: the CIB, cinder.conf and the catalog as such, and anything specific to Salt.
May import: ``openstack``, ``site``, ``pacemaker``, ``common``, ``formula``.
"""
