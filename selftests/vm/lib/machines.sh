# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# The virtual machines of ../tables/machines, and the tests that run in them.

# Scripts of ../guest that ktest runs as tests, in this order, after the kselftests.
guest_programs=(mappers processes sharers segments pictures)

# emulator ARCH: the command that emulates it, from the root "qemu", a word a line. The
# root's loader starts it, as the host may lack its libraries.
emulator()
{
	local r_arch r_suites r_packages r_dir
	root_row qemu
	printf '%s\n' "$r_dir"/lib64/ld-linux-*.so.* --library-path \
		"$r_dir/usr/lib/$r_arch-linux-gnu" "$r_dir/usr/bin/${qemu[$1]}" \
		-L "$r_dir/usr/share/qemu" -L "$r_dir/usr/share/seabios"
}

# kernel_words: describes the current kernel_row to ./where.awk: "7.3 arm64 - newest".
kernel_words() { echo "$(series "$k_dir") $k_arch $k_flavour $k_name"; }

# machine_rows: the rows that apply to the current kernel_row, without their first
# field.
machine_rows()
{
	table machines | awk -v words="$(kernel_words)" "$(<"$vm/lib/where.awk")"'
		applies($1, words) { sub(/^[^ \t]+[ \t]+/, ""); print }'
}

# machine_row [LABEL]: sets m_label, m_features, m_memory, m_programs, m_boot and
# m_qemu of the row with that label, default "-".
machine_row()
{
	while read -r m_label m_features m_memory m_programs m_boot m_qemu; do
		[[ $m_label != "${1:--}" ]] || return 0
	done < <(machine_rows)
	die "no machine ${1:--} for $k_id in $tables/machines"
}

# programs_here LIST: what ktest has to run on the current machine_row. LIST is a file
# with the names of all kselftests.
programs_here()
{
	local changes
	# Programs that are left out, and tests that run all the same.
	changes=$(table programs | awk -v words="$(kernel_words)" \
		"$(<"$vm/lib/where.awk")"'applies($2, words) == ($1 ~ /\//) { print $1 }')
	if [[ $m_programs != all || -z $changes ]]; then
		echo "$m_programs"
	else
		{
			printf '%s\n' "${guest_programs[@]}" | cat "$1" - |
				grep -vxF "$changes"
			grep / <<<"$changes"
		} | paste -sd,
	fi
}

# Events that kselftests trace: guest/session enables them.
traced=mmap_lock/mmap_lock_acquire_returned,mmap_lock/mmap_lock_released
traced+=,lock/contention_begin

# boot_machine OPTION... -- COMMAND...: ../run for the current kernel and machine_row.
boot_machine()
{
	local boot=${m_boot//,/ }
	"$vm/run" -k "$k_id" -f "$m_features" -m "$m_memory" -s 256 \
		-a "${boot#-} mmscope.traced=$traced" -q "$m_qemu" "$@"
}

# lay_programs FOLDER: module, reader, the program of the tour, and the scripts that run
# in the guest.
lay_programs()
{
	rm -rf "$1"
	mkdir -p "$1/bin"
	cp "$build/$k_name-$k_arch/mmscope.ko" "$top/docs/tour.md" "$1/"
	cp "${guest_programs[@]/#/$vm/guest/}" \
		"$vm"/guest/{ktest,leaks,guest.py,drawings,demo,show,tour} \
		"$build/reader-$k_arch/userspace/mmscope" \
		"$build/reader-$k_arch/docs/lesson" "$1/bin/"
}

# lay_payload FOLDER PROGRAMS: what ktest needs in the guest: also the kselftests, in
# the tree PROGRAMS that build-kselftest made.
lay_payload()
{
	lay_programs "$1"
	cp -a "$2/." "$1/"
}

# run_tap ARGUMENT...: lib/tap.awk on stdin.
run_tap()
{
	awk -v skips="$tables/skips" "$@" -f "$vm/lib/where.awk" \
		-f "$vm/lib/skips.awk" -f "$vm/lib/tap.awk"
}
