# Remove what the formula created: on this node, and with `clean: cluster` everywhere. Never the database.
{%- from "cinder_ha/map.jinja" import node, refused with context %}
{%- if node.mistake %}
{{ refused('clean') }}
{%- else %}
{%- set running = [] if node.clean == 'cluster' else salt['cinder_ha.in_use']() %}
{%- if running %}
This node's files are not in use:
  cinder_ha.refused:
    - reason: >-
        The cluster runs {{ running | join(', ') }} on this node: put the node in standby first, or set
        clean: cluster in the pillar to remove everything from the whole cluster.
{%- else %}
{%- if node.clean == 'cluster' %}
Cinder is not in Keystone's catalog:
  cinder_ha.endpoints_absent: []

Cinder's resources are gone:
  cinder_ha.resources_absent: []
{%- endif %}

The files can be removed:
  test.nop:
    {%- if node.clean == 'cluster' %}
    - require:
      - cinder_ha: Cinder's resources are gone
    {%- else %}
    - name: the cluster runs no service here
    {%- endif %}
{%- if node.haproxy and node.sandbox %}

The stop of the proxy is only predicted:
  test.show_notification:
    - text: "sandbox: haproxy would be stopped and disabled at boot"
{%- elif node.haproxy %}

The proxy is stopped:
  service.dead:
    - name: haproxy
    - enable: False
    - require:
      - test: The files can be removed
    - require_in:
      - file: {{ node.files['/etc/haproxy/haproxy.cfg'].path }}
{%- endif %}
{%- for file in node.written %}

{{ file }}:
  file.absent:
    - require:
      - test: The files can be removed
    {%- if not node.sandbox %}
    - onchanges_in:
      - cmd: systemd reloads the remaining units
    {%- endif %}
{%- endfor %}
{%- if not node.sandbox %}

systemd reloads the remaining units:
  cmd.run:
    - name: systemctl daemon-reload
{%- for drop_in in node.units.values() %}

The directory of {{ drop_in }} is removed if empty:
  cmd.run:
    - name: {{ ('rmdir --ignore-fail-on-non-empty ' ~ (drop_in.rpartition('/')[0] | quote)) | json }}
    - onchanges:
      - file: {{ drop_in }}
{%- endfor %}
{%- endif %}
{%- endif %}
{%- endif %}
