# Two commands do everything: `make sweep` and `make test`. `make bench`, `make bench-peers` and `make bench-quality`
# make the figures of the README.

PYTHON ?= python3
CARGO ?= cargo

# The torch release that the tch crate in Cargo.toml binds to.
TORCH_VERSION := 2.13.0
# The LightGBM whose library gradient boosting loads.
LIGHTGBM_VERSION := 4.7.0
# The XGBoost whose library the family xgboost loads. Its wheel asks for Python 3.12; its library
# needs none, and what the tests ask of the package works with 3.11.
XGBOOST_VERSION := 3.4.1
# The only CUDA packages that libtorch's CPU half asks for: enough to train on a CPU, 1.2 GB instead of 5.
LEAN_PACKAGES := torch==$(TORCH_VERSION) nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
# What the tests ask PyTorch itself with, and LightGBM and XGBoost, which need scipy.
TEST_PACKAGES := torch==$(TORCH_VERSION) numpy==2.3.4 safetensors==0.6.2 packaging==25.0 scipy==1.16.3 narwhals==2.29.0

VENV := .libtorch
# What `make bench-peers` compares with.
PEERS := .peers
# What `make bench-quality` compares with.
QUALITY := .quality
# How long `make fuzz` stays at each door.
SECONDS ?= 60

PIP := $(VENV)/bin/python -m pip --quiet --disable-pip-version-check

# A libtorch of the user's own wins: then nothing is fetched, and the tests that ask PyTorch itself use
# the Python that FOREWARN_PYTHON names.
ifneq ($(LIBTORCH)$(LIBTORCH_USE_PYTORCH),)
LIBTORCH_READY :=
PYTORCH_READY :=
else
LIBTORCH_READY := $(VENV)/.lean-$(TORCH_VERSION) $(VENV)/.lightgbm-$(LIGHTGBM_VERSION) $(VENV)/.xgboost-$(XGBOOST_VERSION)
PYTORCH_READY := $(VENV)/.tests-$(TORCH_VERSION) $(VENV)/.lightgbm-$(LIGHTGBM_VERSION) $(VENV)/.xgboost-$(XGBOOST_VERSION)
endif

.PHONY: sweep test fuzz audit bench bench-peers bench-quality libtorch libtorch-cuda

## Train the quickstart grid on the embedded data into outputs/quickstart/
sweep: $(LIBTORCH_READY)
	$(CARGO) run --quiet -- sweep grids/quickstart.json --overwrite

## The gate: format, lints, tests, documentation
test: $(PYTORCH_READY)
	$(CARGO) fmt --check
	$(CARGO) clippy --quiet --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --quiet --no-deps
	rm -f target/tmp/skipped
	$(CARGO) test
	@if [ -s target/tmp/skipped ]; then echo; cat target/tmp/skipped; fi

## Adversarial bytes for everything that reads a user's file, SECONDS each; what fails lies in target/tmp/fuzz/
fuzz: $(LIBTORCH_READY)
	FOREWARN_FUZZ_SECONDS=$(SECONDS) $(CARGO) test --test suite fuzz::a_ -- --nocapture --test-threads=1

## Licences, sources and known flaws of the crates, as deny.toml says; needs cargo-deny, and a network for the flaws
audit:
	@$(CARGO) deny --version >/dev/null 2>&1 || { \
	  echo "make audit: cargo-deny is missing, so NOTHING was checked: cargo install cargo-deny --locked" >&2; exit 1; }
	$(CARGO) deny check licenses bans sources
	@if $(CARGO) deny fetch db; then echo "$(CARGO) deny check advisories"; $(CARGO) deny check advisories; \
	else echo "make audit: the RustSec database cannot be fetched, so ADVISORIES WERE NOT CHECKED" >&2; \
	  case ",$$FOREWARN_REQUIRE," in *,advisories,*) exit 1;; esac; fi

## Times of the step, the epoch and the sweep beside the processor's limit, then forewarn's own limits
bench: $(LIBTORCH_READY)
	$(CARGO) bench --profile dev --bench training
	$(CARGO) build --quiet
	$(PYTHON) benches/limits.py

## The tables of ratios against the Python peers; DATA names the real AI4I file, else the embedded table
bench-peers: $(LIBTORCH_READY) $(PEERS)/.ready
	$(CARGO) build --quiet
	$(PEERS)/bin/python benches/peers/compare.py $(if $(DATA),--data $(DATA))
	$(PEERS)/bin/python benches/peers/families.py

$(PEERS)/.ready: benches/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	@echo "fetching the peers, pinned, into $(PEERS)/ (once, 4.4 GB)"
	@$(PEERS)/bin/python -m pip --quiet --disable-pip-version-check install --no-deps -r $<
	@touch $@

## Scores beside those of tree ensembles; AI4I, MOTOR, STEEL name the real files, else made ones (no STEEL: none);
## AUTOGLUON names a Python that has it; QUALITY_FLAGS picks a part, such as --tables steel --orders 0
bench-quality: $(LIBTORCH_READY) $(QUALITY)/.ready
	$(CARGO) build --quiet
	$(QUALITY)/bin/python benches/quality/compare.py $(if $(AI4I),--ai4i $(AI4I)) $(if $(MOTOR),--motor $(MOTOR)) \
	  $(if $(STEEL),--steel $(STEEL)) $(if $(AUTOGLUON),--autogluon $(AUTOGLUON)) $(QUALITY_FLAGS)

$(QUALITY)/.ready: benches/quality/requirements.txt
	$(PYTHON) -m venv $(QUALITY)
	@echo "fetching the tree ensembles, pinned, into $(QUALITY)/ (once, 0.9 GB)"
	@$(QUALITY)/bin/python -m pip --quiet --disable-pip-version-check install --no-deps -r $<
	@touch $@

## libtorch for a machine without a GPU: enough to build and to train on a CPU
libtorch: $(LIBTORCH_READY)

## libtorch with its CUDA half, for a machine with a GPU
libtorch-cuda: $(LIBTORCH_READY)
	$(PIP) install torch==$(TORCH_VERSION)

$(VENV)/.lean-$(TORCH_VERSION):
	$(PYTHON) -m venv $(VENV)
	@echo "fetching libtorch $(TORCH_VERSION) into $(VENV)/ (once)"
	@if [ -e /dev/nvidiactl ]; then $(PIP) install torch==$(TORCH_VERSION); \
	else $(PIP) install --no-deps $(LEAN_PACKAGES); fi
	@cd $(VENV) && ln -sfn lib/python3*/site-packages/torch torch
	@touch $@

$(VENV)/.lightgbm-$(LIGHTGBM_VERSION): $(VENV)/.lean-$(TORCH_VERSION)
	@echo "fetching LightGBM $(LIGHTGBM_VERSION) into $(VENV)/ (once)"
	@$(PIP) install --no-deps lightgbm==$(LIGHTGBM_VERSION)
	@touch $@

$(VENV)/.xgboost-$(XGBOOST_VERSION): $(VENV)/.lean-$(TORCH_VERSION)
	@echo "fetching XGBoost $(XGBOOST_VERSION) into $(VENV)/ (once)"
	@$(PIP) install --no-deps --ignore-requires-python xgboost-cpu==$(XGBOOST_VERSION)
	@touch $@

$(VENV)/.tests-$(TORCH_VERSION): $(VENV)/.lean-$(TORCH_VERSION)
	@echo "fetching PyTorch itself, which the tests compare with, into $(VENV)/ (once)"
	@$(PIP) install $(TEST_PACKAGES)
	@touch $@
