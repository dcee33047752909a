.PHONY: run build test lint dependencies
.DEFAULT_GOAL := build

# make run ARGUMENTS="--listen plain://127.0.0.1:5000"
ARGUMENTS =

# Ctrl+C interrupts everything in the terminal's foreground process group, and make would end with an error however well
# the server does. With job control (-m) the shell gives the server a group of its own; if make is ended, so is the server.
run: build
	@bash $$(test -t 0 && echo -m) -c 'setpriv --pdeathsig TERM .build/release/chat-server $(ARGUMENTS)'

build: dependencies
	swift build -c release --product chat-server

test: dependencies
	swift test

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

dependencies:
	@command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2; exit 1; }
	@test -e /usr/include/openssl/ssl.h || { \
		if [ "$$(id -u)" = 0 ]; then sudo=; \
		elif sudo -n true 2>/dev/null; then sudo="sudo -n"; \
		else echo "libssl-dev is needed: sudo apt-get install libssl-dev" >&2; exit 1; fi; \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq libssl-dev; }
