// From reset to main, and from a trap back to reset.
//
// A board adds its own vectors behind these sixteen (section .vectors.board). Interrupts stay masked:
// a device that wants attention ends wait_for_interrupt, and the main loop looks after it.

  .syntax unified
  .cpu cortex-m0plus
  .thumb

  .macro function name
  .section .text.\name, "ax", %progbits
  .global \name
  .type \name, %function
  .thumb_func
\name:
  .endm

  .equ STACK_PAINT, 0xa5a5a5a5
  // ARMv6-M Architecture Reference Manual, B3.2.6: AIRCR, its key, and SYSRESETREQ.
  .equ AIRCR, 0xe000ed0c
  .equ RESET_REQUEST, 0x05fa0004

  .section .vectors, "a", %progbits
  .word stack_top
  .word reset
  .rept 14
  .word fault
  .endr

// The stack is painted, so that it can be seen afterwards how deep it went.
function reset
  cpsid i
  ldr r0, =stack_bottom
  ldr r1, =stack_top
  ldr r2, =STACK_PAINT
.Lpaint:
  stmia r0!, {r2}
  cmp r0, r1
  blo .Lpaint
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
  bl fault

// A Swift trap, an access that the processor refuses, or an exception that nobody asked for. The
// exception has put r0-r3, r12, lr, pc and the status on the stack. What the board wants to say about it
// is said on what is left of the stack, and then everything begins anew.
function fault
  ldr r0, [sp, #24]
  ldr r1, [sp, #20]
  bl board_fault
  b restart

// What a board does not say.
  .weak board_fault
  .section .text.board_fault, "ax", %progbits
  .type board_fault, %function
  .thumb_func
board_fault:
  bx lr

function restart
  ldr r0, =AIRCR
  ldr r1, =RESET_REQUEST
  dsb
  str r1, [r0]
  dsb
  b .

// Overwrites what lies below the stack pointer, down to where the stack was never used: the paint there stays, so
// that the stack's depth can still be seen.
function clear_stack
  ldr r0, =stack_top
  ldr r1, =stack_size
  subs r0, r0, r1
  ldr r2, =STACK_PAINT
.Lpainted:
  ldmia r0!, {r3}
  cmp r3, r2
  beq .Lpainted
  subs r0, r0, #4
  mov r1, sp
  movs r2, #0
.Lclear:
  cmp r0, r1
  bhs .Lcleared
  stmia r0!, {r2}
  b .Lclear
.Lcleared:
  bx lr

function wait_for_interrupt
  dsb
  wfi
  bx lr
