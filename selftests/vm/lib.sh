# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Shared by the scripts of this folder, which source it first and use the
# variables set here.

set -euo pipefail
export LC_ALL=C.UTF-8
umask 022
# Builds started from here are builds of their own, not of a make above.
unset MAKEFLAGS MFLAGS MAKELEVEL

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$vm/../.." && pwd)
build=$top/build
cache=${MMSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mmscope}
host=$(uname -m | sed s/aarch64/arm64/)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# What differs between architectures and is no property of one kernel.
declare -A deb_arch=([x86_64]=amd64 [arm64]=arm64)
declare -A cross=([x86_64]=x86_64-linux-gnu- [arm64]=aarch64-linux-gnu-)
declare -A qemu=(
	[x86_64]='qemu-system-x86_64 -M q35'
	[arm64]='qemu-system-aarch64 -M virt,mte=on'
)
# Signing pointers the way the architecture proposes would take half the time.
declare -A cpu_features=([x86_64]=la57=off [arm64]='lpa2=off,pauth-impdef=on')
declare -A console=([x86_64]=ttyS0 [arm64]=ttyAMA0)

# Whom say() talks to; quiet() changes it.
user=2

say() { echo "mmscope: $*" >&"$user"; }
die() { say "$*"; exit 1; }

# table FILE: its rows, without comments.
table() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$vm/$1"; }

# quiet NAME: from here on the script's output goes to a log in the cache, of
# which the end is shown if the script fails. say() still reaches the user.
quiet()
{
	log=$cache/log/$1
	mkdir -p "$cache/log"
	exec {user}>&2 >"$log" 2>&1 </dev/null
	trap 'report_failure $?' EXIT
}

report_failure()
{
	[[ $1 -ne 0 ]] || return 0
	tail -n 30 "$log" >&"$user"
	say "$(basename "$0") failed; its whole output is in $log"
}

# lock NAME: one process at a time makes NAME in the cache; held to the end.
# Fails if this process has it already.
declare -A locked=()
lock()
{
	local fd
	[[ -z ${locked[$1]:-} ]] || return 1
	mkdir -p "$cache/lock"
	exec {fd}>"$cache/lock/${1//\//-}"
	flock "$fd"
	locked[$1]=$fd
}

# mirror SUITE: the URI that serves SUITE, taken from the machine's own apt
# configuration, so that a local mirror is used and none is named here.
mirror()
{
	# shellcheck disable=SC2016 # apt's variables, not the shell's
	local format='$(REPO_URI) $(CODENAME) $(ORIGIN)'
	local kind=main uri codename origin
	[[ $1 == *-security ]] && kind=security
	while read -r uri codename origin; do
		[[ $origin == Debian ]] || continue
		case $kind-$codename in
		security-*-security) echo "$uri"; return ;;
		main-*-*) ;;
		main-*) echo "$uri"; return ;;
		esac
	done < <(apt-get indextargets --format "$format" 'Created-By: Packages')
	return 1
}

