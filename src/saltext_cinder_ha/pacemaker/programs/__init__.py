"""Pacemaker's programs, one module each: how to call them and how to read their output.

Belongs here: argument lists, exit codes, output formats.
Does not belong here: decisions about the output.
May import: ``cib``, ``rules`` and below.
"""
