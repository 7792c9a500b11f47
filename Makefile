# make alone lists the targets. Go, git and make are all that is needed; `race`
# needs a C compiler too, and `model` spin besides.
.DEFAULT_GOAL := help

BIN := bin/fanin-bench
# What `fanin-bench version` and the manifest of a run say. A checkout without
# git metadata is "dev".
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Go asks git, too, and builds nothing where git refuses to answer: in the checkout of
# another user, as container jobs have it.
GIT_ANSWERS := $(shell git rev-parse --git-dir >/dev/null 2>&1 && echo yes)
BUILD = go build $(if $(GIT_ANSWERS),,-buildvcs=false )-ldflags '-X github.com/fanin-bench/fanin-bench/cmd.version=$(VERSION)'

# The tools have modules of their own: who imports a strategy shall not inherit
# what a linter depends on. actionlint is apart because it does not compile with
# the YAML library that golangci-lint asks for.
TOOL := go tool -modfile=tools/go.mod
ACTIONLINT := go tool -modfile=tools/actionlint/go.mod actionlint

# Modules of their own, for the libraries that they need.
OBSERVE := strategies/observe
REMOTE := strategies/peers/remote
BROKERS := strategies/peers/brokers
MODULES := $(OBSERVE) $(REMOTE) $(BROKERS)

# How long `make fuzz` runs each fuzz function.
FUZZTIME ?= 10s

# What `make cross` builds for; of those of 32 bits it vets no tests, which `make test-386` runs.
PLATFORMS := darwin/arm64 windows/amd64 linux/arm64
PLATFORMS_32 := linux/386 linux/arm

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo '  bench, bench-quick, bench-speed, bench-originals, bench-beyond, bench-ci, bench-truth and verify pass on flags: make bench ARGS="--producers 1..64"'

.PHONY: build
build: ## Build bin/fanin-bench
	@test -n '$(GIT_ANSWERS)' || echo 'building as "$(VERSION)", for git does not answer; in the checkout of another user it does after: git config --global --add safe.directory $(CURDIR)' >&2
	$(BUILD) -o $(BIN) ./cmd/fanin-bench

# What is held against arithmetic needs the processors for itself. It says what it measured,
# and whether the machine let it.
TIMED := '^(TestStall|TestMD1)$$'

# The packages whose tests take longest begin first, beside those that build: what begins
# last would end alone. Some wait more than they compute, so that three fill two processors.
LONGEST := ./cmd ./strategies ./harness ./strategies/conformance ./harness/trial ./cmd/fanin-bench ./plots/report ./plots ./strategies/peers

# Lint vets the tests.
.PHONY: test
test: ## Run the tests; the timing tests run alone
	go test -v -run $(TIMED) ./harness/trial
	go test -p 3 -vet=off -skip $(TIMED) $(LONGEST) ./...
	set -e; for module in $(MODULES); do go test -C $$module -vet=off -short ./...; done

.PHONY: test-long
test-long: ## Run the tests of the strategies at full length: five minutes
	go test ./strategies -long
	go test -C $(BROKERS) ./...

.PHONY: cover
cover: ## Simulate how often intervals hold what they promise, with recorded noise
	go test ./results/stat -v -run '^(TestTurns|TestDip|TestHumps)' -tries 2000 -samples 10000

# The detector slows down what is timed, and takes memory where that is limited.
NOT_UNDER_RACE := '^(TestStall|TestMD1|TestMemoryGuards|TestBlowUp|TestPeakIsOwn)$$|^TestChild$$/^hoards$$'
# The packages that `make race` tests.
RACE ?= ./...
RACE_OBSERVE ?= ./...
RACE_REMOTE ?= ./...

# Of the conformance tests those of the channel and of what counts in 64-bit atomics.
.PHONY: test-386
test-386: ## Run the tests of the strategies as a 32-bit program, the kit in its short form
	GOARCH=386 go test -short -skip '^TestConformance$$' ./strategies
	GOARCH=386 go test -short -run '^TestConformance$$/^(chan|mpsc-ring|lanes-ring)$$' ./strategies

.PHONY: race
race: ## Run the tests under the race detector, without timings and memory; the kit in its short form
	CGO_ENABLED=1 go test -p 3 -race -short -skip $(NOT_UNDER_RACE) $(RACE)
	CGO_ENABLED=1 go test -C $(OBSERVE) -race $(RACE_OBSERVE)
	$(if $(RACE_REMOTE),CGO_ENABLED=1 go test -C $(REMOTE) -race $(RACE_REMOTE))

.PHONY: model
model: ## Search the models of parking and waking exhaustively: a minute or two; needs spin and gcc
	strategies/model/check $(ARGS)

