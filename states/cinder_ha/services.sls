# The services run with what their files say: restarted through the cluster, one node at a time.
{%- from "cinder_ha/map.jinja" import node, places, sources, refused with context %}
{%- if node.mistake %}
{{ refused('services') }}
{%- else %}
include:
  - cinder_ha.config
  - cinder_ha.resources

{%- set configuration = node.files['/etc/cinder/cinder.conf'] %}
{%- set others = {} %}
{%- for file in node.files.values() if file.services and file.path != configuration.path %}
{%- set landing = {'source': places(file.template) | load_yaml, 'context': file.context}
                  if file.template else {'contents': file.contents} %}
{%- do others.update({file.path: dict(landing, services=file.services)}) %}
{%- endfor %}

# Before any file changes, but nothing has to wait for its success.
What Cinder's services run with is known:
  cinder_ha.services_noted:
    - name: {{ configuration.path }}
    - files: {{ others | json }}
    - order: first

# Where another file did not land, nothing is out of date.
Cinder's services are up to date:
  cinder_ha.services_current:
    - name: {{ configuration.path }}
    {{- sources(configuration.template) }}
    - files: {{ others | json }}
    - require:
      - cinder_ha: cinder.conf has no mistakes
{%- endif %}
