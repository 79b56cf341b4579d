# Two commands do everything: `make sweep` and `make test`.

PYTHON ?= python3
CARGO ?= cargo

# The torch release that the tch crate in Cargo.toml binds to.
TORCH_VERSION := 2.13.0
# The only CUDA packages that libtorch's CPU half asks for: enough to train on a CPU, 1.2 GB instead of 5.
LEAN_PACKAGES := torch==$(TORCH_VERSION) nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
# What the tests ask PyTorch itself with.
TEST_PACKAGES := torch==$(TORCH_VERSION) numpy==2.3.4 safetensors==0.6.2

VENV := .libtorch
PIP := $(VENV)/bin/python -m pip --quiet --disable-pip-version-check

# A libtorch of the user's own wins: then nothing is fetched for the build.
ifneq ($(LIBTORCH)$(LIBTORCH_USE_PYTORCH),)
LIBTORCH_READY :=
else
LIBTORCH_READY := $(VENV)/.lean-$(TORCH_VERSION)
endif

.PHONY: sweep test libtorch clean

## Train the quickstart grid on the embedded data: outputs/quickstart/
sweep: $(LIBTORCH_READY)
	$(CARGO) run --quiet -- sweep grids/quickstart.json --overwrite

$(VENV)/.lean-$(TORCH_VERSION):
	$(PYTHON) -m venv $(VENV)
	@echo "fetching libtorch $(TORCH_VERSION) into $(VENV) (once)"
	if [ -e /dev/nvidiactl ]; then $(PIP) install torch==$(TORCH_VERSION); \
	else $(PIP) install --no-deps $(LEAN_PACKAGES); fi
	ln -sfn "$$(cd $(VENV)/lib/python3*/site-packages && pwd)/torch" $(VENV)/torch
	touch $@

$(VENV)/.full-$(TORCH_VERSION): $(VENV)/.lean-$(TORCH_VERSION)
	@echo "fetching what the tests ask PyTorch itself with (once)"
	$(PIP) install $(TEST_PACKAGES)
	touch $@
