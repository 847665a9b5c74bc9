# The proxy in front of the APIs. It listens on their address, so this node's API must have released it.
{%- from "cinder_ha/map.jinja" import node, managed, refused with context %}
{%- if node.mistake %}
{{ refused('proxy') }}
{%- elif not node.haproxy %}
There is no proxy in front of the API:
  test.nop
{%- else %}
include:
  - cinder_ha.services

The proxy in front of the API:
  file.managed:
    {{- managed(node.files['/etc/haproxy/haproxy.cfg']) }}
    - require:
      - cinder_ha: cinder.conf has no mistakes
{%- if node.sandbox %}

The proxy is only predicted:
  test.show_notification:
    - text: "sandbox: haproxy would be started, and reloaded when its file changes"
{%- else %}

The proxy runs:
  service.running:
    - name: haproxy
    - enable: True
    - reload: True
    - require:
      - cinder_ha: Cinder's services are up to date
      {%- for setting in node.sysctl %}
      - sysctl: {{ setting }}
      {%- endfor %}
    - watch:
      - file: The proxy in front of the API
{%- endif %}
{%- endif %}
