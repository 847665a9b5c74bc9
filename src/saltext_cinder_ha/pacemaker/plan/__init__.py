"""Plan the changes that a declaration needs, on a copy of the CIB.

Belongs here: how to find, compare, create, change and remove each kind of object, and ownership.
Does not belong here: writing, and the actions that a change causes.
May import: ``declaration``, ``programs``, ``cib``, ``rules`` and below.
"""
