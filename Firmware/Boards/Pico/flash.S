// Everything that is done with the flash chip while code cannot be read from it. It all lies in RAM, calls
// nothing but the boot ROM, and runs with interrupts off.

  .syntax unified
  .cpu cortex-m0plus
  .thumb

#include "xip.inc"

  // RP2040 data sheet, 2.8.3: halfwords that point to the table of functions and to what looks into it.
  .equ ROM_TABLE, 0x14
  .equ ROM_LOOKUP, 0x18

  // RP2040 data sheet, 2.19.6.2: the select line's control, and its fields OUTOVER and OEOVER.
  .equ SELECT_CONTROL, 0x4001800c
  .equ DRIVE_LOW, 2 << 8
  .equ DRIVE_HIGH, 3 << 8
  .equ DRIVE_NOT, 2 << 12
  // 2.3.1.7: the levels of the flash's pins. The select line is the second.
  .equ SIO_GPIO_HI_IN, 0xd0000008
  .equ SELECT_LEVEL, 1 << 1

  .equ SSI_SR_RECEIVED, 1 << 3

  .equ SECTOR_SIZE, 4096
  .equ PAGE_SIZE, 256
  // A larger unit that the ROM may erase with the command after it; never wanted here.
  .equ BLOCK_SIZE, 65536
  .equ BLOCK_ERASE, 0xd8
  // Read Unique ID: command, 4 bytes of nothing, 8 bytes.
  .equ READ_UNIQUE_ID, 0x4b
  .equ BYTES_BEFORE_ID, 5

  .macro function name
  .section .ramtext.\name, "ax", %progbits
  .global \name
  .type \name, %function
  .thumb_func
\name:
  .endm

  // Calls the boot ROM's function of that name with r0 to r3. Uses r4 and r5.
  .macro rom first, second
  ldr r5, =(\first | \second << 8)
  bl call_rom
  .endm

// The function whose name is in r5, with r0 to r3 as they are.
function call_rom
  push {r0-r3, lr}
  movs r4, #ROM_TABLE
  ldrh r0, [r4]
  movs r1, r5
  movs r4, #ROM_LOOKUP
  ldrh r2, [r4]
  blx r2
  movs r4, r0
  pop {r0-r3}
  blx r4
  pop {pc}

// Ends the reading of code from flash. r7 keeps PRIMASK for show_flash_again.
function hide_flash
  mov r6, lr
  mrs r7, primask
  cpsid i
  rom 'I', 'F'
  rom 'E', 'X'
  bx r6

// Empties the cache, which also gives the select line back to the SSI, and lets code be read again.
function show_flash_again
  mov r6, lr
  rom 'F', 'C'
  show_flash
  msr primask, r7
  bx r6

// r0 offset of the sector.
function flash_erase_sector
  push {r0, r4-r7, lr}
  bl hide_flash
  ldr r0, [sp]
  ldr r1, =SECTOR_SIZE
  ldr r2, =BLOCK_SIZE
  movs r3, #BLOCK_ERASE
  rom 'R', 'E'
  bl show_flash_again
  pop {r0, r4-r7, pc}

// r0 offset of the page, r1 the page, in RAM.
function flash_program_page
  push {r0, r1, r4-r7, lr}
  bl hide_flash
  ldr r0, [sp]
  ldr r1, [sp, #4]
  ldr r2, =PAGE_SIZE
  rom 'R', 'P'
  bl show_flash_again
  pop {r0, r1, r4-r7, pc}

// Returns the bytes in r1:r0, the first in the lowest. The ROM has left the SSI in plain mode, a byte
// out and a byte in at a time.
function flash_unique_id
  push {r4-r7, lr}
  bl hide_flash
  movs r0, #DRIVE_LOW >> 8
  bl drive_select
  movs r0, #READ_UNIQUE_ID
  movs r4, #BYTES_BEFORE_ID
.Lpass_byte:
  bl exchange_byte
  movs r0, #0
  subs r4, #1
  bne .Lpass_byte
  // The bytes come in at the top of r5:r4 and move down.
  movs r5, #0
  movs r3, #8
.Lid_byte:
  lsrs r4, r4, #8
  lsls r0, r5, #24
  orrs r4, r0
  lsrs r5, r5, #8
  movs r0, #0
  bl exchange_byte
  lsls r0, r0, #24
  orrs r5, r0
  subs r3, #1
  bne .Lid_byte
  movs r0, #DRIVE_HIGH >> 8
  bl drive_select
  push {r4, r5}
  bl show_flash_again
  pop {r0, r1}
  pop {r4-r7, pc}

// r0 what to do with the select line: OUTOVER.
function drive_select
  ldr r1, =SELECT_CONTROL
  ldr r2, [r1]
  movs r3, #3
  lsls r3, r3, #8
  bics r2, r3
  lsls r0, r0, #8
  orrs r2, r0
  str r2, [r1]
  bx lr

// r0 a byte to send; returns the one received. Uses r1 and r2.
function exchange_byte
  ldr r1, =SSI
  str r0, [r1, #SSI_DR0]
.Lawait_byte:
  ldr r2, [r1, #SSI_SR]
  lsrs r2, r2, #4
  bcc .Lawait_byte
  ldr r0, [r1, #SSI_DR0]
  uxtb r0, r0
  bx lr

// Returns 1 if something, namely BOOTSEL, pulls the select line low while nobody drives it.
function flash_select_is_low
  push {r4, lr}
  mrs r4, primask
  cpsid i
  ldr r1, =SELECT_CONTROL
  ldr r3, [r1]
  ldr r2, =DRIVE_NOT
  orrs r2, r3
  str r2, [r1]
  // 20 µs: the pull-up is weak, and the line may just have been low. Three cycles a turn, 48 MHz.
  ldr r2, =320
.Lsettle:
  subs r2, #1
  bne .Lsettle
  ldr r0, =SIO_GPIO_HI_IN
  ldr r0, [r0]
  str r3, [r1]
  lsrs r0, r0, #1
  movs r1, #1
  bics r1, r0
  movs r0, r1
  msr primask, r4
  pop {r4, pc}
