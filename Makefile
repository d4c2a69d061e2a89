# The commands of tasks.py by name; `make` lists them. Arguments: make test args="-k cursor"
PYTHON ?= python3
.DEFAULT_GOAL := help

.PHONY: help run test check fix schema migrate seed bench lock setup clean migration

help run test check fix schema migrate seed bench lock setup clean:
	@$(PYTHON) tasks.py $@ $(args)

migration:
	@$(PYTHON) tasks.py migration m="$(m)"
