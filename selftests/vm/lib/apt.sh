# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# Debian packages of any suite and architecture, without touching the machine's
# own apt configuration.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# mirror SUITE: the URI that serves SUITE. It comes from the machine's own apt
# configuration, so a local mirror is used and no mirror is named here.
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
	# A new machine knows no mirrors before its first update.
	mirror "${1%%,*}" >/dev/null || apt-get update >&2
	for suite in ${1//,/ }; do
		if uri=$(mirror "$suite"); then
			echo "deb [signed-by=$keyring] $uri $suite main"
		elif [[ $suite != *-* ]]; then
			die "apt is not set up for Debian packages: no mirror for $suite"
		fi
	done
}

# private_apt SUITES ARCH: sets the array apt to options that make apt use only
# those suites, with its state in the cache. The machine's sources, pins and
# package lists stay unchanged; its proxy settings are used.
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
