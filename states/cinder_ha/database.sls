# Upgrade the database's tables to the installed release, before anything uses them.
{%- from "cinder_ha/map.jinja" import node, refused with context %}
{%- if node.mistake %}
{{ refused('database') }}
{%- else %}
include:
  - cinder_ha.config

The database has the tables of this release:
  cinder_ha.db_synced:
    - name: {{ node.root }}/etc/cinder/cinder.conf
    - require:
      - file: cinder.conf
{%- endif %}
