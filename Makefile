.PHONY: run certificate build test simulate breaks fuzz sanitize soak lint chat-bench bench hostile peers microbench dependencies
.DEFAULT_GOAL := build

# With the runtime within it a program calls it directly, and an operator need not install Swift. Of the linkers only lld has
# nothing to say against what Foundation calls.
RELEASE = -c release --static-swift-stdlib -Xswiftc -use-ld=lld

# make run ARGUMENTS="--listen plain://127.0.0.1:5000"
ARGUMENTS =
# make run CERTIFICATE= ARGUMENTS="--config chat.yaml"
CERTIFICATE = --tls-certificate certs/server.pem --tls-private-key certs/server-key.pem

# Ctrl+C interrupts everything in the terminal's foreground process group, and make would end with an error however well
# the server does. With job control (-m) the shell gives the server a group of its own; if make is ended, so is the server.
# In the background (&) there is no such group to give, and a shell that tried to would be stopped: proc_pid_stat(5). Nor
# can a group of its own be stopped (Ctrl+Z): nobody would be left at the terminal to let it go on.
run: build $(if $(filter certs/server.pem,$(CERTIFICATE)),certificate)
	@bash $$(read -r _ _ _ _ group _ _ foreground _ </proc/self/stat; test -t 2 && test $$group = $$foreground && echo -m) -c 'env --ignore-signal=TSTP setpriv --pdeathsig TERM .build/release/chat-server $(CERTIFICATE) $(ARGUMENTS)'

certificate: dependencies
	@openssl x509 -noout -checkend 0 -in certs/server.pem >/dev/null 2>&1 && test -e certs/server-key.pem \
		|| certs/make-dev-certs.sh

build: dependencies
	swift build $(RELEASE) --product chat-server

test: dependencies
	swift test
	$(MAKE) simulate

# make simulate SEEDS=1000 for so many random chats, from seed 1 on, instead of a minute of them; SIMULATE="--first 7 --seeds 1" repeats a seed, and SIMULATE="--only DMs" runs the known attacks with that in their names.
SIMULATE = $(if $(SEEDS),--first 1 --seeds $(SEEDS))
simulate: dependencies
	swift build $(RELEASE) --product simulate
	.build/release/simulate $(SIMULATE)

# Breaks the rules of flow control one at a time, and shows that the simulation finds it: make breaks BREAKS="--rule 3" for less.
BREAKS =
breaks: dependencies
	Tests/Simulation/breaks.py $(BREAKS)

fuzz: dependencies
	Tests/Fuzz/fuzz.sh

sanitize: dependencies
	Tests/Sanitizers/sanitize.sh

# make soak SOAK="--seconds 60" for less of it; a seed that it prints runs it again: SOAK="--seed 1".
SOAK =
soak: build
	swift build $(RELEASE) --product soak
	.build/release/soak $(SOAK)

chat-bench: dependencies
	swift build $(RELEASE) --product chat-bench

# The matrix takes half an hour: make bench BENCH="--rounds 1" for less of it. Beside an earlier build of the server:
# make bench BENCH="--baseline PATH/chat-server".
BENCH =
bench: build chat-bench certificate
	-$(MAKE) peers
	cd Benchmarks && python3 -m matrix $(BENCH)

# make hostile HOSTILE="--seconds 10 --rows 1,4" for less of it; HOSTILE="--others crowd,reconnect" for large rooms.
HOSTILE =
hostile: build chat-bench certificate
	cd Benchmarks && python3 -m hostile $(HOSTILE)

# As fast as a server on SwiftNIO can be: without the runtime's checks of exclusive access, which ours has.
peers:
	swift build -c release --package-path Benchmarks/peers/nio-server --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked

microbench: certificate
	swift build $(RELEASE) --product microbenchmarks
	.build/release/microbenchmarks certs

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks/micro Benchmarks/peers/nio-server/Package.swift Benchmarks/peers/nio-server/Sources

dependencies:
	@command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2; exit 1; }
	@test -e /usr/include/openssl/ssl.h && command -v openssl >/dev/null || { \
		if [ "$$(id -u)" = 0 ]; then sudo=; \
		elif sudo -n true 2>/dev/null; then sudo="sudo -n"; \
		else echo "OpenSSL is needed: sudo apt-get install openssl libssl-dev" >&2; exit 1; fi; \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq openssl libssl-dev; }
