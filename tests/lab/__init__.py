"""Three real Pacemaker nodes and a Salt master on one machine: the bench of this project's promises.

``network`` and ``nodes`` make machines (systemd-nspawn, each in its own network namespace), ``bmc`` powers
them off and on when the cluster fences, ``image`` (made by ``debian``) is what they boot from, ``cluster``,
``salt_site``, ``openstack`` and ``services`` are what is on them, ``lab`` is all of it together. ``volumes``
and ``api`` are Cinder as its users see it. ``docs/lab.md`` tells how to use it.
"""
