# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What all scripts of ../ share; each sources it first. The functions for one
# noun are in the other files here.

set -euo pipefail
export LC_ALL=C.UTF-8
umask 022
# Builds started from here must not inherit the flags of a make that started us.
unset MAKEFLAGS MFLAGS MAKELEVEL

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
top=$(cd "$vm/../.." && pwd)
tables=$vm/tables
build=$top/build
cache=${MMSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mmscope}
host=$(uname -m | sed s/aarch64/arm64/)

# What differs between architectures, for every kernel of one.
declare -A deb_arch=([x86_64]=amd64 [arm64]=arm64)
declare -A cross=([x86_64]=x86_64-linux-gnu- [arm64]=aarch64-linux-gnu-)
declare -A qemu=([x86_64]=qemu-system-x86_64 [arm64]=qemu-system-aarch64)
declare -A board=([x86_64]=q35 [arm64]='virt,mte=on')
# The pointer signing algorithm of the architecture would take half of QEMU's time.
declare -A cpu_features=([x86_64]=la57=off [arm64]='lpa2=off,pauth-impdef=on')
# With these, Linux copies and clears memory byte by byte.
declare -A byte_copies=([x86_64]='erms=off,fsrm=off,fsrs=off,fzrm=off,' [arm64]='')
# Emulated, these would take a tenth of the time each: copies by bytes, and smap, with
# which accesses to user memory end translated blocks.
declare -A slow_features=([x86_64]="${byte_copies[x86_64]}smap=off," [arm64]='')
declare -A console=([x86_64]=ttyS0 [arm64]=ttyAMA0)

# The descriptor that say() writes to; start_log() changes it.
user=2

say() { echo "mmscope: $*" >&"$user"; }
die() { say "$*"; exit 1; }

# table NAME: the rows of a table, without comments.
table() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$tables/$1"; }

# start_log NAME: sends the rest of the script's output to a log in the cache. If
# the script fails, the end of that log is shown. say() still reaches the user.
start_log()
{
	log=$cache/log/$1
	mkdir -p "$cache/log"
	exec {user}>&2 >"$log" 2>&1 </dev/null
	trap 'show_log_of_failure $?' EXIT
}

show_log_of_failure()
{
	[[ $1 -ne 0 ]] || return 0
	tail -n 30 "$log" >&"$user"
	say "$(basename "$0") failed; the full output is in $log"
}

# lock NAME: waits until no other process makes NAME in the cache. The lock is held
# until this process ends. Fails if this process holds it already.
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

# cache_key ROW...: a short name for a row of a table. Files made from the row lie in
# the cache under that name, so a changed row gets new ones.
cache_key() { echo "$1-$(cksum <<<"$*" | cut -d' ' -f1)"; }

# readme_table NAME COMMAND...: replaces the table in README.md that follows the
# comment NAME with the command's output.
readme_table()
{
	local rows=$build/$1
	"${@:2}" >"$rows"
	sed -i -e "/^<!-- $1:/,/^<!-- end -->/ {
		/^<!--/!d
		/^<!-- $1:/r $rows
	}" "$top/README.md"
}

# ext4_image FOLDER IMAGE: an image that is only mounted read-only: it needs neither a
# journal nor reserved blocks.
ext4_image()
{
	local size
	size=$(du -sm "$1" | cut -f1)
	rm -f "$2"
	truncate -s $((size * 5 / 4 + 32))M "$2"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$1" "$2"
}

. "$vm/lib/apt.sh"
. "$vm/lib/roots.sh"
. "$vm/lib/kernels.sh"
. "$vm/lib/machines.sh"
