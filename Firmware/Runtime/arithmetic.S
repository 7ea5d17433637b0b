// Arithmetic that a Cortex-M0+ has no instruction for.
// Names, arguments and results: Run-time ABI for the Arm Architecture, 4.2 and 4.3.1.
//
// Products and shifts take the same time whatever the operands, as they are used on secrets.
// Divisions do not, and are used on none. A divisor of zero does not arrive here: Swift traps first.

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

// r0 / r1, unsigned: the quotient in r0, the remainder in r1. One bit of the quotient a turn: it
// comes in at the bottom of r0 as the bits of the dividend leave at the top, into the remainder.
function __aeabi_uidivmod
  push {r4, lr}
  movs r2, #0
  movs r4, #32
.Ldivide_bit:
  adds r0, r0, r0
  adcs r2, r2
  bcs .Ldivide_fits
  cmp r2, r1
  blo .Ldivide_next
.Ldivide_fits:
  subs r2, r2, r1
  adds r0, #1
.Ldivide_next:
  subs r4, #1
  bne .Ldivide_bit
  movs r1, r2
  pop {r4, pc}
  alias __aeabi_uidiv, __aeabi_uidivmod

// Signed: by the magnitudes; the quotient is rounded to zero, the remainder has the dividend's sign.
function __aeabi_idivmod
  push {r4, r5, r6, lr}
  asrs r4, r0, #31
  asrs r5, r1, #31
  eors r0, r4
  subs r0, r0, r4
  eors r1, r5
  subs r1, r1, r5
  bl __aeabi_uidivmod
  eors r1, r4
  subs r1, r1, r4
  eors r4, r5
  eors r0, r4
  subs r0, r0, r4
  pop {r4, r5, r6, pc}
  alias __aeabi_idiv, __aeabi_idivmod

// r1:r0 / r3:r2, unsigned: the quotient in r1:r0, the remainder in r3:r2.
function __aeabi_uldivmod
  push {r4, r5, r6, lr}
  movs r4, #0
  movs r5, #0
  movs r6, #64
.Ldivide_long_bit:
  adds r0, r0, r0
  adcs r1, r1
  adcs r4, r4
  adcs r5, r5
  bcs .Ldivide_long_fits
  cmp r5, r3
  bhi .Ldivide_long_fits
  blo .Ldivide_long_next
  cmp r4, r2
  blo .Ldivide_long_next
.Ldivide_long_fits:
  subs r4, r4, r2
  sbcs r5, r3
  adds r0, #1
.Ldivide_long_next:
  subs r6, #1
  bne .Ldivide_long_bit
  movs r2, r4
  movs r3, r5
  pop {r4, r5, r6, pc}

function __aeabi_ldivmod
  push {r4, r5, r6, lr}
  asrs r4, r1, #31
  asrs r5, r3, #31
  eors r0, r4
  eors r1, r4
  subs r0, r0, r4
  sbcs r1, r4
  eors r2, r5
  eors r3, r5
  subs r2, r2, r5
  sbcs r3, r5
  bl __aeabi_uldivmod
  eors r2, r4
  eors r3, r4
  subs r2, r2, r4
  sbcs r3, r4
  eors r4, r5
  eors r0, r4
  eors r1, r4
  subs r0, r0, r4
  sbcs r1, r4
  pop {r4, r5, r6, pc}

// r1:r0 * r3:r2, the low 64 bits in r1:r0. The low words are multiplied by halves of 16 bits; of the
// crossed products only the low word counts.
function __aeabi_lmul
  push {r4, r5, r6, lr}
  muls r1, r2, r1
  muls r3, r0, r3
  adds r1, r1, r3
  lsrs r4, r0, #16
  lsrs r5, r2, #16
  uxth r0, r0
  uxth r2, r2
  movs r3, r0
  muls r3, r2, r3
  muls r2, r4, r2
  muls r0, r5, r0
  muls r4, r5, r4
  // The middle products may carry out; the carry is worth 2^48.
  adds r0, r0, r2
  movs r5, #0
  adcs r5, r5
  lsls r5, r5, #16
  adds r4, r4, r5
  lsls r2, r0, #16
  lsrs r0, r0, #16
  adds r3, r3, r2
  adcs r4, r0
  adds r1, r1, r4
  movs r0, r3
  pop {r4, r5, r6, pc}

// r1:r0 shifted left by r2, 0...63. A shift by a register takes its low byte, and gives zero from 32
// on: so of the two ways that the low word can reach the high one, the wrong one contributes zero.
function __aeabi_llsl
  push {r4, lr}
  movs r3, r0
  movs r4, #32
  subs r4, r4, r2
  lsrs r3, r4
  lsls r1, r2
  orrs r1, r3
  movs r3, r0
  negs r4, r4
  lsls r3, r4
  orrs r1, r3
  lsls r0, r2
  pop {r4, pc}

// r1:r0 shifted right by r2, 0...63, zeros from the left.
function __aeabi_llsr
  push {r4, lr}
  movs r3, r1
  movs r4, #32
  subs r4, r4, r2
  lsls r3, r4
  lsrs r0, r2
  orrs r0, r3
  movs r3, r1
  negs r4, r4
  lsrs r3, r4
  orrs r0, r3
  lsrs r1, r2
  pop {r4, pc}

// How many zeros lead in r0: 0...32. By halving: what is above moves down, if there is anything.
function __clzsi2
  movs r1, #32
  lsrs r2, r0, #16
  beq .Lclz_8
  subs r1, #16
  movs r0, r2
.Lclz_8:
  lsrs r2, r0, #8
  beq .Lclz_4
  subs r1, #8
  movs r0, r2
.Lclz_4:
  lsrs r2, r0, #4
  beq .Lclz_2
  subs r1, #4
  movs r0, r2
.Lclz_2:
  lsrs r2, r0, #2
  beq .Lclz_1
  subs r1, #2
  movs r0, r2
.Lclz_1:
  lsrs r2, r0, #1
  beq .Lclz_done
  subs r1, #2
  movs r0, r1
  bx lr
.Lclz_done:
  subs r0, r1, r0
  bx lr
