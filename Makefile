# The only entry: make, make test, make check, make demo, make bench, make fuzz, make lint, make clean.

GO ?= go
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 10s

# What runs without a web server.
UNIT = $$($(GO) list ./... | grep -v '/integration$$')

.PHONY: build test check unit narrow integration httpbin packages lint demo bench fuzz clean

build:
	$(GO) build -o bin/ ./cmd/postern ./integration/testapp

# Everything. Installs the Debian packages of integration/packages.txt when it may.
test: packages lint unit narrow integration httpbin

# What every change must pass, in a few minutes and without a web server.
check: lint unit

unit:
	$(GO) test -race -shuffle=on $(UNIT)

# The same where an int has 32 bits; there is no race detector for it.
narrow:
	GO="$(GO)" ./integration/narrow.sh $(UNIT)

integration: packages
	$(GO) test -race -shuffle=on -count=1 -timeout 20m ./integration

# A handler that was written for net/http, behind every front end: a module of its own.
httpbin:
	$(GO) test -C integration/httpbin -race -shuffle=on -count=1 -timeout 20m ./...

packages:
	./integration/packages.sh

lint:
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "gofmt -w is due for:" $$files >&2; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) vet -C integration/httpbin ./...
	$(GO) run -C integration/httpbin $(STATICCHECK) ./...

demo: build
	bin/postern demo

# Beside the peers; BENCHFLAGS=-short takes three minutes instead of ten. Writes into integration/bench.
bench:
	./integration/packages.sh integration/bench/packages.txt
	$(GO) run ./integration/bench -out integration/bench $(BENCHFLAGS)

# Every fuzz target in turn, FUZZTIME each; the corpus is that of testdata/fuzz.
fuzz:
	@targets=$$(grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sed 's/func //') && \
	if [ -z "$$targets" ]; then echo "no fuzz target found" >&2; exit 1; fi; \
	for t in $$targets; do \
		echo "$${t##*:} in $$(dirname $${t%%:*}) for $(FUZZTIME)"; \
		$(GO) test -run '^$$' -fuzz "^$${t##*:}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x ./$$(dirname $${t%%:*}) || exit 1; \
	done

clean:
	rm -rf bin
	$(GO) clean -testcache
