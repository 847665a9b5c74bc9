# Set up a controller of this site; each part can also be applied on its own.
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

# Start nothing before it is configured.
extend:
  Cinder's resources are in the cluster:
    cinder_ha:
      - require:
        - sls: cinder_ha.config
{%- endif %}
