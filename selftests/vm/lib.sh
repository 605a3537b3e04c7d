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
arch=${ARCH:-$(uname -m | sed s/aarch64/arm64/)}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# What differs between architectures and is no property of one kernel.
declare -A deb_arch=([x86_64]=amd64 [arm64]=arm64)
declare -A image_file=([x86_64]=vmlinuz [arm64]=vmlinuz)
declare -A qemu=([x86_64]='qemu-system-x86_64 -M q35')
declare -A cpu_options=([x86_64]=",la57=off")
declare -A console=([x86_64]=ttyS0)

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
lock()
{
	mkdir -p "$cache/lock"
	exec {lock_fd}>"$cache/lock/${1//\//-}"
	flock "$lock_fd"
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

# private_apt SUITES: fills the array apt with the options that make apt work
# on those suites alone, in a folder of the cache. The machine's own sources,
# pins and package lists stay as they are; its proxy settings hold.
private_apt()
{
	local dir=$cache/apt/${1//,/+}-$arch
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	apt=(-qq -t "${1##*,}"
		-o "APT::Architecture=${deb_arch[$arch]}"
		-o "APT::Architectures=${deb_arch[$arch]}"
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
	lock "apt-${1%%,*}-$arch"
	: >"$dir/status"
	sources "$1" >"$dir/sources.list"
	apt-get "${apt[@]}" update
}

# keyed ROW...: a short name for a row of a table; what was made from the row
# lies in the cache under that name, so that a changed row is made anew.
keyed() { echo "$1-$(cksum <<<"$*" | cut -d' ' -f1)"; }

# root_row NAME: sets r_suites, r_packages and r_dir.
root_row()
{
	local name
	while read -r name r_suites r_packages; do
		[[ $name == "$1" ]] || continue
		r_dir=$cache/roots/$(keyed "$name" "$r_suites" "$r_packages")
		return
	done < <(table roots)
	die "no root $1 in $vm/roots"
}

# kernel_row NAME: sets k_name, k_suites, k_packages and k_root from the table,
# and k_dir, where that kernel lies once it is fetched.
kernel_row()
{
	local name row_arch
	while read -r name row_arch k_suites k_packages k_root; do
		[[ $row_arch == "$arch" ]] || continue
		k_dir=$cache/kernels/$arch/$(keyed "$name" "$k_suites" "$k_packages")
		k_name=$name
		[[ $name == "$1" ]] && return
		# A row with a word for a name answers to its version, too.
		if [[ $name != [0-9]* && $1 == [0-9]* ]]; then
			"$vm/fetch-kernel" "$name"
			[[ $(series "$k_dir") == "$1" ]] && return
		fi
	done < <(table kernels)
	die "no kernel $1 for $arch in $vm/kernels"
}

# pick_kernels NAME...: sets kernels; "all" stands for every row of the table.
pick_kernels()
{
	kernels=("$@")
	[[ "$*" != all ]] || mapfile -t kernels < <(table kernels |
		awk -v arch="$arch" '$2 == arch { print $1 }')
}

# series DIR: the "7.2" of a fetched kernel.
series() { cut -d. -f1,2 "$1/release"; }

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
