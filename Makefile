# `make` lists the targets. Each works in a fresh clone with nothing but Swift installed.

SWIFT ?= swift
LOT := .build/release/lot
# What the demo runs; `make demo STRATEGY=strategies/x.lua DATA=binance:BTCUSDT:1h` runs another.
STRATEGY ?= strategies/sma_cross.lua
DATA ?= test:GENUSDT:1h
# Debian packages: Lua, archives (libzip, zlib), hashes (OpenSSL), number parsing (fast_float),
# databases (SQLite), and charts (gnuplot-iostream needs boost's iostreams; reports run gnuplot).
PACKAGES := pkg-config liblua5.4-dev libzip-dev zlib1g-dev libssl-dev libfast-float-dev \
    libgnuplot-iostream-dev libboost-iostreams-dev gnuplot-nox libsqlite3-dev
# Where make install puts things; DESTDIR is put in front, for packages.
PREFIX ?= /usr/local
DESTDIR ?=
INTO = $(DESTDIR)$(PREFIX)
# What make install writes, for make uninstall.
INSTALLED = bin/lot share/bash-completion/completions/lot share/zsh/site-functions/_lot \
    share/fish/vendor_completions.d/lot.fish share/lot share/doc/lot
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.DEFAULT_GOAL := help
.PHONY: help deps build test nightly sanitize e2e demo bench lint tidy format install uninstall \
    dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

deps: ## install the system libraries that are missing (Debian, Ubuntu)
	@if ! command -v $(SWIFT) >/dev/null 2>&1; then \
	    echo "Swift 6.2 or later is not installed: see https://www.swift.org/install/" >&2; \
	    exit 69; \
	fi
	@if ! command -v dpkg-query >/dev/null 2>&1; then \
	    echo "make deps installs Debian packages, and this machine has no dpkg." >&2; \
	    echo "Install what these hold by your own means, then run make build: $(PACKAGES)" >&2; \
	    exit 69; \
	fi
	@missing=""; \
	for package in $(PACKAGES); do \
	    status=$$(dpkg-query -W -f '$${Status}' $$package 2>/dev/null || true); \
	    [ "$$status" = "install ok installed" ] || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "installing:$$missing"; \
	    $(SUDO) apt-get update -qq && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive \
	        apt-get install -y -qq --no-install-recommends $$missing; \
	fi

build: deps ## build the release binary, .build/release/lot
	$(SWIFT) build -c release --static-swift-stdlib --product lot

test: build ## run every test, the end-to-end tests on the release binary included
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

nightly: ## run the fuzz tests at length, optimised: 100,000 cases (LOT_FUZZ_CASES=…)
	LOT_FUZZ_CASES=$${LOT_FUZZ_CASES:-100000} $(SWIFT) test -c release \
	    --scratch-path .build/nightly -Xswiftc -enable-testing --disable-xctest \
	    --filter 'SkippingTests|RulesAndEvents|AllocationTests|ConvergenceTests|TreeParzenTests'

# Leaks are not looked for: Swift's runtime keeps what it made once.
sanitize: deps ## run the tests of the C code and the script host under Address- and UBSanitizer
	LOT_SANITIZE=1 ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize=address \
	    --scratch-path .build/sanitize --disable-xctest \
	    --filter 'LotScriptTests|LotMathTests|LotDataTests'

e2e: build ## run only the end-to-end tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest --filter EndToEndTests

demo: build ## backtest the sample strategy on the generated sample data, with a report
	@echo "$(LOT) backtest $(STRATEGY) --data $(DATA) --report"
	@$(LOT) backtest $(STRATEGY) --data $(DATA) --report
	@echo "Report (open it in a browser): $$(ls -1t reports/*/report.html | head -n 1)"

bench: build ## print the figures of docs/benchmarks.md (lot-bench NAME… prints some of them)
	$(SWIFT) build -c release --static-swift-stdlib --product lot-bench
	.build/release/lot-bench

lint: ## check the format of every Swift file
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Benchmarks Package.swift

tidy: deps ## check the rules of the house: sizes, imports, unsafe code, clocks, docs links
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest --filter TidyTests

format: ## rewrite every Swift file in the house format
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Benchmarks Package.swift

install: ## copy what make build made to PREFIX (/usr/local): program, completions, strategies, docs
	@test -x $(LOT) || { echo "nothing to install: run make build first" >&2; exit 66; }
	install -d $(INTO)/bin $(INTO)/share/lot/strategies $(INTO)/share/lot/library \
	    $(INTO)/share/doc/lot/docs/images $(INTO)/share/bash-completion/completions \
	    $(INTO)/share/zsh/site-functions $(INTO)/share/fish/vendor_completions.d
	install -m 755 $(LOT) $(INTO)/bin/lot
	$(LOT) completions bash > $(INTO)/share/bash-completion/completions/lot
	$(LOT) completions zsh > $(INTO)/share/zsh/site-functions/_lot
	$(LOT) completions fish > $(INTO)/share/fish/vendor_completions.d/lot.fish
	$(LOT) new annotations --print > $(INTO)/share/lot/library/lot.lua
	$(LOT) schema > $(INTO)/share/lot/result.schema.json
	install -m 644 strategies/*.lua $(INTO)/share/lot/strategies/
	install -m 644 README.md CHANGELOG.md NOTICE.md $(INTO)/share/doc/lot/
	install -m 644 docs/*.md docs/*.json $(INTO)/share/doc/lot/docs/
	install -m 644 docs/images/* $(INTO)/share/doc/lot/docs/images/

uninstall: ## remove what make install wrote
	cd $(INTO) && rm -rf $(INSTALLED)

# Two runs of one build give the same bytes: names in order, no owner, the time of the last commit.
dist: build ## make the release archive, dist/lot-VERSION-linux-ARCH.tar.gz, and its SHA256SUMS
	@set -eu; \
	name=lot-$$($(LOT) --version)-linux-$$(uname -m); \
	time=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 0)}; \
	rm -rf dist/$$name dist/$$name.tar.gz; \
	$(MAKE) --no-print-directory -s install DESTDIR=$(CURDIR)/dist PREFIX=/$$name; \
	strip dist/$$name/bin/lot; \
	cp README.md NOTICE.md dist/$$name/; \
	(cd dist/$$name && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | \
	    xargs -d '\n' sha256sum > SHA256SUMS); \
	tar --sort=name --format=ustar --mtime=@$$time --owner=0 --group=0 --numeric-owner \
	    --mode=u+rwX,go+rX,go-w -C dist -cf - $$name | gzip -9n > dist/$$name.tar.gz; \
	rm -rf dist/$$name; \
	(cd dist && sha256sum $$name.tar.gz | tee SHA256SUMS)

clean: ## remove everything that was built
	rm -rf .build dist
