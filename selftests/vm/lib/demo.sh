# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The guest of ../demo.

# build_lesson: the program of docs/tour.md, for the current kernel_row.
build_lesson()
{
	local dir=$build/lesson-$k_arch
	rm -rf "$dir"
	mkdir -p "$dir"
	cp "$top/docs/lesson.c" "$dir/"
	# shellcheck disable=SC2016
	on_target "$k_arch" "$dir" sh -c '
		${CC:-cc} -std=gnu11 -O1 -g -Wall -Wextra -pthread -o lesson lesson.c'
}

# lay_demo FOLDER: what ../guest/demo needs in the guest.
lay_demo()
{
	rm -rf "$1"
	mkdir -p "$1/bin"
	cp "$build/$k_name-$k_arch/mmscope.ko" "$top/docs/tour.md" "$1/"
	cp "$build/reader-$k_arch/userspace/mmscope" "$build/lesson-$k_arch/lesson" \
		"$vm"/guest/{demo,show,tour} "$1/bin/"
}
