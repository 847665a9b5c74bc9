"""The cinder.conf of each chapter of the HA guide."""

from __future__ import annotations

FIRST_EDITION_FILE = """
[DEFAULT]
sql_connection = mysql://cinder:password@192.168.42.101/cinder
osapi_volume_listen = 192.168.42.103
notifier_strategy = rabbit
rabbit_host = 192.168.42.102
"""
UNITS_FILE = """
[DEFAULT]
host = cinder-cluster-1
osapi_volume_listen = 10.0.0.11
auth_strategy = keystone
control_exchange = cinder
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nfs_shares_config = /etc/cinder/nfs_exports
nfs_sparsed_volumes = true
nfs_mount_options = v3

[database]
connection = mysql+pymysql://cinder:CINDER_DBPASS@10.0.0.11/cinder
max_retries = -1

[keystone_authtoken]
identity_uri = http://10.0.0.11:35357/
www_authenticate_uri = http://10.0.0.11:5000/
admin_tenant_name = service
admin_user = cinder
admin_password = CINDER_PASS

[oslo_messaging_rabbit]
rabbit_hosts = 10.0.0.12,10.0.0.13,10.0.0.14
rabbit_ha_queues = True
heartbeat_timeout_threshold = 60
heartbeat_rate = 2
"""
AGENT_FILE = """
[DEFAULT]
osapi_volume_listen = 10.0.0.11
notifier_strategy = rabbit
rabbit_host = 10.0.0.11

[database]
connection = mysql+pymysql://cinder:CINDER_DBPASS@10.0.0.11/cinder
"""
