# SPDX-License-Identifier: GPL-2.0-only
#
# ringfence. `make` builds into build/; `sudo make run` shows it in an emulated home; `sudo make test` runs every test.
#
# One Makefile, no configure: what is installed decides (HAVE_PSL), and tools/install-deps installs what is missing. Rooms are found by
# wildcard, so a new file in a room needs no line here.

SHELL := /bin/bash
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

B := build
VERSION := 0.1.0

CC ?= gcc
# The datapath's compiler: Debian 12's. BPF_CLANG_NEW builds the second object that the kernel tests load too.
BPF_CLANG ?= clang-14
BPF_CLANG_NEW ?= clang-19
PKG_CONFIG ?= pkg-config

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wimplicit-fallthrough -Wswitch-enum
WERROR ?=
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2
CFLAGS ?= -O2 -g
SAN ?=

HAVE_PSL := $(shell $(PKG_CONFIG) --exists libpsl 2>/dev/null && echo 1)
LIBS_POLICY := -lyaml -lidn2 $(if $(HAVE_PSL),-lpsl)
LIBS_DATAPATH := -lxdp -lbpf -lelf -lz -lmnl
LIBS_DAEMON := -ljansson -lcap-ng -lmd
LIBS_CLI := -ljansson -lpcap -lsmartcols -lmd
CPPFLAGS += $(shell $(PKG_CONFIG) --cflags smartcols jansson 2>/dev/null) -D_GNU_SOURCE -DRF_VERSION='"$(VERSION)"' $(if $(HAVE_PSL),-DHAVE_PSL) -iquote include
ALL_CFLAGS = -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(HARDEN) $(WARN) $(WERROR) $(SAN) -MMD -MP

BPF_CFLAGS := -O2 -g -mcpu=v3 -target bpf -Wall -Wextra $(WERROR) -iquote include -iquote bpf -I/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

