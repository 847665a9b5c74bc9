# Install Cinder's packages, if the pillar enables that.
{%- from "cinder_ha/map.jinja" import node, names, refused with context %}
{%- if node.mistake %}
{{ refused('package') }}
{%- else %}
{%- set wanted = node.packages.names or names.packages %}
include:
  # Before the packages: the units that they install should not start by themselves.
  - cinder_ha.units

{%- if not node.packages.enabled %}

Cinder's packages are not managed here:
  test.show_notification:
    - text: "packages.enabled is false: nothing is installed"
{%- elif node.sandbox %}

Cinder's packages are only predicted:
  test.show_notification:
    - text: "sandbox: would be installed: {{ wanted | join(', ') }}"
{%- else %}

Cinder's packages are installed:
  pkg.installed:
    - pkgs: {{ wanted | json }}
    - require:
      - test: Cinder's units wait for the cluster
{%- endif %}
{%- endif %}
