#!/bin/sh
# Compiles OATH and TokenCore with Embedded Swift for a Cortex-M0+ and links them with no allocator.
# Whatever in them takes memory from a heap is then an undefined symbol, and fails this.
# Writes into .build/embedded alone. Usage: Firmware/LinkCheck/check.sh
set -eu

cd "$(dirname "$0")/../.."
triple=armv6m-none-none-eabi
out=.build/embedded

fail() {
  echo "link check: $*" >&2
  exit 1
}

command -v swiftc >/dev/null || fail "swiftc is not on the PATH; install Swift 6.3 (swift.org/install)"
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
resources=$(swiftc -print-target-info -target $triple | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
[ -f "$resources/embedded/Swift.swiftmodule/$triple.swiftmodule" ] ||
  fail "this Swift has no standard library for $triple; Swift 6.3 from swift.org has (yours: $(swiftc --version 2>/dev/null | head -n 1))"
for tool in clang ld.lld llvm-nm llvm-objdump; do
  [ -x "$tools/$tool" ] || fail "the Swift toolchain in $tools has no $tool"
done

mkdir -p $out

# NAME SOURCE...: one module, an object and what the next modules import.
module() {
  name=$1
  shift
  swiftc -target $triple -module-name "$name" -swift-version 6 -wmo -Osize -parse-as-library \
    -enable-experimental-feature Embedded -enable-experimental-feature RawLayout \
    -Xfrontend -function-sections -Xfrontend -disable-stack-protector \
    -Xcc -mcpu=cortex-m0plus -Xcc -Xclang -Xcc -target-feature -Xcc -Xclang -Xcc +atomics-32 \
    -I $out -emit-module -emit-module-path "$out/$name.swiftmodule" -c -o "$out/$name.o" "$@"
}

# FILE.S
assemble() {
  "$tools/clang" --target=$triple -mcpu=cortex-m0plus -c -o "$out/$(basename "$1" .S).o" "$1"
}

module OATH $(find Sources/OATH -name '*.swift' | sort)
module TokenCore $(find Sources/TokenCore -name '*.swift' | sort)
module LinkCheck Firmware/LinkCheck/*.swift
for source in Firmware/Runtime/*.S Firmware/LinkCheck/startup.S; do assemble "$source"; done

image=$out/linkcheck.elf
"$tools/ld.lld" --gc-sections -T Firmware/LinkCheck/link.ld -Map=$out/linkcheck.map -o $image \
  $out/OATH.o $out/TokenCore.o $out/LinkCheck.o $out/memory.o $out/arithmetic.o $out/startup.o ||
  fail "it does not link: see the undefined symbols above; an allocator's mean that something uses the heap"

# The linker would have said so; this is for the day when somebody adds an allocator to the runtime.
heap='swift_allocObject|swift_slowAlloc|malloc|calloc|realloc|posix_memalign|aligned_alloc|free'
if "$tools/llvm-nm" $image | grep -E " ($heap)\$"; then
  fail "the image holds the functions above: something in it uses the heap"
fi

# SECTION: its bytes in the image.
size() {
  hexadecimal=$("$tools/llvm-objdump" -h $image | awk -v name="$1" '$2 == name { print $3 }')
  echo $((0x${hexadecimal:-0}))
}

text=$(size .text) rodata=$(size .rodata) data=$(size .data) bss=$(size .bss)
echo "link check: text $text, rodata $rodata, data $data, bss $bss:" \
  "$((text + rodata + data)) bytes of flash for all of OATH and TokenCore, and no allocator"
