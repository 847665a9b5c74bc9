# Keystone's catalog leads to the virtual IP. One minion acts at a time, the others find all as declared.
Cinder is in Keystone's catalog:
  cinder_ha.endpoints_present
