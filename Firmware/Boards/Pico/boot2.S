// The second-stage boot: the first 256 bytes of the flash, of which the last four are a checksum that `seal`
// writes. The boot ROM checks it, copies it to 0x20041f00 and calls it, with the flash not yet readable in
// place (RP2040 data sheet, 2.8.1.3).

  .syntax unified
  .cpu cortex-m0plus
  .thumb

#include "xip.inc"

  // ARMv6-M Architecture Reference Manual, B3.2.5.
  .equ VTOR, 0xe000ed08
  .equ VECTORS, 0x10000100

  .section .boot2, "ax", %progbits
  .thumb_func
  .global boot2
boot2:
  show_flash
  ldr r0, =VECTORS
  ldr r1, =VTOR
  str r0, [r1]
  ldmia r0!, {r1, r2}
  msr msp, r1
  bx r2
  .ltorg
  .org 252
  .word 0