objects = $(patsubst %.c,$(B)/obj/%.o,$(wildcard $(1)))
COMMON := $(call objects,user/common/*.c)
POLICY := $(call objects,user/policy/*.c)
ENGINE := $(call objects,user/engine/*.c)
MACHINE := $(call objects,user/machine/*.c)
DATAPATH := $(call objects,user/datapath/*.c)
DOCTOR := $(call objects,user/doctor/*.c)
DAEMON := $(call objects,user/daemon/*.c)
CLI := $(call objects,user/cli/*.c)
BPF_SOURCES := $(wildcard bpf/*.h bpf/*.c include/*.h)

.PHONY: all
all: $(B)/ringfenced $(B)/ringfence $(B)/ringfence.bpf.o man

# ---- datapath -------------------------------------------------------------------------------------------------------

$(B)/ringfence.bpf.o: bpf/ringfence.bpf.c $(BPF_SOURCES)
	@mkdir -p $(@D)
	$(BPF_CLANG) $(BPF_CFLAGS) -c $< -o $@

$(B)/ringfence-clang19.bpf.o: bpf/ringfence.bpf.c $(BPF_SOURCES)
	@mkdir -p $(@D)
	$(BPF_CLANG_NEW) $(BPF_CFLAGS) -c $< -o $@

# ---- programs -------------------------------------------------------------------------------------------------------

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

# The core's headers are written for -iquote bpf; nothing else sees that path.
$(B)/obj/user/engine/%.o $(B)/obj/tests/dns/home.o $(B)/fuzz/obj/tests/dns/home.o: CPPFLAGS += -iquote bpf
$(B)/obj/user/datapath/object.o: $(B)/ringfence.bpf.o
$(B)/obj/user/datapath/object.o: CPPFLAGS += -DRF_OBJECT='"$(B)/ringfence.bpf.o"'

$(B)/ringfenced: $(DAEMON) $(ENGINE) $(DATAPATH) $(MACHINE) $(POLICY) $(COMMON)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS_POLICY) $(LIBS_DATAPATH) $(LIBS_DAEMON)

$(B)/ringfence: $(CLI) $(DOCTOR) $(ENGINE) $(DATAPATH) $(MACHINE) $(POLICY) $(COMMON)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS_POLICY) $(LIBS_DATAPATH) $(LIBS_CLI)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# ---- manuals, installation ------------------------------------------------------------------------------------------

.PHONY: man
man: $(B)/man/.done

$(B)/man/.done: $(wildcard user/man/*.scd tests/bypass/*.case) include/reason.h include/sizing.h user/policy/feature.h user/doctor/ways.h tools/man tools/bypass-table tests/net/90-bypass.sh
	tools/man $(B)/man
	@touch $@

PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: install
install: all
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/sbin $(B)/ringfenced
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(B)/ringfence
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 $(B)/man/ringfenced.8 $(B)/man/ringfence.8
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 $(B)/man/ringfence.yaml.5
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man7 $(B)/man/ringfence-bypass.7
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/bash-completion/completions user/completion/ringfence.bash
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/ringfence/examples $(wildcard user/examples/*)
	install -d $(DESTDIR)/etc/systemd/system
	for unit in $(notdir $(wildcard user/systemd/*.service)); do \
		sed -e 's|/usr/sbin/|$(PREFIX)/sbin/|' -e 's|/usr/bin/|$(PREFIX)/bin/|' user/systemd/$$unit \
			>$(DESTDIR)/etc/systemd/system/$$unit || exit 1; done

.PHONY: clean
clean:
	rm -rf $(B)

# ---- running --------------------------------------------------------------------------------------------------------

# sudo make run [BRIDGE=br-lan [POLICY=FILE]]: the emulated home, or ringfenced in the foreground on a real bridge.
.PHONY: run lab-down
run:
	@$(if $(BRIDGE),tools/lab bridge $(BRIDGE) $(POLICY),tools/lab run)

lab-down:
	@tools/lab down

# ---- tests ----------------------------------------------------------------------------------------------------------

# Packet cases (tests/cases/packets) in every engine, one binary for the object of each compiler.
TEST_HOST := $(call objects,tests/host/*.c)
TEST_PROG := $(call objects,tests/prog/*.c)
# Everything that a test may need of the programs, without their main().
UNDER_TEST := $(filter-out %/cli/main.o %/daemon/main.o,$(CLI) $(DOCTOR) $(DAEMON) $(ENGINE) $(DATAPATH) $(MACHINE) $(POLICY) $(COMMON))
LIBS_ALL := $(LIBS_POLICY) $(LIBS_DATAPATH) $(LIBS_DAEMON) $(LIBS_CLI)

$(B)/tests/prog_cases: $(TEST_PROG) $(TEST_HOST) $(ENGINE) $(DATAPATH) $(MACHINE) $(POLICY) $(COMMON)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS_POLICY) $(LIBS_DATAPATH) -ljansson -lmd

# What the tests on a live bridge need to be fast.
$(B)/tests/names_race $(B)/tests/names_count: $(B)/tests/%: $(B)/obj/tests/net/%.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^

$(B)/obj/tests/object-clang19.o: user/datapath/object.c $(B)/ringfence-clang19.bpf.o
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DRF_OBJECT='"$(B)/ringfence-clang19.bpf.o"' -c $< -o $@

$(B)/tests/prog_cases-clang19: $(TEST_PROG) $(TEST_HOST) $(B)/obj/tests/object-clang19.o $(ENGINE) \
		$(filter-out %/datapath/object.o,$(DATAPATH)) $(MACHINE) $(POLICY) $(COMMON)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS_POLICY) $(LIBS_DATAPATH) -ljansson -lmd

# Generated DNS answers through the core and through ldns.
TEST_DNS := $(call objects,tests/dns/*.c)

$(B)/tests/dns_compare: $(TEST_DNS) $(ENGINE) $(POLICY) $(COMMON)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS_POLICY) -lldns -ljansson -lmd

# sudo make test: everything. Ends in one line: N passed, M failed, K skipped.
.PHONY: test test-build
test:
	@[ "$$(id -u)" -eq 0 ] || { echo "the tests load BPF programs and make network namespaces: run \`sudo make test'" >&2; exit 2; }
	@tools/install-deps build lab test
	@$(MAKE) --no-print-directory test-build
	@tools/test-all

test-build: all unit-build fuzz-build $(B)/tests/prog_cases $(B)/tests/prog_cases-clang19 $(B)/tests/dns_compare \
		$(B)/tests/names_race $(B)/tests/names_count

.PHONY: cases
cases: $(B)/tests/prog_cases
	$(B)/tests/prog_cases tests/cases/packets

# Every known way around the fence, and whether its case would notice a leak.
.PHONY: bypass
bypass: $(B)/tests/prog_cases
	@RINGFENCE_BUILD=$(B) tests/bypass/run

# sudo make soak [FRAMES=1000000] [SEED=N] [DATA=DIRECTORY]: the reference model against the native engine, XDP and TC. Goes on where it was stopped.
FRAMES ?= 1000000
SEED ?= 1000000
.PHONY: soak
soak: all $(B)/tests/prog_cases
	@tests/model/soak $(FRAMES) $(SEED) $(or $(DATA),$(wildcard ../shared/data))

# Unit tests: one program for each tests/unit/test_*.c, with whatever of the programs it calls.
$(B)/tests/libtest.a: $(UNDER_TEST)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(B)/tests/libtest.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS_ALL)

.PHONY: unit unit-build
unit-build: $(UNIT)

unit: unit-build
	@tests/unit/run $(UNIT)

# Fuzz targets: libFuzzer with the sanitizers, seeds from the cases. make fuzz TIME=60 (seconds each)
TIME ?= 60
FUZZ_CC ?= clang-14
FUZZ_FLAGS := -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

FUZZ_OBJECTS := $(patsubst $(B)/obj/%,$(B)/fuzz/obj/%,$(UNDER_TEST))

$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) $(CPPFLAGS) -MMD -MP -c $< -o $@

$(B)/fuzz/obj/user/engine/%.o $(B)/fuzz/obj/tests/fuzz/%.o: CPPFLAGS += -iquote bpf
$(B)/fuzz/obj/user/datapath/object.o: $(B)/ringfence.bpf.o

$(B)/fuzz/libfuzz.a: $(FUZZ_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/fuzz/%: $(B)/fuzz/obj/tests/fuzz/%.o $(B)/fuzz/libfuzz.a
	$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_LINK) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS_ALL) $(LIBS_FUZZ)

$(B)/fuzz/fuzz_dns: $(addprefix $(B)/fuzz/obj/tests/dns/,compare.o home.o oracle.o)
$(B)/fuzz/fuzz_dns: LIBS_FUZZ := -lldns
# Its daemon has no datapath, so no ring to consume.
$(B)/fuzz/fuzz_control: FUZZ_LINK := -Wl,--wrap=datapath_consume

-include $(shell find $(B)/fuzz/obj -name '*.d' 2>/dev/null)

.PHONY: fuzz fuzz-build fuzz-targets fuzz-coverage
fuzz-targets: $(FUZZ)

fuzz-build: $(FUZZ) $(B)/tests/prog_cases $(B)/tests/dns_compare

fuzz: fuzz-build
	@tests/fuzz/run $(TIME) $(FUZZ)

# What the seeds and the corpus in build/fuzz/ reach, by target: make fuzz-coverage, after make fuzz.
fuzz-coverage: $(B)/tests/prog_cases
	@$(MAKE) --no-print-directory B=build/coverage FUZZ_FLAGS="-std=gnu11 -g -O1 -fsanitize=fuzzer -fprofile-instr-generate -fcoverage-mapping" \
		fuzz-targets
	@tests/fuzz/coverage

# ---- benchmark ------------------------------------------------------------------------------------------------------

# sudo make bench [BENCH_ARGS=--quick]: ours beside peers, a frame at a time and over real links; report in build/bench.{txt,json,md} and build/bench/*.svg.
# tests/bench/*.c is what its programs share, tests/bench/NAME/*.c the program build/bench/NAME.
BENCH_COMMON := $(filter-out %.bpf.o,$(call objects,tests/bench/*.c))
BENCH := $(patsubst tests/bench/%/,$(B)/bench/%,$(sort $(dir $(wildcard tests/bench/*/*.c))))

