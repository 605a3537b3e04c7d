# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# A copy of a root of ../tables/roots, in which tests install this tree. The script
# sets dir, the folder for all that they make.

copy=
count=0

# enter_namespace ARGUMENT...: starts the script again, with the same arguments: its
# mounts end with it.
enter_namespace()
{
	[[ -z ${in_namespace:-} ]] || return 0
	in_namespace=1 exec unshare --mount --propagation private -- "$0" "$@"
}

# step NAME COMMAND...: a test that passes if the command succeeds.
step()
{
	count=$((count + 1))
	if "${@:2}" >"$dir/log" 2>&1 </dev/null; then
		echo "ok $count $1"
		return
	fi
	tail -n 60 "$dir/log" | sed 's/^/# /'
	echo "not ok $count $1"
	failed=1
	return 1
}

# start_copies: empties $dir, for copies and for what else a test makes.
start_copies()
{
	rm -rf --one-file-system "$dir"
	mkdir -p "$dir"
}

# lay_copy FILE...: $copy is a copy of the current root_row, with files of this tree in
# its /src. Everything is copied where overlayfs does not work.
lay_copy()
{
	copy=$dir/root
	mkdir -p "$dir/upper" "$dir/work" "$copy"
	mount -t overlay overlay "$copy" -o \
		"lowerdir=$r_dir,upperdir=$dir/upper,workdir=$dir/work" ||
		cp -a "$r_dir/." "$copy/"
	mount --bind /dev "$copy/dev"
	mount -t proc proc "$copy/proc"
	cp -a "${@/#/$top/}" "$copy/src/"
	make -s -C "$copy/src/userspace" clean
}

# lay_modules: installs the modules of the current kernel_row: dkms and depmod ignore a
# kernel without modules.
lay_modules()
{
	local release
	release=$(<"$k_dir/release")
	mkdir -p "$dir/initrd" "$copy/lib/modules/$release"
	(cd "$dir/initrd" && cpio --quiet -id 'lib/modules/*' <"$k_dir/initrd")
	cp -a "$dir/initrd/lib/modules/$release/kernel" \
		"$copy/lib/modules/$release/"
	in_copy depmod "$release"
}

in_copy()
{
	chroot "$copy" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# end_copies: removes them all.
end_copies()
{
	umount "$copy/proc" "$copy/dev" "$copy" 2>/dev/null || true
	rm -rf --one-file-system "$dir"
}
