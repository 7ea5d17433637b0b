# Not a board: counts what a code costs, on QEMU's micro:bit. See Firmware/measure.
module_name=Measure
needs=''
flash_limit=$((192 * 1024))
ram_limit=$((16 * 1024))
stack_size=$((4 * 1024))
