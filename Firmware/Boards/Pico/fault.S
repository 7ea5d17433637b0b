// What the Pico does about a trap: it remembers where, and has the watchdog reset the whole chip, so that
// the USB controller, too, begins anew.

  .syntax unified
  .cpu cortex-m0plus
  .thumb

  // RP2040 data sheet, 4.7.6. The scratch registers outlive the reset; the boot ROM uses the last four.
  .equ WATCHDOG_SET, 0x4005a000
  .equ TRIGGER, 1 << 31
  .equ WATCHDOG_SCRATCH0, 0x4005800c
  .equ TRAPPED, 0x50415254

// r0 the instruction, r1 where its function would have returned to. Scratch 0 is "TRAP", 1 and 2 are those.
  .section .text.board_fault, "ax", %progbits
  .global board_fault
  .type board_fault, %function
  .thumb_func
board_fault:
  ldr r2, =WATCHDOG_SCRATCH0
  ldr r3, =TRAPPED
  str r3, [r2]
  str r0, [r2, #4]
  str r1, [r2, #8]
  ldr r2, =WATCHDOG_SET
  ldr r3, =TRIGGER
  str r3, [r2]
  b .
