#!/bin/bash
# Installs the packages that are missing of a list: packages.txt, or the file that is the argument.
#
# No service starts: a policy-rc.d holds the packages' own start-up back while they install, and what stood in
# its place is put back at the end, also after a failure. What the packages enabled is disabled again.
# Nothing missing: nothing is done, and the network is not used.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=${1:-$here/packages.txt}
root=${DPKG_ROOT:-}
policy=$root/usr/sbin/policy-rc.d
saved=$policy.before-postern
marker='postern: packages install without starting services'

wanted() { sed -e 's/#.*//' "$list" | xargs -n1; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing() {
	local name
	for name in $(wanted); do
		installed "$name" || echo "$name"
	done
}

# The links by which systemd and the rc directories start a service at boot.
enabled() {
	{ find "$root/etc" -type l \( -path '*/systemd/system/*.wants/*' -o -path '*/systemd/system/*.requires/*' \
		-o -path '*/rc[2-5].d/S*' \) 2>/dev/null || true; } | sort
}

service() { basename "$1" | sed -E -e 's/^S[0-9]{2}//' -e 's/\.service$//'; }

# A run that was killed may have left its policy, and what it replaced, behind.
restore_policy() {
	if grep -qs "$marker" "$policy"; then rm -f "$policy"; fi
	if [ -e "$saved" ] || [ -L "$saved" ]; then mv -f "$saved" "$policy"; fi
}

hold_services_back() {
	restore_policy
	if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$saved"; fi
	printf '#!/bin/sh\n# %s\nexit 101\n' "$marker" >"$policy"
	chmod 755 "$policy"
}

disable_new() {
	local link
	enabled | comm -13 <(echo "$before") - | while read -r link; do service "$link"; done | sort -u |
		while read -r name; do
			echo "packages.sh: disabling $name, which its package enabled"
			systemctl --quiet disable "$name" 2>/dev/null || update-rc.d "$name" disable
		done
}

put_back() {
	local status=$?
	trap - EXIT
	restore_policy
	disable_new || status=1
	exit "$status"
}

packages=$(wanted) || exit 1
if [ -z "$packages" ]; then
	echo "packages.sh: $list names no package" >&2
	exit 1
fi
if ! command -v dpkg-query >/dev/null; then
	echo "packages.sh: this is no Debian system; install the equivalents of:" $packages >&2
	exit 1
fi
packages=$(missing)
if [ -z "$packages" ]; then
	exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "packages.sh: missing packages:" $packages >&2
	echo "packages.sh: run this as a user who may: sudo ${BASH_SOURCE[0]}${1:+ $1}" >&2
	exit 1
fi

exec 9>"$root/run/lock/postern-packages"
flock 9
before=$(enabled)
trap put_back EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
hold_services_back
export DEBIAN_FRONTEND=noninteractive
echo "packages.sh: installing" $packages
apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null 9>&-
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $packages </dev/null 9>&-
packages=$(missing)
if [ -n "$packages" ]; then
	echo "packages.sh: still missing:" $packages >&2
	exit 1
fi
