# Where the API listens: the kernel's leave, the WSGI server's files, and the proxy.
{%- from "cinder_ha/map.jinja" import node, names, sources, owned, refused with context %}
{%- if node.mistake %}
{{ refused('api') }}
{%- else %}
{%- set server = node.api.server or names.server %}
{%- if node.sandbox and node.sysctl %}

The kernel's leave is only foretold:
  test.show_notification:
    - text: "sandbox: would be set to 1: {{ node.sysctl | join(', ') }}"
{%- endif %}
{%- for setting in node.sysctl if not node.sandbox %}

{{ setting }}:
  sysctl.present:
    - value: 1
{%- endfor %}
{%- if server == 'uwsgi' %}

The API's address for uWSGI:
  file.managed:
    - name: {{ node.root }}{{ names.uwsgi }}
    - template: jinja
    {{- sources('cinder-api-uwsgi.ini.jinja') }}
    {{- owned('0640', 'cinder') }}
    - context: {listen: {{ node.api.listen | json }}, module: {{ node.api.module | json }}}
{%- if names.uwsgi_arguments %}

uWSGI takes its address from there:
  file.managed:
    - name: {{ node.root }}{{ names.uwsgi_arguments }}
    # Debian's init script reads it after it made up arguments of its own, an address among them.
    - contents: |
        # Written by Salt (cinder_ha).
        DAEMON_ARGS="--ini {{ names.uwsgi }}"
    {{- owned('0644') }}
{%- endif %}
{%- elif server == 'mod_wsgi' %}

The API's address for Apache:
  file.managed:
    - name: {{ node.root }}{{ names.mod_wsgi }}
    - template: jinja
    {{- sources('cinder-wsgi.conf.jinja') }}
    {{- owned('0644') }}
    - context:
        listen: {{ node.api.listen | json }}
        logs: {{ names.apache_log }}
        script: {{ names.python ~ '/cinder/wsgi/api.py' if node.api.module else '/usr/bin/cinder-wsgi' }}
{%- endif %}
{%- if node.haproxy.enabled %}

The proxy in front of the API:
  file.managed:
    - name: {{ node.root }}/etc/haproxy/haproxy.cfg
    - template: jinja
    {{- sources('haproxy.cfg.jinja') }}
    {{- owned('0644') }}
    - context: {binds: {{ node.haproxy.binds | json }}, servers: {{ node.haproxy.servers | json }}}
{%- if node.sandbox %}

The proxy is only foretold:
  test.show_notification:
    - text: "sandbox: haproxy would be started, and reloaded when its file changes"
{%- else %}

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
{%- if not node.sysctl and server == 'eventlet' and not node.haproxy.enabled %}

The API's address is in cinder.conf:
  test.nop
{%- endif %}
{%- endif %}
