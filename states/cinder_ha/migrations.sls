# After an upgrade, when the services run the new release: the data get its form.
{%- from "cinder_ha/map.jinja" import node, refused with context %}
{%- if node.mistake %}
{{ refused('migrations') }}
{%- else %}
The data have the form of this release:
  cinder_ha.db_synced:
    - name: {{ node.root }}/etc/cinder/cinder.conf
    - online_data_migrations: true
{%- endif %}
