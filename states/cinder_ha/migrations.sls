# After an upgrade, when the services run the new release, migrate the data.
{%- from "cinder_ha/map.jinja" import node, refused with context %}
{%- if node.mistake %}
{{ refused('migrations') }}
{%- else %}
The data is migrated to this release:
  cinder_ha.db_synced:
    - name: {{ node.root }}/etc/cinder/cinder.conf
    - online_data_migrations: true
{%- endif %}
