"""Execution modules: collect the arguments, call one function, shape the result.

Belongs here: the functions that users call as ``salt '*' MODULE.FUNCTION``, with their documentation.
Does not belong here: XML, programs, decisions.
May import: ``adapters``, ``operate`` and below.
"""
