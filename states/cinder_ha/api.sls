# Where the API listens: the kernel's leave, the WSGI server's files, and the proxy.
{%- from "cinder_ha/map.jinja" import node, names, managed, refused with context %}
{%- if node.mistake %}
{{ refused('api') }}
{%- else %}
{%- set labels = {
  names.uwsgi: "The API's address for uWSGI",
  names.uwsgi_arguments: "uWSGI takes its address from there",
  names.mod_wsgi: "The API's address for Apache",
  '/etc/haproxy/haproxy.cfg': "The proxy in front of the API",
} %}
{%- if node.sandbox and node.sysctl %}

The kernel's leave is only foretold:
  test.show_notification:
    - text: "sandbox: would be set to 1: {{ node.sysctl | join(', ') }}"
{%- endif %}
{%- for setting in node.sysctl if not node.sandbox %}

{{ setting }}:
  sysctl.present:
    - value: 1
    - config: {{ node.sysctl_file }}
{%- endfor %}
{%- for path, label in labels.items() if path in node.files %}

{{ label }}:
  file.managed:
    {{- managed(node.files[path]) }}
{%- else %}

The API's address is in cinder.conf:
  test.nop
{%- endfor %}
{%- if node.haproxy and node.sandbox %}

The proxy is only foretold:
  test.show_notification:
    - text: "sandbox: haproxy would be started, and reloaded when its file changes"
{%- elif node.haproxy %}

The proxy runs:
  service.running:
    - name: haproxy
    - enable: True
    - reload: True
    - require:
      {%- for setting in node.sysctl %}
      - sysctl: {{ setting }}
      {%- endfor %}
    - watch:
      - file: The proxy in front of the API
{%- endif %}
{%- endif %}
