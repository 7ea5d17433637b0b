#!/usr/bin/env bash
# Fetches Debian's stock kernel and usbip as packages, without installing them, and unpacks into
# FOLDER: vmlinux, lib/modules/VERSION, usbip. Does nothing if FOLDER has that kernel already.
# Usage: kernel.sh FOLDER
set -euo pipefail
folder=$1

package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: *//p' | head -n 1)
[ -n "$package" ] || {
  echo "kernel.sh: apt knows no linux-image-amd64; run 'apt-get update'" >&2
  exit 1
}
version=${package#linux-image-}
[ "$(cat "$folder/version" 2>/dev/null)" != "$version" ] || exit 0

rm -rf "$folder"
mkdir -p "$folder/packages" "$folder/root"
(cd "$folder/packages" && apt-get download -qq "$package" usbip 2>/dev/null)
for file in "$folder"/packages/*.deb; do dpkg -x "$file" "$folder/root"; done

# The bzImage's header says where its payload is (Documentation/x86/boot.rst: setup_sects at 0x1f1,
# payload_offset and payload_length at 0x248 and 0x24c): an xz of vmlinux, which QEMU starts
# directly, and in a third of the time.
image=$folder/root/boot/vmlinuz-$version
number() { od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
start=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
length=$(number 0x24c 4)
dd if="$image" of="$folder/payload" bs=1M iflag=skip_bytes,count_bytes skip=$start count="$length" \
  status=none
case $(od -An -t x1 -N 4 "$folder/payload" | tr -d ' ') in
  fd377a58) xz -dc --single-stream <"$folder/payload" ;;
  28b52ffd) zstd -dc <"$folder/payload" ;;
  1f8b*) gzip -dc <"$folder/payload" ;;
  *)
    echo "kernel.sh: the kernel is packed in a way that this script does not know" >&2
    exit 1
    ;;
esac >"$folder/vmlinux" 2>/dev/null || [ -s "$folder/vmlinux" ]

depmod -b "$folder/root" "$version"
rm -rf "$folder/payload" "$folder/packages" "$folder/root/boot"
echo "$version" >"$folder/version"
