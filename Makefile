# The whole life of the project. Every target sets up what it needs first; a set-up with nothing to do takes no time.
SHELL := /bin/bash
export PORT ?= 8080
# Programs that set-up unpacks where the machine lacks them.
export PATH := $(CURDIR)/.deps/bin:$(PATH):/usr/sbin
# A crash ends at once instead of being symbolicated for minutes.
export SWIFT_BACKTRACE ?= enable=no

# BUILD_FLAGS: what docker/Dockerfile adds.
RELEASE := -c release $(BUILD_FLAGS)

.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-bench setup-paper paper build catalog run test faults conformance lint bench \
	bench-engine bench-uplink bench-policies soak demo clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install C libraries, fetch ONNX Runtime into .deps
	@scripts/setup

setup-test: setup
	@scripts/setup-test

setup-bench: setup
	@scripts/setup-bench

setup-paper: setup
	@scripts/setup-paper

build: setup ## the release executable
	@swift build $(RELEASE) --product gateway >&2

catalog: build ## the demo catalog into store/
	@scripts/import-demo "$$(swift build $(RELEASE) --show-bin-path)/gateway"

run: catalog ## the server with the demo catalog on PORT (8080); prints a curl command to try
	@scripts/run "$$(swift build $(RELEASE) --show-bin-path)/gateway"

test: setup-test ## unit and integration tests
	swift build --build-tests
	@scripts/test

faults: setup-test build ## what once went wrong, tried from outside; CASES="NAME..." for some of it
	@scripts/faults --gateway "$$(swift build $(RELEASE) --show-bin-path)/gateway" $(CASES)

conformance: setup-test build ## the protocol and openapi.yaml from outside; URL=http://... for a server that runs
	@scripts/conformance $(if $(URL),--url "$(URL)",--gateway "$$(swift build $(RELEASE) --show-bin-path)/gateway")

lint: setup ## format and house rules
	@scripts/lint

bench: setup-bench ## the request path's cost beside a bare libmicrohttpd handler and nginx
	swift run $(RELEASE) GatewayBenchmark

bench-uplink: setup-bench build ## the uplink's bars: rates, kernel memory, pacing, a narrow link (needs root)
	swift run $(RELEASE) UplinkBenchmark

bench-engine: setup ## loading and running blocks beside ONNX Runtime's own sessions; needs 12 GB of disk
	swift run $(RELEASE) EngineBenchmark

bench-policies: setup build ## partial, whole, lru and edf on the same traces; needs 4 GB of disk
	swift run $(RELEASE) PolicyBenchmark

paper: setup-paper build ## the paper's evaluation, reproduced and extended: tables and plots into paper/
	"$$(swift build $(RELEASE) --show-bin-path)/gateway" simulate --out paper

soak: setup-test build ## mixed traffic for SECONDS (600): memory, descriptors and threads stay level
	@scripts/soak "$$(swift build $(RELEASE) --show-bin-path)/gateway" $(or $(SECONDS),600)

demo: ## train the demo catalog anew
	@scripts/train-demo

clean: ## remove what was built; .deps and store stay
	swift package clean
