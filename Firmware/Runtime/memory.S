// Filling and copying memory, for a Cortex-M0+: what the compiler calls where the language copies a
// value. Words where both addresses are aligned, since an unaligned one faults on this processor.
// Names and arguments: Run-time ABI for the Arm Architecture, 4.3.4.

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

  .macro alias name, target
  .global \name
  .thumb_set \name, \target
  .endm

// r0 destination, r1 source, r2 count; returns the destination. They do not overlap.
function memcpy
  push {r0, lr}
  movs r3, r0
  orrs r3, r1
  lsls r3, r3, #30
  bne .Lcopy_byte
.Lcopy_word:
  subs r2, #4
  blo .Lcopy_tail
  ldmia r1!, {r3}
  stmia r0!, {r3}
  b .Lcopy_word
.Lcopy_tail:
  adds r2, #4
.Lcopy_byte:
  subs r2, #1
  blo .Lcopy_done
  ldrb r3, [r1]
  strb r3, [r0]
  adds r1, #1
  adds r0, #1
  b .Lcopy_byte
.Lcopy_done:
  pop {r0, pc}
  alias __aeabi_memcpy, memcpy
  alias __aeabi_memcpy4, memcpy
  alias __aeabi_memcpy8, memcpy

// As memcpy, but they may overlap: from the end where the destination begins within the source.
function memmove
  subs r3, r0, r1
  cmp r3, r2
  bhs .Lmove_forwards
.Lmove_byte:
  subs r2, #1
  blo .Lmove_done
  ldrb r3, [r1, r2]
  strb r3, [r0, r2]
  b .Lmove_byte
.Lmove_done:
  bx lr
.Lmove_forwards:
  ldr r3, =memcpy
  bx r3
  alias __aeabi_memmove, memmove
  alias __aeabi_memmove4, memmove
  alias __aeabi_memmove8, memmove

// r0 destination, r1 byte, r2 count; returns the destination.
function memset
  push {r0, lr}
  uxtb r1, r1
  lsls r3, r1, #8
  orrs r1, r3
  lsls r3, r1, #16
  orrs r1, r3
  lsls r3, r0, #30
  bne .Lset_byte
.Lset_word:
  subs r2, #4
  blo .Lset_tail
  stmia r0!, {r1}
  b .Lset_word
.Lset_tail:
  adds r2, #4
.Lset_byte:
  subs r2, #1
  blo .Lset_done
  strb r1, [r0]
  adds r0, #1
  b .Lset_byte
.Lset_done:
  pop {r0, pc}

// The same with the arguments in the ABI's order: r0 destination, r1 count, r2 byte.
function __aeabi_memset
  movs r3, r1
  movs r1, r2
  movs r2, r3
  ldr r3, =memset
  bx r3
  alias __aeabi_memset4, __aeabi_memset
  alias __aeabi_memset8, __aeabi_memset

// r0 destination, r1 count.
function __aeabi_memclr
  movs r2, r1
  movs r1, #0
  ldr r3, =memset
  bx r3
  alias __aeabi_memclr4, __aeabi_memclr
  alias __aeabi_memclr8, __aeabi_memclr

// r0, r1 what to compare, r2 count; below, equal to or above zero in r0, by the first difference.
function memcmp
  push {r4, lr}
.Lcompare_byte:
  subs r2, #1
  blo .Lcompare_equal
  ldrb r3, [r0]
  ldrb r4, [r1]
  adds r0, #1
  adds r1, #1
  cmp r3, r4
  beq .Lcompare_byte
  subs r0, r3, r4
  pop {r4, pc}
.Lcompare_equal:
  movs r0, #0
  pop {r4, pc}
