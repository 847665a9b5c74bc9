"""From a declaration and a CIB to the changes between them, drawn on a copy of the CIB.

Belongs here: how each kind of object is found, compared, created, changed and removed, and who owns it.
Does not belong here: writing, and what the cluster does because of a change.
May import: ``declaration``, ``programs``, ``cib``, ``rules`` and below.
"""
