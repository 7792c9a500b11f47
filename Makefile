# make alone lists the targets. Go, git and make are all that is needed; `race`
# needs a C compiler too, and `model` spin besides.
.DEFAULT_GOAL := help

BIN := bin/fanin-bench
# What `fanin-bench version` and the manifest of a run say. A checkout without
# git metadata is "dev".
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD = go build -ldflags '-X github.com/fanin-bench/fanin-bench/cmd.version=$(VERSION)'

# The tools have modules of their own: who imports a strategy shall not inherit
# what a linter depends on. actionlint is apart because it does not compile with
# the YAML library that golangci-lint asks for.
TOOL := go tool -modfile=tools/go.mod
ACTIONLINT := go tool -modfile=tools/actionlint/go.mod actionlint

# What `make cross` builds for.
PLATFORMS := darwin/arm64 windows/amd64 linux/arm64

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo '  bench, bench-quick, bench-speed and verify pass on flags: make bench ARGS="--producers 1..64"'

.PHONY: build
build: ## Build bin/fanin-bench
	$(BUILD) -o $(BIN) ./cmd/fanin-bench

.PHONY: test
test: ## Run the tests, one package at a time: some hold timings against arithmetic
	go test -p 1 ./...

.PHONY: race
race: ## Run the tests but for timings under the race detector, the kit in its short form
	CGO_ENABLED=1 go test -race -short -skip '^(TestStall|TestMD1)$$' ./...

# How long each reader of files is fuzzed. What is found is kept in its package's
# testdata and tried by `make test` from then on.
FUZZTIME ?= 1m

.PHONY: fuzz
fuzz: ## Feed every reader of files what nobody would write, FUZZTIME each (1m)
	@set -e; for package in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n 1 dirname | sort -u); do \
		for target in $$(git grep -ho '^func Fuzz[A-Za-z0-9]*' -- "$$package/*_test.go" | cut -c 6-); do \
			echo "$$package: $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$package"; \
		done; \
	done

.PHONY: model
model: ## Search the models of parking and waking exhaustively: a minute or two; needs spin and gcc
	strategies/model/check $(ARGS)

# actionlint would also run shellcheck and pyflakes where they happen to be
# installed; without them it says the same everywhere.
.PHONY: lint
lint: ## Check formatting, style, import directions and workflows
	$(TOOL) golangci-lint run ./... ./.ci
	$(ACTIONLINT) -shellcheck= -pyflakes= .github/workflows/*.yml

.PHONY: fmt
fmt: ## Format the code
	$(TOOL) golangci-lint fmt

.PHONY: bench
bench: build ## The full sweep, minutes on an idle machine; ends with the page to open
	$(BIN) run $(ARGS)

.PHONY: bench-speed
bench-speed: build ## The lanes against their speed goals: about 25 minutes, ends with the table
	$(BIN) run --scenario speed $(ARGS)
	$(BIN) speed

.PHONY: bench-quick
bench-quick: build ## A small sweep, to see that everything works: under a minute
	$(BIN) run --quick $(ARGS)

.PHONY: verify
verify: build ## Try every promise of every strategy at full speed
	$(BIN) verify $(ARGS)

.PHONY: cross
cross: $(PLATFORMS:%=cross/%) ## Build, and vet with its tests, for other platforms

cross/%:
	GOOS=$(*D) GOARCH=$(*F) go vet ./...
	GOOS=$(*D) GOARCH=$(*F) $(BUILD) -o $(BIN)-$(*D)-$(*F)$(if $(filter windows,$(*D)),.exe) ./cmd/fanin-bench

.PHONY: check
check: lint test race ## What to run before sending a change

.PHONY: clean
clean: ## Remove what was built; the runs in out/ stay
	rm -rf bin
