# cinder.conf and the files that belong to it.
{%- from "cinder_ha/map.jinja" import node, managed, refused with context %}
{%- if node.mistake %}
{{ refused('config') }}
{%- else %}
include:
  - cinder_ha.units
  - cinder_ha.api

{%- set configuration = node.files['/etc/cinder/cinder.conf'] %}

# The difference that Salt itself would show contains the secrets.
The difference of cinder.conf:
  cinder_ha.config_compared:
    - name: {{ configuration.path }}
    - source: {{ configuration.source | json }}

cinder.conf has no mistakes:
  cinder_ha.config_valid:
    - name: {{ configuration.path }}
    - source: {{ configuration.source | json }}

cinder.conf:
  file.managed:
    {{- managed(configuration) }}
    - show_changes: False
    - require:
      - cinder_ha: The difference of cinder.conf
      - cinder_ha: cinder.conf has no mistakes
{%- for exports in node.shares %}

The shares in {{ exports }}:
  file.managed:
    {{- managed(node.files[exports]) }}
    - require:
      - cinder_ha: cinder.conf has no mistakes
{%- endfor %}
{%- endif %}
