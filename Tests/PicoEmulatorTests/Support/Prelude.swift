/// What every program in these tests begins with.
enum Prelude {
  /// Words that a program leaves for its test start at 0x20000000; `done` says that it is through.
  static let text = """
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .equ RESULTS, 0x20000000
    .equ DONE, 0x20000400

    @ A literal pool within the code, jumped over: so a program can be of any length.
    .macro pool
      b 97f
      .ltorg
    97:
    .endm

    @ Uses r0, r1.
    .macro write address, value
      ldr r0, =\\address
      ldr r1, =\\value
      str r1, [r0]
      pool
    .endm

    @ Uses r0, r1, r2: the word at an address to the n-th result.
    .macro save address, index
      ldr r0, =\\address
      ldr r1, [r0]
      ldr r2, =RESULTS + 4 * (\\index)
      str r1, [r2]
      pool
    .endm

    @ Uses r0, r1, r2: waits until the masked bits are all set.
    .macro await address, mask
      ldr r0, =\\address
      ldr r2, =\\mask
    98:
      ldr r1, [r0]
      ands r1, r2
      cmp r1, r2
      bne 98b
      pool
    .endm

    .macro done
      write DONE, 0x600D
    96:
      b 96b
    .endm

    @ The other atomic aliases are +0x1000 (exclusive or) and +0x2000 (set).
    .equ CLEAR, 0x3000

    .macro release units
      write 0x4000c000 + CLEAR, \\units
      await 0x4000c008, \\units
    .endm

    .macro start_crystal
      write 0x4002400c, 47
      write 0x40024000, 0xfabaa0
      await 0x40024004, 0x80000000
    .endm

    @ clk_ref 12 MHz from the crystal, clk_sys and clk_usb 48 MHz from PLL_USB, ticks of a
    @ microsecond.
    .macro start_clocks
      start_crystal
      write 0x40008030, 2
      await 0x40008038, 4
      release 0x2000
      write 0x4002c000, 1
      write 0x4002c008, 100
      write 0x4002c00c, 0x55000
      write 0x4002c004 + CLEAR, 0x21
      await 0x4002c000, 0x80000000
      write 0x4002c004 + CLEAR, 0x8
      write 0x4000803c, 0x20
      write 0x4000803c, 0x21
      await 0x40008044, 2
      write 0x40008054, 0x800
      write 0x4005802c, 0x20c
    .endm

    @ Copies a routine to RAM and calls it. Uses r0 to r4; the routine returns with BX LR.
    .macro call_in_ram first, last
      ldr r0, =\\first
      ldr r1, =0x20001000
      ldr r2, =\\last
    95:
      ldmia r0!, {r3}
      stmia r1!, {r3}
      cmp r0, r2
      blo 95b
      ldr r0, =0x20001001
      blx r0
      pool
    .endm

    @ A boot ROM function's address to r0, by its two letters. Uses r0 to r3.
    .macro rom_function first, second
      movs r3, #0x14
      ldrh r0, [r3]
      ldrh r3, [r3, #4]
      ldr r1, =(\\second << 8) | \\first
      blx r3
      pool
    .endm

    .section .boot2, "ax"
      ldr r0, =0x18000000
      movs r1, #0
      str r1, [r0, #8]
      movs r1, #4
      str r1, [r0, #0x14]
      ldr r1, =0x001f0300
      str r1, [r0]
      movs r1, #0
      str r1, [r0, #4]
      ldr r1, =0x03000218
      ldr r2, =0x180000f4
      str r1, [r2]
      movs r1, #1
      str r1, [r0, #0x10]
      str r1, [r0, #8]
      ldr r0, =0x10000100
      ldr r1, =0xe000ed08
      str r0, [r1]
      ldmia r0!, {r1, r2}
      msr msp, r1
      bx r2
      .ltorg
      .org 252
      .word 0

    .weak hard_fault, sv_call, pend_sv, sys_tick
    .weak irq0, irq1, irq2, irq3, irq4, irq5, irq6, irq7
    .section .vectors, "a"
      .word 0x20040000, start, trap, hard_fault, 0, 0, 0, 0, 0, 0, 0, sv_call, 0, 0
      .word pend_sv, sys_tick, irq0, irq1, irq2, irq3, irq4, irq5, irq6, irq7

    .text
    .global start
    .thumb_func
    trap:
      b trap
    .thumb_func
    start:

    """
}
