"""Execution modules: gather arguments, call one thing, shape the answer.

Belongs here: the functions that users call as ``salt '*' MODULE.FUNCTION``, with their documentation.
Does not belong here: XML, programs, decisions.
May import: ``adapters``, ``operate`` and below.
"""