# actionlint would also run shellcheck and pyflakes where they happen to be
# installed; without them it says the same everywhere.
.PHONY: lint
lint: ## Check formatting, style, import directions and workflows
	$(TOOL) golangci-lint run ./... ./.ci ./.ci/reference
	set -e; for module in $(MODULES); do \
	  (cd $$module && go tool -modfile=$(CURDIR)/tools/go.mod golangci-lint run ./...); \
	  go -C $$module mod tidy -diff; \
	done
	$(ACTIONLINT) -shellcheck= -pyflakes= .github/workflows/*.yml

.PHONY: fmt
fmt: ## Format the code
	$(TOOL) golangci-lint fmt

.PHONY: bench
bench: build ## Run the default portfolio, about 8 min, and name the page to open
	$(BIN) run $(ARGS)

.PHONY: bench-speed
bench-speed: build ## Compare the lanes, and Sender, Reader and Writer, with their speed goals: about 40 minutes
	$(BIN) run --scenario speed $(ARGS)
	$(BIN) speed

.PHONY: reference
reference: ## Keep out/latest, a default run, as this machine's in docs/reference, with its numbers and figures on the pages
	go run ./.ci/reference out/latest
	$(MAKE) docs

.PHONY: docs
docs: ## Write the generated parts: tables, numbers and figures of the pages, and the command's manual
	go test ./cmd/fanin-bench -run '^TestGenerated$$|^TestManual$$' -count=1 -update

.PHONY: bench-quick
bench-quick: build ## Run a small sweep as a check of everything: under a minute
	$(BIN) run --quick $(ARGS)

# What the change is compared with, and by how much it may be slower.
BASE ?= origin/main
FAIL_ON ?= 5%

.PHONY: bench-ci
bench-ci: ## Measure the change and its base in turns, and fail on a regression: 4 minutes; see docs/CI.md
	BASE='$(BASE)' FAIL_ON='$(FAIL_ON)' ARGS='$(ARGS)' .ci/bench-ci

# Hours of runs, which add up in a journal: it may be stopped, and goes on there.
.PHONY: bench-truth
bench-truth: build ## Measure what intervals and bench-ci reach, by real runs: hours, goes on where it stopped; see docs/CI.md
	go run ./cmd/truth -version '$(VERSION)' $(ARGS)

# Rust's channels as another program. It is built apart from Go's, and copied to
# where `run --program` and `make clean` look for it.
.PHONY: originals
originals: ## Build bin/originals, tokio's channels and spillway for `run --program`; needs cargo
	cargo build --release --locked --manifest-path strategies/peers/rust/Cargo.toml --target-dir bin/rust
	cp bin/rust/release/originals bin/originals

.PHONY: bench-originals
bench-originals: build originals ## Measure queues in Rust beside queues in Go: 8 minutes; needs cargo
	$(BIN) run --program bin/originals --scenario originals $(ARGS)

.PHONY: beyond
beyond: ## Build bin/remote and bin/brokers, fan-ins between processes for `run --program`
	go -C $(REMOTE) build $(if $(GIT_ANSWERS),,-buildvcs=false) -o $(CURDIR)/bin/remote .
	CGO_ENABLED=0 go -C $(BROKERS) build $(if $(GIT_ANSWERS),,-buildvcs=false) -o $(CURDIR)/bin/brokers .

.PHONY: bench-beyond
bench-beyond: build beyond ## Measure fan-ins between processes beside those within one: 20 minutes; see docs/BEYOND.md
	$(BIN) run --program bin/remote --program bin/brokers --scenario beyond $(ARGS)
	$(BIN) run --program bin/remote --program bin/brokers --scenario beyond-latency $(ARGS)

.PHONY: verify
verify: build ## Try every promise of every strategy at full speed
	$(BIN) verify $(ARGS)

# go test takes one fuzz function at a time; what it finds it leaves in testdata.
.PHONY: fuzz
fuzz: ## Run every fuzz function of every package for FUZZTIME (10s) each
	@set -e; list=$$(go test -list '^Fuzz' ./...); echo "$$list" \
	| awk '/^Fuzz/ { names[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print $$2, names[i]; n = 0 }' \
	| while read -r package name; do .ci/fuzz "$$package" "$$name" $(FUZZTIME); done

.PHONY: man
man: build ## Write the man pages to bin/man
	$(BIN) docs man bin/man

.PHONY: completions
completions: build ## Write the completion scripts for bash, zsh, fish and PowerShell to bin/completions
	$(BIN) docs completions bin/completions

.PHONY: cross
cross: $(PLATFORMS:%=cross/%) $(PLATFORMS_32:%=cross32/%) ## Build for other platforms; vet the code and tests of the 64-bit ones

cross/%:
	GOOS=$(*D) GOARCH=$(*F) go vet ./...
	GOOS=$(*D) GOARCH=$(*F) go -C $(REMOTE) vet ./...
	GOOS=$(*D) GOARCH=$(*F) $(BUILD) -o $(BIN)-$(*D)-$(*F)$(if $(filter windows,$(*D)),.exe) ./cmd/fanin-bench

cross32/%:
	GOOS=$(*D) GOARCH=$(*F) $(BUILD) -o $(BIN)-$(*D)-$(*F) ./cmd/fanin-bench

.PHONY: check
check: lint test race ## Run lint, tests and race detector: do so before you send a change

.PHONY: clean
clean: ## Remove the build outputs; the runs in out/ stay
	rm -rf bin
