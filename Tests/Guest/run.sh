#!/usr/bin/env bash
# The guest check: boots a stock Debian kernel in QEMU, gives it the simulated token through usbredir, USB/IP
# and uhid in turn, and the firmware of a Pico through usbredir, and runs fob there, in its hidraw and its libusb
# build. Its transcript is the output.
# Usage: run.sh FOB_HIDRAW FOB_LIBUSB PICO_IMAGE WORK_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
hidraw=$(realpath "$1") libusb=$(realpath "$2")
image=$(realpath "$3")
mkdir -p "$4"
work=$(realpath "$4")

"$here/kernel.sh" "$work/kernel"
programs=$(mktemp -d /tmp/fob-guest-XXXXXX)
tokens=''
finish() {
  # shellcheck disable=SC2086
  [ -z "$tokens" ] || kill $tokens 2>/dev/null || true
  rm -rf "$programs"
}
trap finish EXIT
cp "$hidraw" "$programs/fob-hidraw"
cp "$libusb" "$programs/fob-libusb"
cp "$(command -v oathtool)" "$programs/oathtool"
cc -O1 -o "$programs/usbreset" "$here/usbreset.c"
"$here/initramfs.sh" "$work/kernel" "$work/initramfs" \
  "$programs/fob-hidraw" "$programs/fob-libusb" "$programs/oathtool" "$programs/usbreset"

# The tokens behind usbredir run out here; the guest reaches their control channels at its second and third serial
# port.
"$hidraw" sim usbredir --memory --socket "$programs/redir" --wire "$programs/token" \
  --record "$work/usbredir.pcapng.new" >"$work/simulator.log" 2>&1 &
tokens=$!
"$hidraw" sim usbredir --firmware "$image" --memory --socket "$programs/pico" --wire "$programs/stick" \
  --record "$work/firmware.pcapng.new" >"$work/firmware.log" 2>&1 &
tokens="$tokens $!"
for _ in $(seq 600); do
  [ -S "$programs/token.control" ] && [ -S "$programs/redir" ] &&
    [ -S "$programs/stick.control" ] && [ -S "$programs/pico" ] && break
  sleep 0.1
done

status=0
timeout --kill-after=5 "${GUEST_SECONDS:-400}" qemu-system-x86_64 -M q35 -accel tcg -cpu max -m 512 -smp 1 \
  -nodefaults -no-reboot -display none \
  -kernel "$work/kernel/vmlinux" -initrd "$work/initramfs" -append 'console=ttyS0 quiet panic=-1' \
  -serial stdio \
  -chardev "socket,id=control,path=$programs/token.control" -serial chardev:control \
  -chardev "socket,id=stick,path=$programs/stick.control" -serial chardev:stick \
  -device qemu-xhci -chardev "socket,id=redir,path=$programs/redir" -device usb-redir,chardev=redir \
  -chardev "socket,id=pico,path=$programs/pico" -device usb-redir,chardev=pico \
  </dev/null | tr -d '\r' | tee "$work/transcript" || status=$?
for record in usbredir firmware; do mv -f "$work/$record.pcapng.new" "$work/$record.pcapng"; done

[ "$status" -eq 0 ] || {
  echo "guest check: the guest did not end by itself (status $status)" >&2
  exit 1
}
grep -q '^guest: end of the checks$' "$work/transcript" || {
  echo "guest check: the guest ended before its checks did" >&2
  exit 1
}
# The line that counts: 'N passed, M failed'.
line=$(sed -n 's/^guest: \([0-9]* passed, [0-9]* failed\)$/\1/p' "$work/transcript")
echo "$line"
case $line in
  '0 passed'*) exit 1 ;;
  *', 0 failed') exit 0 ;;
  *) exit 1 ;;
esac
