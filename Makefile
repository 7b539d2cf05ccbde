# Two commands set everything up: `make demo` and `make test`. Each makes .venv when there is none.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# those that need nothing from outside; the others say in their first lines what they need
BENCHMARKS := forward_map blind_scan samplers_agree what_the_seesaw_says likelihood sterile_variants

.PHONY: demo test test-slow hermetic crosscheck lint bench docs package clean

demo: $(VENV)/.demo
	$(BIN)/pontecorvo run seesaw-no --out demo
	@echo "open demo/report.html"

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -m slow

# tests as on a stranger's machine: another folder, no HOME, foreign matplotlib settings, a folder of
# data (DATA) where there is one. `make hermetic FILES="tests/report tests/base"` runs some of them
FILES ?= tests
DATA ?= /nonexistent
hermetic: $(VENV)/.test
	mkdir -p build/elsewhere
	printf 'axes.titlelocation: right\nfont.size: 30\nimage.cmap: jet\naxes.grid: True\n' \
		> build/elsewhere/matplotlibrc
	cd build/elsewhere && env -u HOME MATPLOTLIBRC="$(CURDIR)/build/elsewhere/matplotlibrc" \
		MPLBACKEND=svg PONTECORVO_DATA="$(DATA)" "$(CURDIR)/$(BIN)/python" -m pytest \
		-c "$(CURDIR)/pyproject.toml" --rootdir "$(CURDIR)" -p no:cacheprovider \
		$(addprefix "$(CURDIR)"/,$(FILES))

crosscheck: $(VENV)/.test
	$(INSTALL) -e ".[crosscheck,test]"
	$(BIN)/python -m pytest -m crosscheck

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# wheel and sdist in dist/, tried in a clean environment outside the checkout
package: $(VENV)/.package
	$(BIN)/python packaging/package.py

bench: $(VENV)/.bench
	for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py || exit 1; done

# the documentation site: strict, and without network once installed. Tutorials are run where their
# text or the package has changed; `make docs DOCS_TUTORIALS=off` leaves their output out
docs: $(VENV)/.docs
	DOCS_TUTORIALS=$(DOCS_TUTORIALS) $(BIN)/python -m sphinx -q -W --keep-going -b html \
		-d build/docs/doctrees docs build/docs/html
	@echo "open build/docs/html/index.html"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# a stamp for each kind of environment, so that only what is needed is installed, and only once
$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e .
	touch $@

$(VENV)/.%: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e ".[$*]"
	touch $@

clean:
	rm -rf $(VENV) build dist
