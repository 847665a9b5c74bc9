"""Pacemaker's programs, one module each: how they are called and how their answers are read.

Belongs here: argument lists, exit codes, output formats.
Does not belong here: what to do about an answer.
May import: ``cib``, ``rules`` and below.
"""
