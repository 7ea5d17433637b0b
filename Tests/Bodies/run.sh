#!/usr/bin/env bash
# Asks the same of every body of the token: the flows of an account, and all of 'fob check'; and prints one table.
# Those on a kernel's USB were asked in the guest, whose transcript has their results.
# Usage: run.sh FOB FIRMWARE_FOLDER GUEST_TRANSCRIPT WORK_FOLDER
# A check that fails is a result, and no reason to stop.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fob=$(realpath "$1") firmware=$(realpath "$2") transcript=$3
mkdir -p "$4" || exit 1
work=$(realpath "$4")
# shellcheck source=body.sh
. "$here/body.sh"

# fob takes no file with a secret that others could read.
umask 077
place=$(mktemp -d /tmp/fob-bodies-XXXXXX)
trap 'rm -rf "$place"' EXIT
cp "$firmware/Pico.uf2" "$firmware/Microbit.elf" "$place" || exit 1

# The body that takes longest has its own process beside the others.
(
  export FOB_TOKEN=pico-emulated:$place/Pico.uf2
  body pico-emulated hotp "$fob"
) >"$work/pico-emulated" &
slowest=$!
{
  export FOB_TOKEN=sim:$place/token.image
  "$fob" sim run --image "$place/token.image" --socket "$place/first" -- true 2>/dev/null
  body loopback totp "$fob"
  FOB_TOKEN=qemu:$place/Microbit.elf
  body qemu hotp "$fob"
} >"$work/loopback"
"$fob" sim run --memory --socket "$place/socket" -- \
  bash -c '. "$1/body.sh"; body socket totp "$2"' bash "$here" "$fob" >"$work/socket"
wait "$slowest"

grep '^body ' "$transcript" >"$work/guest"
cat "$work/loopback" "$work/socket" "$work/pico-emulated" "$work/guest" >"$work/results"
awk -v bodies='loopback,socket,qemu,pico-emulated,usbredir,firmware on usbredir,USB/IP,uhid' \
  -f "$here/table.awk" "$work/results" >"$work/table.md"
status=$?
cat "$work/table.md"
exit $status
