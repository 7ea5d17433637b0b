#!/bin/sh
# Compiles OATH and TokenCore with Embedded Swift for a Cortex-M0+ and links them with no allocator.
# Whatever in them takes memory from a heap is then an undefined symbol, and fails this. The images in
# Firmware/Boards link what a token uses; this links everything.
# Writes into .build/embedded alone. Usage: Firmware/LinkCheck/check.sh
set -eu

cd "$(dirname "$0")/../.."
out=.build/embedded
. Firmware/toolchain.sh
mkdir -p $out

module OATH $(sources Sources/OATH)
module TokenCore $(sources Sources/TokenCore)
module LinkCheck Firmware/LinkCheck/*.swift
for source in Firmware/Runtime/*.S; do assemble "$source" "$out/$(basename "$source" .S).o"; done

image=$out/linkcheck.elf
link Firmware/Runtime/sections.ld $image -L Firmware/LinkCheck --defsym=stack_size=4096 \
  $out/OATH.o $out/TokenCore.o $out/LinkCheck.o $out/memory.o $out/arithmetic.o $out/startup.o

text=$(size $image .text) rodata=$(size $image .rodata)
echo "link check: text $text, rodata $rodata:" \
  "$((text + rodata)) bytes of flash for all of OATH and TokenCore, and no allocator"