$(B)/bench/bench.bpf.o: tests/bench/bench.bpf.c tests/bench/key.h
	@mkdir -p $(@D)
	$(BPF_CLANG) $(BPF_CFLAGS) -iquote tests/bench -c $< -o $@

.SECONDEXPANSION:
$(BENCH): $(B)/bench/%: $$(call objects,tests/bench/%/*.c) $(BENCH_COMMON) $(DATAPATH) $(MACHINE) $(POLICY) $(COMMON)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LIBS_POLICY) $(LIBS_DATAPATH) -ljansson -lmd -lpthread

.PHONY: bench bench-build
# What tools/bench.d/names-race runs, where it is there.
NAMES_RACE := $(if $(wildcard tools/bench.d/names-race),$(patsubst tests/net/%.c,$(B)/tests/%,$(wildcard tests/net/names_*.c)))

bench-build: all $(BENCH) $(B)/bench/bench.bpf.o $(NAMES_RACE)

bench:
	@[ "$$(id -u)" -eq 0 ] || { echo "the benchmark loads BPF programs and makes network namespaces: run \`sudo make bench'" >&2; exit 2; }
	@tools/install-deps build lab bench
	@$(MAKE) --no-print-directory bench-build
	@tools/bench $(BENCH_ARGS)

# Real captures, which are not in this repository: make corpus DATA=DIRECTORY (with pcap/ in it)
.PHONY: corpus asan
asan:
	@$(MAKE) --no-print-directory B=build/asan SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined" CFLAGS="-O1 -g" \
		HARDEN= build/asan/ringfence

corpus: all asan
	@$(if $(DATA),,$(error make corpus DATA=DIRECTORY: say where the captures are))tools/corpus $(DATA)
	@tools/corpus-names $(DATA)

.PHONY: lint
lint:
	@tools/lint
