"""OpenStack Block Storage itself: cinder.conf by release, Keystone's catalog, volumes and backups."""
