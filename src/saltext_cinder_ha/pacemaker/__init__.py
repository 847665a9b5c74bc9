"""The engine: reads, plans, predicts and changes the configuration of a Pacemaker cluster.

Belongs here: what holds for any cluster, whatever runs on it. ``cluster`` is the front for everybody outside.
Does not belong here: Salt, OpenStack, the pillar.
May import: ``common`` and lxml. Inside, arrows run down the floors that pyproject.toml lists.
"""
