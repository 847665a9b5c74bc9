"""The engine: reads, plans, predicts and changes the configuration of a Pacemaker cluster.

Belongs here: whatever applies to any cluster. ``cluster`` is the interface for other packages.
Does not belong here: Salt, OpenStack, the pillar.
May import: ``common`` and lxml. Internal imports follow the layers in pyproject.toml.
"""
