/// A small USB device: enumerates, has an interrupt endpoint in each direction, and sends back what it
/// gets, with each byte's bits inverted.
///
/// It polls; r7 is the controller's base, r6 the DPSRAM's.
enum USBProgram {
  /// - Parameters:
  ///   - extra: instructions of the main loop, before it looks at the controller.
  ///   - arm: how a buffer control word (r1) is written to its address (r0); uses r2.
  static func device(
    extra: String = "", arm: String = armCorrectly, dataPIDs: String = "movs r1, #1\n eors r4, r1"
  ) -> String {
    """
      start_clocks
      release 0x01000000
      ldr r7, =0x50110000
      ldr r6, =0x50100000
      @ The DPSRAM is cleared, up to the buffers.
      movs r0, r6
      movs r1, #0
      movs r2, #96
    1:
      stmia r0!, {r1}
      subs r2, #1
      bne 1b
      @ TO_PHY and SOFTCON, then VBUS_DETECT by its override, then the controller, then the pull-up.
      movs r0, #9
      str r0, [r7, #0x74]
      movs r0, #12
      str r0, [r7, #0x78]
      movs r0, #1
      str r0, [r7, #0x40]
      @ EP1 OUT at 0x180, EP1 IN at 0x1c0, with a bit in BUFF_STATUS for each buffer.
      ldr r0, =0xac0001c0
      str r0, [r6, #8]
      ldr r0, =0xac000180
      str r0, [r6, #12]
      ldr r0, =0x20010000
      str r0, [r7, #0x4c]
      b main
      .ltorg

    @ Sets [r0] to r1, which has AVAILABLE in it. Uses r2.
    arm:
      \(arm)
      bx lr

    @ Sends r1 bytes from r0 on EP0, as DATA1. Uses r0 to r3.
    send:
      push {r4, lr}
      mov r4, r1
      movs r3, #0x80
      lsls r3, r3, #1
      adds r3, r6
      adds r1, #3
      lsrs r1, r1, #2
      beq 2f
    1:
      ldmia r0!, {r2}
      stmia r3!, {r2}
      subs r1, #1
      bne 1b
    2:
      ldr r1, =0xe400
      orrs r1, r4
      mov r0, r6
      adds r0, #0x80
      bl arm
      pop {r4, pc}

    @ Arms EP0 OUT for an empty DATA1 packet.
    status_out:
      push {lr}
      ldr r1, =0x2440
      mov r0, r6
      adds r0, #0x84
      bl arm
      pop {pc}

    @ Arms EP1 OUT with the PID in r5.
    listen:
      push {lr}
      ldr r1, =0x0440
      lsls r2, r5, #13
      orrs r1, r2
      mov r0, r6
      adds r0, #0x8c
      bl arm
      pop {pc}
      .ltorg

    main:
      \(extra)
      ldr r0, [r7, #0x50]
      lsls r1, r0, #12
      bpl no_reset
      @ A bus reset: address 0, nothing armed.
      ldr r1, =0x80000
      str r1, [r7, #0x50]
      movs r1, #0
      str r1, [r7]
      ldr r2, =RESULTS + 0x100
      str r1, [r2]
      mov r2, r6
      adds r2, #0x80
      str r1, [r2]
      str r1, [r2, #4]
      str r1, [r2, #8]
      str r1, [r2, #12]
    no_reset:
      lsls r1, r0, #14
      bpl no_setup
      bl on_setup
    no_setup:
      ldr r0, [r7, #0x58]
      str r0, [r7, #0x58]
      movs r1, #1
      tst r0, r1
      beq no_ep0_in
      @ EP0 IN is done: a new address counts from now on.
      ldr r2, =RESULTS + 0x100
      ldr r1, [r2]
      str r1, [r7]
    no_ep0_in:
      movs r1, #8
      tst r0, r1
      beq main
      @ EP1 OUT: invert it into EP1's other buffer, and send it back as long as it is.
      mov r0, r6
      adds r0, #0xff
      adds r0, #0x81
      mov r1, r0
      adds r1, #0x40
      movs r2, #16
    1:
      ldr r3, [r0]
      mvns r3, r3
      str r3, [r1]
      adds r0, #4
      adds r1, #4
      subs r2, #1
      bne 1b
      mov r0, r6
      adds r0, #0x8c
      ldr r1, [r0]
      lsls r1, r1, #25
      lsrs r1, r1, #25
      ldr r2, =0x8400
      orrs r1, r2
      lsls r2, r4, #13
      orrs r1, r2
      subs r0, #4
      bl arm
      \(dataPIDs)
      movs r1, #1
      eors r5, r1
      bl listen
      b main
      .ltorg

    on_setup:
      push {lr}
      ldr r1, =0x20000
      str r1, [r7, #0x50]
      ldr r0, [r6]
      lsls r2, r0, #16
      lsrs r2, r2, #16
      lsrs r3, r0, #24
      ldr r1, =0x0680
      cmp r2, r1
      bne 1f
      cmp r3, #1
      beq device_descriptor
      cmp r3, #2
      beq configuration_descriptor
      b stall
    1:
      ldr r1, =0x0500
      cmp r2, r1
      beq set_address
      ldr r1, =0x0900
      cmp r2, r1
      beq set_configuration
      b stall
    device_descriptor:
      ldr r0, =device_bytes
      movs r1, #18
      b descriptor
    configuration_descriptor:
      ldr r0, =configuration_bytes
      movs r1, #32
    descriptor:
      ldrh r2, [r6, #6]
      cmp r1, r2
      bls 1f
      mov r1, r2
    1:
      bl send
      bl status_out
      pop {pc}
    set_address:
      ldrb r1, [r6, #2]
      ldr r2, =RESULTS + 0x100
      str r1, [r2]
      movs r1, #0
      bl send
      pop {pc}
    set_configuration:
      movs r4, #0
      movs r5, #0
      bl listen
      movs r1, #0
      bl send
      pop {pc}
    stall:
      movs r0, #3
      str r0, [r7, #0x68]
      movs r0, #8
      lsls r0, r0, #8
      mov r1, r6
      adds r1, #0x80
      str r0, [r1]
      str r0, [r1, #4]
      pop {pc}
      .ltorg
      .align 2
    device_bytes:
      .byte 18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 0x01, 0x00, 0, 1, 0, 0, 0, 1
      .align 2
    configuration_bytes:
      .byte 9, 2, 32, 0, 1, 1, 0, 0x80, 50
      .byte 9, 4, 0, 0, 2, 0xff, 0, 0, 0
      .byte 7, 5, 0x81, 3, 64, 0, 1
      .byte 7, 5, 0x01, 3, 64, 0, 1
      .align 2
    """
  }

  /// The other fields, then AVAILABLE.
  static let armCorrectly = """
      ldr r2, =0x400
        bics r1, r2
        str r1, [r0]
        orrs r1, r2
        str r1, [r0]
    """

  static let armAtOnce = "str r1, [r0]"
}
