#!/bin/bash
# Runs the unit tests of a 32-bit build, of the packages that are the arguments: of 386 where the kernel can run it. Some kernels in virtual
# machines cannot; there the tests are those of 32-bit ARM, run by QEMU, for which the kernel has to know of QEMU. Root may tell it, and what
# was told is taken back at the end.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
go=${GO:-go}
export CGO_ENABLED=0

# What QEMU's emulation of a process has no call for: these start a worker in a control group, and become a subreaper. They run in the
# build of the machine itself.
emulated_no=(integration/bench)
skipped='^(TestExitStatusOfTheOneThatServes|TestTheOneThatServesEndsWithTheOther|TestOrphans|TestSignalsReachTheOneThatServes|TestSocketsReachTheOneThatServes)$'

dir=$(mktemp -d)
binfmt=/proc/sys/fs/binfmt_misc
mounted=
registered=

put_back() {
	rm -rf "$dir"
	if [ -n "$registered" ] && [ -e "$registered" ]; then echo -1 >"$registered" || true; fi
	if [ -n "$mounted" ]; then umount "$binfmt" 2>/dev/null || true; fi
}
trap put_back EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# runs ARCH tells whether programs of an architecture run here.
runs() { GOARCH=$1 $go build -o "$dir/$1" ./integration/bench/least && "$dir/$1" >/dev/null 2>&1; }

# register tells the kernel of QEMU.
register() {
	if [ "$(id -u)" != 0 ]; then return; fi
	if [ ! -e "$binfmt/register" ]; then
		mounted=yes
		mount -t binfmt_misc binfmt_misc "$binfmt" || return 0
	fi
	if [ ! -e "$binfmt/qemu-arm" ]; then
		registered=$binfmt/qemu-arm
		cat /usr/lib/binfmt.d/qemu-arm.conf >"$binfmt/register" || return 0
	fi
}

if runs 386; then
	GOARCH=386 $go test -shuffle=on "$@"
	exit
fi
echo "this kernel cannot run 386 programs: the 32-bit build that is tested is that of ARM, under QEMU"
integration/packages.sh integration/emulation.txt
runs arm || register
if ! runs arm; then
	echo "this kernel cannot run 386 programs, so 32-bit builds cannot be tested; nor does it run those of ARM, which root can let it do" >&2
	exit 1
fi
packages=()
for p in "$@"; do
	for no in "${emulated_no[@]}"; do
		if [[ $p == */$no ]]; then continue 2; fi
	done
	packages+=("$p")
done
# A process that QEMU forks off one with many threads may wait for ever for a lock of QEMU's own that another thread held, before it is
# another program. Such packages, and no others, are tried again.
export GOTMPDIR=$dir
for try in 1 2 3; do
	if GOARCH=arm $go test -shuffle=on -timeout 4m -skip "$skipped" "${packages[@]}" 2>&1 | tee "$dir/out"; then exit; fi
	mapfile -t stuck < <(awk -F'\t' '
		/^panic: test timed out/ { late = 1 }
		/^syscall\.forkExec\(/ { forks = 1 }
		/^FAIL\t/ { print (late && forks) ? $2 : "failed" }
		/^(FAIL|ok  )\t/ { late = forks = 0 }' "$dir/out")
	pkill -KILL -f "$dir/" || true
	if [ ${#stuck[@]} = 0 ] || [[ " ${stuck[*]} " == *" failed "* ]]; then exit 1; fi
	echo "QEMU did not get through a fork; once more: ${stuck[*]}" >&2
	packages=("${stuck[@]}")
done
exit 1
