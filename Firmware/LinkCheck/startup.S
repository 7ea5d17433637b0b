// From reset to main: variables get their first values, then the program runs.

  .syntax unified
  .cpu cortex-m0plus
  .thumb

  .section .vectors, "a", %progbits
  .word stack_top
  .word reset
  .word stop
  .word stop

  .section .text.reset, "ax", %progbits
  .global reset
  .type reset, %function
  .thumb_func
reset:
  ldr r0, =data_start
  ldr r1, =data_image
  ldr r2, =data_end
  subs r2, r2, r0
  bl memcpy
  ldr r0, =bss_start
  ldr r2, =bss_end
  subs r2, r2, r0
  movs r1, #0
  bl memset
  bl main
  .type stop, %function
  .thumb_func
stop:
  b stop
