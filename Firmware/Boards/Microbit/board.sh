# The BBC micro:bit as QEMU has it: see MicrobitBoard.swift.
module_name=MicrobitBoard
needs='SerialFraming'
flash_limit=$((64 * 1024))
ram_limit=$((16 * 1024))
stack_size=$((15 * 1024))
