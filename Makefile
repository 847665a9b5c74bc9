# `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help demo test lint bench lab lab-shell lab-status lab-down lab-test lab-soak venv venv-3006
.PHONY: venv-openstack system clean
.NOTPARALLEL:

export PYTHON ?= python3

help:  ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: system venv venv-openstack  ## Show the main job on a simulated cluster of three controllers
	@tools/demo

# In continuous integration (CI=true), root's tests include those on three real nodes.
ifeq ($(CI)-$(shell id -u),true-0)
test: lab-host
endif
test: system venv  ## Run every check that this machine can run
	@tools/run-tests

lint: venv  ## Check style, format and types
	@tools/lint

bench: system venv venv-3006  ## Measure this package beside pcs, crmsh and Salt 3006's own states
	@.venv/bin/python bench/run.py

lab: lab-host venv  ## Make a real site on this machine, as root: three nodes, fencing, Salt; DEPTH=cinder: and Cinder
	@.venv/bin/python -m tests.lab up $(DEPTH)

lab-shell:  ## Become a shell on a node of the lab: make lab-shell NODE=ctl1
	@.venv/bin/python -m tests.lab shell $(NODE)

lab-status:  ## Show the lab's machines and its cluster
	@.venv/bin/python -m tests.lab status

lab-down:  ## Remove the lab, also after a crash; .lab-cache stays
	@.venv/bin/python -m tests.lab down

lab-test: lab-host venv  ## Run the tests on three real nodes, as root
	@tools/lab-tests

lab-soak: lab-host venv  ## The same with every repetition, for hours; ends with a table of figures
	@tools/lab-tests --soak

lab-host:
	@command -v debootstrap >/dev/null && command -v systemd-nspawn >/dev/null && command -v ip >/dev/null || \
		tools/install-system-packages debootstrap systemd-container iproute2

venv:  ## Make .venv: the newest Salt and this package (editable)
	@tools/make-venv .venv requirements/salt-3008.txt

venv-3006:  ## Make .venv-3006: the same with Salt 3006
	@tools/make-venv .venv-3006 requirements/salt-3006.txt

venv-openstack:  ## Make .venv-openstack: a real Keystone and Cinder for tests and the demo
	@tools/make-openstack-venvs

system:  ## Install the system packages that are missing (apt; no daemon is enabled)
	@tools/install-system-packages

clean:  ## Remove what the other targets made in this folder
	rm -rf .venv .venv-3006 .venv-openstack .venv-openstack-2026.1 .demo build dist src/*.egg-info .hypothesis .mypy_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
