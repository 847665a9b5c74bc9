# Only the cluster starts what it runs: neither the boot nor a package's scripts do.
{%- from "cinder_ha/map.jinja" import node, managed, refused with context %}
{%- if node.mistake %}
{{ refused('units') }}
{%- elif node.sandbox %}
Cinder's units wait for the cluster:
  test.show_notification:
    - text: "sandbox: would be controlled by the cluster and disabled at boot: {{ node.units | join(', ') }}"
{%- else %}
{%- for unit, drop_in in node.units.items() %}
{{ unit }} starts when Pacemaker starts it:
  file.managed:
    {{- managed(node.files[drop_in]) }}
    - makedirs: True
    - onchanges_in:
      - cmd: systemd reloads its units

{{ unit }} is disabled at boot:
  service.disabled:
    - name: {{ unit }}
    - onlyif:
      - fun: service.available
        args: [{{ unit }}]
    - require_in:
      - test: Cinder's units wait for the cluster
{%- endfor %}
{%- if node.units %}

systemd reloads its units:
  cmd.run:
    - name: systemctl daemon-reload
{%- endif %}

Cinder's units wait for the cluster:
  test.nop:
    - require: {{ [{'cmd': 'systemd reloads its units'}] if node.units else [] }}
{%- endif %}
