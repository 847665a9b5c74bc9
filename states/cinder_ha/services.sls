# Restart services with outdated options, through the cluster, one node at a time.
{%- from "cinder_ha/map.jinja" import node, names, refused with context %}
{%- if node.mistake %}
{{ refused('services') }}
{%- else %}
include:
  - cinder_ha.config
  - cinder_ha.resources

{%- set configuration = node.files['/etc/cinder/cinder.conf'] %}

# Before any file changes, but no other state depends on it.
The running configuration of Cinder's services is known:
  cinder_ha.services_noted:
    - name: {{ configuration.path }}
    - family: {{ names | json }}
    - order: first

# If another file was not written, its services are not outdated.
Cinder's services are up to date:
  cinder_ha.services_current:
    - name: {{ configuration.path }}
    - source: {{ configuration.source | json }}
    - family: {{ names | json }}
    - require:
      - cinder_ha: cinder.conf has no mistakes
{%- endif %}
