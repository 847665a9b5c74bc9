# cinder.conf and the files around it.
{%- from "cinder_ha/map.jinja" import node, sources, owned, refused with context %}
{%- if node.mistake %}
{{ refused('config') }}
{%- else %}
include:
  - cinder_ha.units
  - cinder_ha.api

{%- set path = node.root ~ '/etc/cinder/cinder.conf' %}

# What Salt itself would show of the difference has the secrets in it.
The difference of cinder.conf:
  cinder_ha.config_compared:
    - name: {{ path }}
    {{- sources('cinder.conf.jinja') }}

cinder.conf has no mistakes:
  cinder_ha.config_valid:
    - name: {{ path }}
    {{- sources('cinder.conf.jinja') }}

cinder.conf:
  file.managed:
    - name: {{ path }}
    - show_changes: False
    - template: jinja
    {{- sources('cinder.conf.jinja') }}
    {{- owned('0640', 'cinder') }}
    - require:
      - cinder_ha: The difference of cinder.conf
      - cinder_ha: cinder.conf has no mistakes
{%- for exports, lines in node.shares.items() %}

The shares in {{ exports }}:
  file.managed:
    - name: {{ node.root }}{{ exports }}
    - contents: {{ lines | json }}
    {{- owned('0640', 'cinder') }}
    - require:
      - cinder_ha: cinder.conf has no mistakes
{%- endfor %}
{%- endif %}
