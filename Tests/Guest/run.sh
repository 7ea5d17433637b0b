#!/usr/bin/env bash
# The guest check: boots a stock Debian kernel in QEMU, gives it the simulated token through usbredir, USB/IP
# and uhid in turn, and runs fob there, in its hidraw and its libusb build. Its transcript is the output.
# Usage: run.sh FOB_HIDRAW FOB_LIBUSB WORK_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
hidraw=$(realpath "$1") libusb=$(realpath "$2")
mkdir -p "$3"
work=$(realpath "$3")

"$here/kernel.sh" "$work/kernel"
programs=$(mktemp -d /tmp/fob-guest-XXXXXX)
simulator=''
finish() {
  [ -z "$simulator" ] || kill "$simulator" 2>/dev/null || true
  rm -rf "$programs"
}
trap finish EXIT
cp "$hidraw" "$programs/fob-hidraw"
cp "$libusb" "$programs/fob-libusb"
cp "$(command -v oathtool)" "$programs/oathtool"
"$here/initramfs.sh" "$work/kernel" "$work/initramfs" \
  "$programs/fob-hidraw" "$programs/fob-libusb" "$programs/oathtool"

# The token behind usbredir runs out here; the guest reaches its control channel at its second serial port.
"$hidraw" sim usbredir --memory --socket "$programs/redir" --wire "$programs/token" \
  --record "$work/usbredir.pcapng.new" >"$work/simulator.log" 2>&1 &
simulator=$!
for _ in $(seq 100); do
  [ -S "$programs/redir" ] && [ -S "$programs/token.control" ] && break
  sleep 0.1
done

status=0
timeout --kill-after=5 150 qemu-system-x86_64 -M q35 -accel tcg -cpu max -m 512 -smp 1 \
  -nodefaults -no-reboot -display none \
  -kernel "$work/kernel/vmlinux" -initrd "$work/initramfs" -append 'console=ttyS0 quiet panic=-1' \
  -serial stdio \
  -chardev "socket,id=control,path=$programs/token.control" -serial chardev:control \
  -device qemu-xhci -chardev "socket,id=redir,path=$programs/redir" -device usb-redir,chardev=redir \
  </dev/null | tr -d '\r' | tee "$work/transcript" || status=$?
mv -f "$work/usbredir.pcapng.new" "$work/usbredir.pcapng"

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
