# Everything that makes a controller of this site; each part can be applied alone.
include:
  - cinder_ha.resources
