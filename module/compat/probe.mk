# SPDX-License-Identifier: GPL-2.0-only
#
# probes/NAME.c compiles => HAVE_NAME. The kernel's own flags are used, and all
# warnings are errors. Two canaries stop the build if the compiler refuses
# everything, or nothing.
#
# Every build runs all probes: headers that were replaced in place may be older
# than the answers, which make would then keep. Only an answer that changed
# rebuilds the module.

compat := module/compat
probes := $(sort $(basename $(notdir $(wildcard $(src)/$(compat)/probes/*.c))))
canaries := canary_good canary_bad
have := $(obj)/$(compat)/have.h

quiet_cmd_probe = PROBE   $(basename $(notdir $@))
      cmd_probe = mkdir -p $(@D); \
	if $(CC) $(NOSTDINC_FLAGS) $(LINUXINCLUDE) $(KBUILD_CPPFLAGS) \
		$(KBUILD_CFLAGS) $(KBUILD_CFLAGS_MODULE) $(CFLAGS_MODULE) \
		-DMODULE -DKBUILD_MODNAME='"probe"' -Werror \
		-c -o $@.o $< 2>$@.log; \
	then echo yes; else echo no; fi >$@

$(obj)/$(compat)/have/%.probe: $(src)/$(compat)/probes/%.c FORCE
	$(call cmd,probe)

answer = $$(cat $(@D)/have/$(1).probe)

# Written to standard output; $@ is replaced only if that differs.
filechk_have = \
	test $(call answer,canary_good) = yes || { \
		cat $(@D)/have/canary_good.probe.log >&2; \
		echo "mmscope: the compiler refuses correct code" >&2; exit 1; }; \
	test $(call answer,canary_bad) = no || { \
		echo "mmscope: the compiler takes wrong code" >&2; exit 1; }; \
	for probe in $(filter-out $(canaries),$(probes)); do \
		name=HAVE_$$(echo $$probe | tr a-z A-Z); \
		if test $(call answer,$$probe) = yes; \
		then echo "\#define $$name 1"; \
		else echo "/* $$name: no */"; fi; \
	done

$(have): $(patsubst %,$(obj)/$(compat)/have/%.probe,$(probes)) FORCE
	$(call filechk,have)

targets += $(patsubst %,$(compat)/have/%.probe,$(probes)) $(compat)/have.h
clean-files += $(compat)/have.h $(compat)/have

$(addprefix $(obj)/,$(mmscope-y)): $(have)
