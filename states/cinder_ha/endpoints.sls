# Register the endpoints in Keystone's catalog. One minion acts at a time; the others find no difference.
Cinder is in Keystone's catalog:
  cinder_ha.endpoints_present
