# Everything a person does with this repository. "make" alone lists it.

# Where "make run" keeps its data and where it listens (the program's own choice when empty).
DATA ?= data
ADDR ?=

# A whole "make test" on a cold machine with two cores stays under this.
TEST_LIMIT ?= 85m
# One package's tests; a hung one says where it hangs.
GO_TEST     ?= go test -timeout 45m
PKG         ?= ./...

# Where the benchmarks keep their databases: some gigabytes.
BENCH_DATA  ?= /var/tmp/qiban-bench

TOOL        := go tool -modfile=tools/go.mod
BIN         := bin/qiban

.DEFAULT_GOAL := help
.PHONY: help build run test bench check-test-machine fmt generate check-generated lint assets clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make run ADDR=0.0.0.0:80 DATA=/srv/qiban   another address, another data folder"
	@echo "  make test PKG=./internal/domain/need/...   the Go tests of some packages, still on both databases"

build: assets ## fetch what is needed, then build the program: bin/qiban
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o $(BIN) ./cmd/qiban
	@echo "Built $(BIN). Start it with: make run"

run: build ## build, then serve with the demonstration year (ADDR=, DATA=)
	$(BIN) serve --data $(DATA) --demo $(if $(ADDR),--addr $(ADDR))

test: ## check and test everything, on SQLite and PostgreSQL and in a browser
	timeout --foreground $(TEST_LIMIT) $(MAKE) --no-print-directory test-all

bench: ## measure, beside the programs compared with, and write docs/performance.md (half an hour)
	go run ./bench -data $(BENCH_DATA)
	go run ./bench -write docs/performance.md

.PHONY: test-all
test-all: check-test-machine assets check-generated lint
	go run ./internal/testkit/withpg $(GO_TEST) $(PKG)

check-test-machine:
	@tools/need.sh go node postgresql chromium fonts

generate: ## write the Go code of changed .templ files
	$(TOOL) templ generate

check-generated:
	tools/generated.sh

fmt: ## format Go and templ, and mend what the linters can mend themselves
	$(TOOL) templ fmt -prettier-command= .
	$(TOOL) golangci-lint run --fix || true
	$(TOOL) golangci-lint fmt

lint: ## formatting, go vet and the linters of .golangci.yml
	$(TOOL) templ fmt -prettier-command= -fail .
	go vet ./...
	$(TOOL) golangci-lint run

assets: ## fetch and bundle what the pages need (styles, scripts, pictures)
	@tools/need.sh go node
	tools/assets.sh

clean: ## remove what the commands above made, never the data
	rm -rf bin internal/web/assets/node_modules
	find internal/web/assets/dist -mindepth 1 ! -name .keep -delete
