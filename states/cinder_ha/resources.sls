# The cluster's resources and constraints. One minion writes; the others find no difference.
Cinder's resources are in the cluster:
  cinder_ha.resources_present
