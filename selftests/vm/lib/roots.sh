# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# Debian trees of ../tables/roots: build tools, and the guest's user space.

# root_row NAME [ARCH]: sets r_arch, r_suites, r_packages and r_dir.
root_row()
{
	local name
	while read -r name r_arch r_suites r_packages; do
		[[ $name == "$1" && $r_arch == "${2:-$host}" ]] || continue
		r_dir=$cache/roots/$(cache_key "$name" "$r_arch" "$r_suites" "$r_packages")
		return
	done < <(table roots)
	die "no root $1 for ${2:-$host} in $tables/roots"
}

# in_root FOLDER COMMAND...: runs the command in the tree of the current root_row,
# with FOLDER at /src. Its mounts end with their mount namespace.
in_root()
{
	# shellcheck disable=SC2016 # the inner shell expands its own arguments
	unshare --mount --propagation private -- sh -ec '
		root=$1 dir=$2
		shift 2
		mount --bind "$dir" "$root/src"
		mount --bind /dev "$root/dev"
		mount -t proc proc "$root/proc"
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			LC_ALL=C.UTF-8 "$@"' sh "$r_dir" "$@"
}

# on_target ARCH FOLDER COMMAND...: runs the command on the host, in FOLDER, with
# tools that build programs for ARCH.
on_target()
{
	local target=${cross[$1]%-}
	[[ $1 != "$host" ]] || { (cd "$2" && "${@:3}"); return; }
	"$vm/make-root" cross
	root_row cross
	in_root "$2" env --chdir=/src "CC=$target-gcc" "CROSS_COMPILE=$target-" \
		"${@:3}"
}
