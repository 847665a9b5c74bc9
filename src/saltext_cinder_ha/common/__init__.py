"""Building blocks without a domain: errors, programs, files, secrets, reading what users wrote.

Belongs here: what two packages need and would make sense in another project.
Does not belong here: anything that knows about Pacemaker, OpenStack, Salt or this project's pillar.
May import: the standard library only.
"""
