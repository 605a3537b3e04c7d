# SPDX-License-Identifier: GPL-2.0-only
#
# The module itself is built by the kernel's build system, from ./Kbuild.

RELEASE	?= $(shell uname -r)
KDIR	?= /lib/modules/$(RELEASE)/build
KERNELS	?= all
KERNEL	?= 6.12
TEST	?= all
VERSION	:= $(shell sed -n 's/.*MMSCOPE_VERSION "\(.*\)"/\1/p' module/version.h)
SOURCE	:= /usr/src/mmscope-$(VERSION)
MODULES	= $(DESTDIR)/lib/modules/$(RELEASE)

# need COMMAND,SENTENCE: instead of the message of a tool, which names no package.
need = @$(1) >/dev/null || { echo 'mmscope: $(2)' >&2; exit 1; }

all: module userspace

headers:
	$(call need,test -e $(KDIR)/Makefile,no kernel headers in $(KDIR): \
		install linux-headers-$(RELEASE) or set KDIR)

module: headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

userspace:
	$(MAKE) -C userspace

# The tools of packages stage files in a DESTDIR without a kernel, which has no index.
depmod = test ! -d $(MODULES)/kernel || depmod $(if $(DESTDIR),-b $(DESTDIR)) $(RELEASE)

install: module userspace
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=updates DEPMOD=true modules_install
	$(depmod)
	$(MAKE) -C userspace install

# What "make dkms" installs, "dkms remove" removes.
uninstall:
	$(RM) $(MODULES)/updates/mmscope.ko*
	$(depmod)
	$(MAKE) -C userspace uninstall

# What dkms builds the module from, without what a build in this folder left.
dkms-source:
	install -d $(DESTDIR)$(SOURCE)
	cp --parents Kbuild $$(find module -name have -prune -o ! -name have.h \
		\( -name '*.[ch]' -o -name '*.mk' \) -print) $(DESTDIR)$(SOURCE)

dkms: headers
	$(call need,command -v dkms,no dkms: install the package dkms)
	if dkms status mmscope/$(VERSION) | grep -q .; then \
		dkms remove mmscope/$(VERSION) --all; fi
	rm -rf $(SOURCE)
	$(MAKE) dkms-source DESTDIR=
	sed 's/#MODULE_VERSION#/$(VERSION)/' dkms.conf >$(SOURCE)/dkms.conf
	dkms install mmscope/$(VERSION) -k $(RELEASE)

# debhelper writes to debian/ and to the parent of its folder.
deb:
	$(call need,dpkg-checkbuilddeps,packages cannot be built: \
		install build-essential debhelper dh-dkms)
	$(RM) -r build/deb
	install -d build/deb/mmscope
	cp -a Kbuild Makefile README.md debian dkms.conf module userspace build/deb/mmscope
	cd build/deb/mmscope && dpkg-buildpackage -b -us -uc

demo shell tour:
	@selftests/vm/demo $(if $(filter demo,$@),show,$@) \
		$(if $(filter file,$(origin KERNEL)),,$(KERNEL))

check:
	@ARCH='$(ARCH)' DEBUG='$(DEBUG)' selftests/vm/check $(KERNELS)

one:
	@MACHINE='$(MACHINE)' TIMES='$(TIMES)' BUILT='$(BUILT)' \
		selftests/vm/one $(KERNEL) $(TEST)

sabotage:
	@selftests/sabotage $(NAMES)

bench:
	@ARCH='$(ARCH)' BASE='$(BASE)' CASES='$(CASES)' selftests/bench/run \
		$(if $(filter file,$(origin KERNELS)),,$(KERNELS))

lint:
	@selftests/lint

readme:
	@selftests/vm/readme-table
	@test ! -d build/bench || selftests/bench/readme-table

unit:
	$(MAKE) -C userspace check

grow:
	@selftests/grow

clean:
	test ! -d $(KDIR) || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C userspace clean
	$(RM) -r build

help:
	@echo 'make            module and reader, for the running kernel'
	@echo 'make install    both of them; DESTDIR, prefix, bindir, mandir, ... apply'
	@echo 'make uninstall  removes what make install installed'
	@echo 'make dkms       module, rebuilt by dkms with every new kernel'
	@echo 'make deb        the Debian packages mmscope and mmscope-dkms, in build/deb'
	@echo 'make demo       mmscope on a program in a virtual machine'
	@echo 'make shell      a shell in that machine, to follow docs/tour.md'
	@echo 'make tour       runs the commands of docs/tour.md there, and updates their output'
	@echo 'make check      all tests; KERNELS="6.1 arm64/6.12" picks kernels, and'
	@echo '                KERNELS=flavours, folded or slow a set of selftests/vm/tables,'
	@echo '                ARCH=arm64 an architecture; DEBUG=1 adds debug kernels'
	@echo 'make one        one test on one kernel: KERNEL=6.12 TEST=races, or'
	@echo '                TEST=vmas/global.anon_name; MACHINE=, TIMES= and BUILT= are'
	@echo '                in the head of selftests/vm/one'
	@echo 'make sabotage   breaks copies of the module: the tests must notice it'
	@echo 'make bench      the cost of mmscope and of /proc, in instructions, on 6.1,'
	@echo '                6.12 and the newest, or KERNELS=...; BASE=REV compares'
	@echo '                with an older revision, CASES="dense,vmas" picks cases'
	@echo 'make lint       static checks of the sources alone'
	@echo 'make unit       unit tests of the reader alone'
	@echo 'make grow       the unit tests, with a field more in each record of the format'
	@echo 'make readme     puts the results of checks and bench into README.md'
	@echo 'make clean      removes what was built'
	@echo
	@echo 'What needs a virtual machine or build tools fetches them (Debian, as root) and'
	@echo 'keeps them in $$MMSCOPE_CACHE, by default ~/.cache/mmscope.'

.PHONY: all headers module userspace install uninstall dkms-source dkms deb demo shell tour check one sabotage bench lint unit grow readme clean help
