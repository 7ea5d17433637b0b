# The Raspberry Pi Pico: see Pico.swift.
module_name=PicoBoard
flash_limit=$((54 * 1024))
ram_limit=$((16 * 1024))
stack_size=$((16 * 1024 - 512))

# The boot ROM runs no second stage whose checksum is not right. .bin is what the flash holds, .uf2 what is
# dropped on the Pico's drive.
finish() {
  pico=Firmware/Boards/Pico
  "$tools/llvm-objcopy" --dump-section .boot2="$out/boot2" "$1" "$out/unsealed.elf"
  $pico/seal "$out/boot2"
  "$tools/llvm-objcopy" --update-section .boot2="$out/boot2" "$out/unsealed.elf" "$1"
  "$tools/llvm-objcopy" -O binary "$1" "${1%.elf}.bin"
  $pico/uf2 "${1%.elf}.bin" "${1%.elf}.uf2"
  rm "$out/boot2" "$out/unsealed.elf"
}