# sources SUITES: the apt sources of a comma-separated list of suites.
sources()
{
	local suite uri
	# Nothing is known of mirrors before the first update of a fresh machine.
	mirror "${1%%,*}" >/dev/null || apt-get update >&2
	for suite in ${1//,/ }; do
		if uri=$(mirror "$suite"); then
			echo "deb [signed-by=$keyring] $uri $suite main"
		elif [[ $suite != *-* ]]; then
			die "apt is not set up for Debian packages: no mirror for $suite"
		fi
	done
}

# private_apt SUITES ARCH: fills the array apt with the options that make apt
# work on those suites alone, in a folder of the cache. The machine's own sources,
# pins and package lists stay as they are; its proxy settings hold.
private_apt()
{
	local dir=$cache/apt/${1//,/+}-$2
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	apt=(-qq -t "${1##*,}"
		-o "APT::Architecture=${deb_arch[$2]}"
		-o "APT::Architectures=${deb_arch[$2]}"
		-o APT::Install-Recommends=false
		-o APT::Sandbox::User=root
		-o "Dir::State=$dir"
		-o "Dir::State::lists=$dir/lists"
		-o "Dir::State::status=$dir/status"
		-o "Dir::Cache=$dir"
		-o "Dir::Etc::sourcelist=$dir/sources.list"
		-o Dir::Etc::sourceparts=/dev/null
		-o Dir::Etc::preferences=/dev/null
		-o Dir::Etc::preferencesparts=/dev/null)
	lock "apt-${1//,/+}-$2" || return 0
	: >"$dir/status"
	sources "$1" >"$dir/sources.list"
	apt-get "${apt[@]}" update
}

# keyed ROW...: a short name for a row of a table; what was made from the row
# lies in the cache under that name, so that a changed row is made anew.
keyed() { echo "$1-$(cksum <<<"$*" | cut -d' ' -f1)"; }

# root_row NAME [ARCH]: sets r_arch, r_suites, r_packages and r_dir.
root_row()
{
	local name
	while read -r name r_arch r_suites r_packages; do
		[[ $name == "$1" && $r_arch == "${2:-$host}" ]] || continue
		r_dir=$cache/roots/$(keyed "$name" "$r_arch" "$r_suites" "$r_packages")
		return
	done < <(table roots)
	die "no root $1 for ${2:-$host} in $vm/roots"
}

# in_root FOLDER COMMAND...: runs it in the tree of the root_row at hand, with
# FOLDER at /src. The mounts live in a namespace of their own and vanish with it.
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

# on_target ARCH FOLDER COMMAND...: runs it there, on the host, with tools that
# build programs for that architecture.
on_target()
{
	local target=${cross[$1]%-}
	[[ $1 != "$host" ]] || { (cd "$2" && "${@:3}"); return; }
	"$vm/make-root" cross
	root_row cross
	in_root "$2" env --chdir=/src "CC=$target-gcc" "CROSS_COMPILE=$target-" \
		"PKG_CONFIG_LIBDIR=/usr/lib/$target/pkgconfig:/usr/share/pkgconfig" \
		"${@:3}"
}

# kernel_row [ARCH/]NAME: sets k_name, k_arch, k_suites, k_packages, k_root and
# k_config from the table, k_id, which names no other row, and k_dir, where
# that kernel lies once it is fetched.
kernel_row()
{
	local wanted=$1
	[[ $wanted == */* ]] || wanted=$host/$wanted
	! find_kernel is_named "$wanted" || return 0
	# A row with a word for a name answers to its version, too.
	! find_kernel stands_for "$wanted" || return 0
	die "no kernel $wanted in $vm/kernels"
}

# find_kernel TEST ARCH/NAME
find_kernel()
{
	while read -r k_name k_arch k_suites k_packages k_root k_config; do
		[[ $k_arch == "${2%/*}" ]] || continue
		k_id=$k_arch/$k_name
		k_dir=$cache/kernels/$k_arch/$(keyed "$k_name" "$k_suites" \
			"$k_packages" "$(config_text "$k_config")")
		! "$1" "${2#*/}" || return 0
	done < <(table kernels)
	return 1
}

is_named() { [[ $k_name == "$1" ]]; }

stands_for()
{
	[[ $k_name != [0-9]* && $1 == [0-9]* && $k_config == - ]] &&
		"$vm/fetch-kernel" "$k_id" && [[ $(series "$k_dir") == "$1" ]]
}

# lay_headers: makes the root of the kernel_row at hand, and puts the headers of
# that kernel there.
lay_headers()
{
	"$vm/make-root" "$k_root"
	root_row "$k_root"
	(lock "headers-$k_root" && unpack_headers)
}

# A kernel that was built here left a folder in place of packages.
unpack_headers()
{
	local deb release headers
	release=$(<"$k_dir/release")
	headers=$r_dir/lib/modules/$release/build
	if [[ $k_config != - ]]; then
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

# Of a kernel that is built here, what it is built with.
config_text()
{
	[[ $1 == - ]] || cat "$top/selftests/mmscope/config" \
		"$vm/configs/base" "$vm/configs/$1"
}

# pick_kernels NAME...: sets kernels, as ARCH/NAME of the rows. "all" stands for
# every row of the table, but those built here: DEBUG=1 adds them to what is named.
# ARCH=... keeps to that architecture; a name without one is otherwise of this
# machine's.
pick_kernels()
{
	local name
	kernels=()
	if [[ ${DEBUG:-0} != 0 ]]; then
		add_kernels built
		[[ ${#kernels[@]} -gt 0 ]] || die "none is built here for $ARCH"
	fi
	for name; do
		if [[ $name == all ]]; then
			add_kernels fetched
			continue
		fi
		[[ $name == */* ]] || name=${ARCH:-$host}/$name
		kernel_row "$name"
		kernels+=("$k_id")
	done
	mapfile -t kernels < <(printf '%s\n' "${kernels[@]}" | awk '!seen[$0]++')
}

# add_kernels built|fetched
add_kernels()
{
	mapfile -t -O "${#kernels[@]}" kernels < <(
		table kernels | awk -v arch="${ARCH:-}" -v how="$1" '
			(arch == "" || arch == $2) &&
			($6 == "-" ? "fetched" : "built") == how {
				print $2 "/" $1
			}')
}

# series DIR: the "7.2" of a fetched kernel.
series() { cut -d. -f1,2 "$1/release"; }

# kernel_label: how results name the kernel_row at hand, once it is fetched:
# "6.12", "6.12-arm64", "7.3-debug".
kernel_label()
{
	local label
	label=$(series "$k_dir")
	[[ $k_arch == "$host" ]] || label+=-$k_arch
	[[ $k_config == - ]] || label+=-$k_config
	echo "$label"
}

# readme_table NAME COMMAND...: puts what the command prints into README.md,
# in place of the table behind the comment that begins with NAME.
readme_table()
{
	local rows=$build/$1
	"${@:2}" >"$rows"
	sed -i -e "/^<!-- $1:/,/^<!-- end -->/ {
		/^<!--/!d
		/^<!-- $1:/r $rows
	}" "$top/README.md"
}

# ext4_image FOLDER IMAGE: for disks that are never written to: a journal and
# reserved blocks would serve nothing.
ext4_image()
{
	local size
	size=$(du -sm "$1" | cut -f1)
	rm -f "$2"
	truncate -s $((size * 5 / 4 + 32))M "$2"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$1" "$2"
}
