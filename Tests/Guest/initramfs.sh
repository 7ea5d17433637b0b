#!/usr/bin/env bash
# Packs what the guest runs: busybox, the kernel modules that it loads, usbip, the programs named, and
# all libraries of these.
# Usage: initramfs.sh KERNEL_FOLDER OUTPUT PROGRAM...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 output=$2
shift 2
version=$(cat "$kernel/version")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,proc,sys,tmp,run,var/run,root,lib/modules/"$version",usr/lib/x86_64-linux-gnu/gconv}

cp /bin/busybox "$root/bin/busybox"
cp "$here/init" "$here/checks.sh" "$here/../Bodies/body.sh" "$root/"
chmod +x "$root/init"

# Modules with all that they need, in the order in which they are to be loaded.
: >"$root/modules"
for module in xhci-pci usbhid hid-generic uhid vhci-hcd; do
  modprobe -d "$kernel/root" -S "$version" --show-depends "$module" |
    sed -n 's/^insmod \([^ ]*\).*/\1/p' >>"$root/modules.all"
done
awk '!seen[$0]++' "$root/modules.all" | while read -r file; do
  name=$(basename "$file")
  case $name in
    *.xz) xz -dc "$file" >"$root/lib/modules/${name%.xz}" && name=${name%.xz} ;;
    *) cp "$file" "$root/lib/modules/$name" ;;
  esac
  echo "/lib/modules/$name" >>"$root/modules"
done
rm "$root/modules.all"

# A program, stripped, and the libraries that it loads.
add() {
  local name=$2
  strip -o "$root/bin/$name" "$1" 2>/dev/null || cp "$1" "$root/bin/$name"
  ldd "$1" 2>/dev/null | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) { print $i; break } }' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    [ -e "$root$library" ] || cp -L "$library" "$root$library"
  done
}
for program in "$@"; do add "$program" "$(basename "$program")"; done
add "$kernel/root/usr/sbin/usbip" usbip
mkdir -p "$root/usr/share/hwdata" && : >"$root/usr/share/hwdata/usb.ids"
# libusb's hidapi turns strings round with iconv.
cp /usr/lib/x86_64-linux-gnu/gconv/{UTF-16.so,gconv-modules} "$root/usr/lib/x86_64-linux-gnu/gconv/"

(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$output"
