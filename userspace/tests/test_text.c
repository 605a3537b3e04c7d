// SPDX-License-Identifier: GPL-2.0-only
/* Sizes, numbers, escapes, ranges. */
#include <stdint.h>
#include <string.h>

#include "array.h"
#include "parse.h"
#include "tap.h"
#include "text.h"

static void test_sizes(void)
{
	static const struct {
		uint64_t bytes;
		const char *is;
	} cases[] = {
		{ 0, "0" },		  { 1, "1B" },
		{ 1023, "1023B" },	  { 1024, "1K" },
		{ 1536, "1.5K" },	  { 4096, "4K" },
		{ 10 * 1024, "10K" },	  { 132 << 10, "132K" },
		{ 1023 << 10, "1023K" },  { (1 << 20) - 1, "1M" },
		{ 1363149, "1.3M" },	  { 1ULL << 47, "128T" },
		{ 1ULL << 56, "64P" },	  { 1ULL << 60, "1E" },
		{ 3ULL << 59, "1.5E" },	  { -(1ULL << 48), "16E" },
		{ UINT64_MAX, "16E" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text t = { 0 };

		text_size(&t, cases[i].bytes, false);
		tap_ok(!strcmp(t.s, cases[i].is), "size %s is %s", cases[i].is,
		       t.s);
		text_free(&t);
	}
}

static void test_escapes(void)
{
	static const struct {
		const char *in, *plain, *utf8, *json;
	} cases[] = {
		{ "plain", "plain", "plain", "\"plain\"" },
		{ "a\nb", "a\\012b", "a\\012b", "\"a\\u000ab\"" },
		{ "\033[31m", "\\033[31m", "\\033[31m", "\"\\u001b[31m\"" },
		{ "\"\\", "\"\\", "\"\\", "\"\\\"\\\\\"" },
		{ "\xff", "\\377", "\\377", "\"\\\\377\"" },
		{ "\xc3\xa4", "\\303\\244", NULL, "\"\xc3\xa4\"" },
		{ "\xc3", "\\303", "\\303", "\"\\\\303\"" },
		{ "\xc0\xaf", "\\300\\257", "\\300\\257",
		  "\"\\\\300\\\\257\"" },
		{ "\xed\xa0\x80", "\\355\\240\\200", "\\355\\240\\200",
		  "\"\\\\355\\\\240\\\\200\"" },
		{ "\xe2\x80\xae", "\\342\\200\\256", "\\342\\200\\256",
		  "\"\\u202e\"" },
		{ "\x7f", "\\177", "\\177", "\"\\u007f\"" },
		/* C1: a control sequence introducer of one character */
		{ "\xc2\x9b", "\\302\\233", "\\302\\233", "\"\\u009b\"" },
		{ "\xc2\x80", "\\302\\200", "\\302\\200", "\"\\u0080\"" },
		/* direction, and characters without width */
		{ "\xe2\x81\xa7", "\\342\\201\\247", "\\342\\201\\247",
		  "\"\\u2067\"" },
		{ "\xd8\x9c", "\\330\\234", "\\330\\234", "\"\\u061c\"" },
		{ "\xe2\x80\x8b", "\\342\\200\\213", "\\342\\200\\213",
		  "\"\\u200b\"" },
		{ "\xef\xbb\xbf", "\\357\\273\\277", "\\357\\273\\277",
		  "\"\\ufeff\"" },
		{ "\xcd\x8f", "\\315\\217", "\\315\\217", "\"\\u034f\"" },
		{ "\xe3\x85\xa4", "\\343\\205\\244", "\\343\\205\\244",
		  "\"\\u3164\"" },
		{ "\xf3\xa0\x80\xa1", "\\363\\240\\200\\241",
		  "\\363\\240\\200\\241", "\"\\udb40\\udc21\"" },
		{ "\xf4\x90\x80\x80", "\\364\\220\\200\\200",
		  "\\364\\220\\200\\200", "\"\\\\364\\\\220\\\\200\\\\200\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text t = { 0 };

		text_escape(&t, cases[i].in, false);
		tap_ok(!strcmp(t.s, cases[i].plain), "escape %zu", i);
		text_clear(&t);
		text_escape(&t, cases[i].in, true);
		/* whether the C library prints it depends on the locale */
		if (cases[i].utf8)
			tap_ok(!strcmp(t.s, cases[i].utf8), "UTF-8 %zu", i);
		text_clear(&t);
		text_json(&t, cases[i].in);
		tap_ok(!strcmp(t.s, cases[i].json) && json_valid(t.s),
		       "JSON %zu: %s", i, t.s);
		text_free(&t);
	}
}

static void test_ranges(void)
{
	static const struct {
		const char *in;
		bool good;
		uint64_t start, end;
	} cases[] = {
		{ "1000-2000", true, 0x1000, 0x2000 },
		{ "0x1000-0x2000", true, 0x1000, 0x2000 },
		{ "0x1000-2000", true, 0x1000, 0x2000 },
		{ "7fff00000000+4k", true, 0x7fff00000000, 0x7fff00001000 },
		{ "1000+16", true, 0x1000, 0x1010 },
		{ "1000+0x10", true, 0x1000, 0x1010 },
		{ "0+2M", true, 0, 2 << 20 },
		{ "0+1G", true, 0, 1 << 30 },
		{ "0+0x1g", true, 0, 1 << 30 },
		{ "DEADBEEF", true, 0xdeadbeef, 0xdeadbef0 },
		{ "ffffffffffffffff", true, UINT64_MAX, 0 },
		{ "ffffffffffffffff+1", true, UINT64_MAX, 0 },
		{ "ffffffffffffffff+2", false, 0, 0 },
		{ "ffff800000000000-10000000000000000", true,
		  0xffff800000000000, 0 },
		{ "0-0x10000000000000000", true, 0, 0 },
		{ "fffffffffffff000-ffffffffffffffff", true,
		  0xfffffffffffff000, 0 },
		{ "0-0xfffffffffffffffe", true, 0, UINT64_MAX - 1 },
		{ "0-10000000000000001", false, 0, 0 },
		{ "0-0", false, 0, 0 },
		{ "1000-0", false, 0, 0 },
		{ "2000-1000", false, 0, 0 },
		{ "1000-1000", false, 0, 0 },
		{ "1000+0", false, 0, 0 },
		{ "1000+1a", false, 0, 0 },
		{ "1000+k", false, 0, 0 },
		{ "1000+", false, 0, 0 },
		{ "-1000", false, 0, 0 },
		{ "", false, 0, 0 },
		{ "0x", false, 0, 0 },
		{ "x", false, 0, 0 },
		{ "1000-2000-3000", false, 0, 0 },
		{ "10000000000000000", false, 0, 0 },
		{ "1000+99999999999999T", false, 0, 0 },
		{ "0+1MiB", true, 0, 1 << 20 },
		{ "0+1Kib", false, 0, 0 },
		{ "0+4KiB", true, 0, 4096 },
		{ "0+4KB", true, 0, 4000 },
		{ "0+1TiB", true, 0, 1ULL << 40 },
		{ "0+0x10K", true, 0, 16384 },
		{ "0+0x1e", true, 0, 0x1e },
		{ "0+1P", true, 0, 1ULL << 50 },
		{ "0+16E", false, 0, 0 },
		{ "0+1MB", true, 0, 1000000 },
		{ "0+1B", false, 0, 0 },
		{ "0+1iB", false, 0, 0 },
		{ "0+1M1", false, 0, 0 },
		{ " 1000", false, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t start = 0, end = 0;
		bool good = parse_range(cases[i].in, &start, &end);

		tap_ok(good == cases[i].good &&
		       (!good || (start == cases[i].start &&
				  end == cases[i].end)),
		       "range \"%s\"", cases[i].in);
	}
}

static void test_fit(void)
{
	struct text t = { 0 };

	text_fit(&t, "abc", 5, "...");
	tap_ok(!strcmp(t.s, "abc  "), "fill up");
	text_clear(&t);
	text_fit(&t, "abcdefgh", 6, "...");
	tap_ok(!strcmp(t.s, "abc..."), "cut off");
	text_clear(&t);
	text_fit(&t, "abcdefgh", 2, "...");
	tap_ok(t.len == 2, "no room for the mark of a cut");
	text_clear(&t);
	text_count(&t, 59812);
	text_puts(&t, " ");
	text_count(&t, 812);
	text_puts(&t, " ");
	text_count(&t, 1000000);
	tap_ok(!strcmp(t.s, "59,812 812 1,000,000"), "thousands");
	text_free(&t);
}

int main(void)
{
	test_sizes();
	test_escapes();
	test_ranges();
	test_fit();
	return tap_done();
}
