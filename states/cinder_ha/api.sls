# Where the API listens: kernel settings and the WSGI server's files.
{%- from "cinder_ha/map.jinja" import node, names, managed, refused with context %}
{%- if node.mistake %}
{{ refused('api') }}
{%- else %}
{%- set labels = {
  names.uwsgi: "The API's address for uWSGI",
  names.uwsgi_arguments: "uWSGI uses that file",
  names.mod_wsgi: "The API's address for Apache",
} %}
{%- if node.sandbox and node.sysctl %}

The kernel settings are only predicted:
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
{%- if not node.haproxy and not node.sandbox %}
{%- set proxy = '/etc/haproxy/haproxy.cfg' %}
{%- macro if_written_here() %}
    - onlyif:
      - fun: file.search
        args: [{{ proxy }}, '^# Written by Salt \(cinder_ha\)']
        ignore_if_missing: True
{%- endmacro %}

# It occupies the address on which the API will listen again.
A proxy that is no longer in the pillar is stopped:
  service.dead:
    - name: haproxy
    - enable: False
    {{- if_written_here() }}

A proxy that is no longer in the pillar is not configured:
  file.absent:
    - name: {{ proxy }}
    {{- if_written_here() }}
    - require:
      - service: A proxy that is no longer in the pillar is stopped
{%- endif %}
{%- endif %}
