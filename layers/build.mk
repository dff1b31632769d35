# What the Makefiles of functions and layers share. SAM calls them; `make` in the root sets the variables.

BUILD_PYTHON_VERSION ?= 3.13
BUILD_PLATFORM ?= x86_64-manylinux_2_28
PYTHON ?= python3
UV ?= uv

# $(call install,DIRECTORY): the layer's requirements as wheels for the target, without what never runs there.
define install
	"$(UV)" pip install --quiet --target "$(1)" --python "$(PYTHON)" --python-version $(BUILD_PYTHON_VERSION) \
	  --python-platform $(BUILD_PLATFORM) --only-binary :all: --no-deps --requirements requirements.txt
	rm -rf "$(1)/bin" "$(1)/.lock"
	find "$(1)" -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +
	find "$(1)" -type f \( -name RECORD -o -name INSTALLER -o -name REQUESTED -o -name '*.pyi' -o -name '*.pxd' \) -delete
endef

# $(call compile,DIRECTORY,WHERE LAMBDA PUTS IT): bytecode that needs no check of its source; without it a cold start
# takes twice as long. Bytecode belongs to one minor version of Python: another one's would only be dead weight.
define compile
	@if [ "$$("$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = "$(BUILD_PYTHON_VERSION)" ]; then \
	  "$(PYTHON)" -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$(1)" -p "$(2)" "$(1)"; \
	else \
	  echo "no bytecode in $(1): $(PYTHON) is not Python $(BUILD_PYTHON_VERSION), cold starts will be slower" >&2; \
	fi
endef
