# The cluster's resources and their order. One minion writes, the others find them as declared.
Cinder's resources are in the cluster:
  cinder_ha.resources_present
