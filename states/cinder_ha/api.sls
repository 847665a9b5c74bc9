# Where the API listens: the kernel's leave and the WSGI server's files.
{%- from "cinder_ha/map.jinja" import node, names, managed, refused with context %}
{%- if node.mistake %}
{{ refused('api') }}
{%- else %}
{%- set labels = {
  names.uwsgi: "The API's address for uWSGI",
  names.uwsgi_arguments: "uWSGI takes its address from there",
  names.mod_wsgi: "The API's address for Apache",
} %}
{%- if node.sandbox and node.sysctl %}

The kernel's leave is only predicted:
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
{%- macro when_it_was_made_here() %}
    - onlyif:
      - fun: file.search
        args: [{{ proxy }}, '^# Written by Salt \(cinder_ha\)']
        ignore_if_missing: True
{%- endmacro %}

# It has the address on which the API is about to listen again.
A proxy that the pillar no longer wants is stopped:
  service.dead:
    - name: haproxy
    - enable: False
    {{- when_it_was_made_here() }}

A proxy that the pillar no longer wants is not configured:
  file.absent:
    - name: {{ proxy }}
    {{- when_it_was_made_here() }}
    - require:
      - service: A proxy that the pillar no longer wants is stopped
{%- endif %}
{%- endif %}
