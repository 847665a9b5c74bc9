# Everything that makes a controller of this site; each part can be applied alone.
{%- from "cinder_ha/map.jinja" import node, refused with context %}
{%- if node.mistake %}
{{ refused('init') }}
{%- else %}
include:
  - cinder_ha.package
  - cinder_ha.config
  - cinder_ha.database
  - cinder_ha.resources
  - cinder_ha.services
  - cinder_ha.proxy
  - cinder_ha.migrations
  - cinder_ha.endpoints

# Nothing starts that is not configured.
extend:
  Cinder's resources are in the cluster:
    cinder_ha:
      - require:
        - sls: cinder_ha.config
{%- endif %}
