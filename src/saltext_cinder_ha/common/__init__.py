"""Pieces without a domain: errors, programs, files, the reading of what users wrote, secrets.

Belongs here: what two packages need and what would make sense in another project.
Does not belong here: anything that knows Pacemaker, OpenStack, Salt or this project's pillar.
May import: the standard library only.
"""
