# The services run with what their files say: restarted through the cluster, one node at a time.
{%- from "cinder_ha/map.jinja" import node, names, sources, refused with context %}
{%- if node.mistake %}
{{ refused('services') }}
{%- else %}
include:
  - cinder_ha.config
  - cinder_ha.resources

# It needs no requisite: where a file did not land, nothing is out of date.
Cinder's services are up to date:
  cinder_ha.services_current:
    - name: {{ node.root }}/etc/cinder/cinder.conf
    {{- sources('cinder.conf.jinja') }}
    - files:
        {%- for exports in node.shares %}
        {{ node.root }}{{ exports }}: [volume]
        {%- endfor %}
        {{ node.root }}{{ names.uwsgi }}: [api]
{%- endif %}
