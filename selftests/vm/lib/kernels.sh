# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# The kernels of ../tables/kernels.

# kernel_row [ARCH/]NAME: sets the variables k_* from the table: name, arch, set,
# suites, packages, root, flavour; k_id, which is unique; and k_dir, where the
# kernel is once it was fetched or built.
kernel_row()
{
	local wanted=$1
	[[ $wanted == */* ]] || wanted=$host/$wanted
	! find_kernel is_named "$wanted" || return 0
	# The version that a moving row stands for today is a name of it, too.
	! find_kernel stands_for "$wanted" || return 0
	die "no kernel $wanted in $tables/kernels"
}

# find_kernel TEST ARCH/NAME
find_kernel()
{
	while read -r k_name k_arch k_set k_suites k_packages k_root k_flavour; do
		[[ $k_arch == "${2%/*}" ]] || continue
		k_id=$k_arch/$k_name
		k_dir=$cache/kernels/$k_arch/$(cache_key "$k_name" "$k_suites" \
			"$k_packages" "$(variant_text)")
		! "$1" "${2#*/}" || return 0
	done < <(table kernels)
	return 1
}

is_named() { [[ $k_name == "$1" ]]; }

stands_for()
{
	[[ $k_name != [0-9]* && $1 == [0-9]* && $k_flavour == - ]] &&
		"$vm/fetch-kernel" "$k_id" && [[ $(series "$k_dir") == "$1" ]]
}

# Modules for tests that stock kernels have, but not all architectures and flavours:
# persistent memory.
optional_modules=(nd_e820 nd_pmem)

# variant_text: what else the kernel of the current row depends on: a change makes
# it anew.
variant_text()
{
	if is_built; then
		config_text
	else
		echo "${optional_modules[*]}"
	fi
}

# is_built: whether the kernel of the current row is built here, from source.
is_built() { [[ -f $tables/configs/$k_flavour ]]; }

# config_text: the options that a kernel built here must have, one a line. Of two
# lines about one option, the last one holds. A line "include NAME" stands for
# the lines of that file.
config_text()
{
	local configs=$tables/configs
	is_built || return 0
	cat "$top/selftests/mmscope/config" "$configs/base" "$configs/$k_arch" \
		"$configs/$k_flavour" | awk -v configs="$configs/" '
			/^CONFIG_/ { print }
			/^include / {
				file = configs $2
				while ((getline line < file) > 0)
					if (line ~ /^CONFIG_/)
						print line
			}'
}

# lay_headers: makes the root of the current kernel_row, and puts the headers of
# that kernel there.
lay_headers()
{
	"$vm/make-root" "$k_root"
	root_row "$k_root"
	(lock "headers-$k_root" && unpack_headers)
}

# A kernel that was built here has a folder of headers, not packages.
unpack_headers()
{
	local deb release headers
	release=$(<"$k_dir/release")
	headers=$r_dir/lib/modules/$release/build
	if is_built; then
		! cmp -s "$k_dir/build/.config" "$headers/.config" || return 0
		rm -rf "$headers"
		mkdir -p "$headers"
		cp -al "$k_dir/build/." "$headers/"
		return
	fi
	[[ ! -L $headers ]] || return 0
	for deb in "$k_dir"/headers/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x --keep-directory-symlink -C "$r_dir"
	done
}

# pick_kernels NAME...: sets kernels to ARCH/NAME of the rows named. "all" is the set
# "stock", and any other name of a set stands for its rows, too. DEBUG=1 adds the set
# "debug". ARCH limits sets to that architecture, and is the default for the
# architecture of a name, which otherwise is the host's.
pick_kernels()
{
	local name
	kernels=()
	if [[ ${DEBUG:-0} != 0 ]]; then
		add_set debug || die "no kernel of the set debug for $ARCH"
	fi
	for name; do
		[[ $name != all ]] || name=stock
		! add_set "$name" || continue
		[[ $name == */* ]] || name=${ARCH:-$host}/$name
		kernel_row "$name"
		kernels+=("$k_id")
	done
	mapfile -t kernels < <(printf '%s\n' "${kernels[@]}" | awk '!seen[$0]++')
}

# add_set SET: fails if no row is of that set.
add_set()
{
	local before=${#kernels[@]}
	mapfile -t -O "$before" kernels < <(
		table kernels | awk -v arch="${ARCH:-}" -v set="$1" '
			(arch == "" || arch == $2) && $3 == set { print $2 "/" $1 }')
	[[ ${#kernels[@]} -gt $before ]]
}

# series DIR: the "7.2" of a fetched kernel.
series() { cut -d. -f1,2 "$1/release"; }

# kernel_label: the name of the current kernel_row in results, once it was fetched:
# "6.12", "6.12-arm64", "6.12-rt", "7.3-debug".
kernel_label()
{
	local label
	label=$(series "$k_dir")
	[[ $k_arch == "$host" ]] || label+=-$k_arch
	[[ $k_flavour == - ]] || label+=-$k_flavour
	echo "$label"
}
