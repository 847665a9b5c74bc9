# The services run with what their files say: restarted through the cluster, one node at a time.
{%- from "cinder_ha/map.jinja" import node, names, refused with context %}
{%- if node.mistake %}
{{ refused('services') }}
{%- else %}
include:
  - cinder_ha.config
  - cinder_ha.resources

{%- set configuration = node.files['/etc/cinder/cinder.conf'] %}

# Before any file changes, but nothing has to wait for its success.
What Cinder's services run with is known:
  cinder_ha.services_noted:
    - name: {{ configuration.path }}
    - family: {{ names | json }}
    - order: first

# Where another file did not land, nothing is out of date.
Cinder's services are up to date:
  cinder_ha.services_current:
    - name: {{ configuration.path }}
    - source: {{ configuration.source | json }}
    - family: {{ names | json }}
    - require:
      - cinder_ha: cinder.conf has no mistakes
{%- endif %}
