import PicoEmulator
import Testing

@Suite("USB")
struct USBTests {
  private func device(_ source: String = USBProgram.device()) throws -> Pico {
    let pico = Pico(.init(seed: 1))
    pico.install(try Assembler.image(source))
    pico.powerOn()
    return pico
  }

  @Test("a device that keeps the rules is enumerated, and echoes reports of any length")
  func echo() throws {
    let pico = try device()
    let found = try pico.usb.enumerate(address: 42)
    #expect(found.vendorID == 0x1209)
    #expect(found.interruptInput == 1)
    #expect(found.interruptOutput == 1)
    #expect(pico.usb.address == 42)
    for length in [64, 1, 0, 7, 63, 64, 64, 2] {
      let packet = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ length) }
      try pico.usb.write(packet, to: 1)
      #expect(try pico.usb.read(1, within: .milliseconds(50)) == packet.map { ~$0 })
      #expect(try pico.usb.poll(1) == nil)
    }
    #expect(pico.violations.isEmpty, "\(pico.violations)")
  }

  @Test("a device that does not pull the line up is not there")
  func notAttached() throws {
    let pico = try device("  start_clocks\n done")
    #expect(!pico.usb.waitForDevice(within: .milliseconds(50)))
    #expect(throws: EnumerationFailure.noDevice) {
      try pico.usb.enumerate(within: .milliseconds(10))
    }
    #expect(throws: TransferFailure.silence) {
      try pico.usb.control(
        ControlRequest(requestType: 0x80, request: 6, value: 0x100, length: 18))
    }
  }

  @Test("an unknown request is stalled, and the next SETUP is taken all the same")
  func stall() throws {
    let pico = try device()
    try pico.usb.enumerate()
    for _ in 0..<3 {
      #expect(throws: TransferFailure.stalled) {
        try pico.usb.control(ControlRequest(requestType: 0x80, request: 0x77, length: 4))
      }
      #expect(throws: TransferFailure.stalled) {
        try pico.usb.control(
          ControlRequest(requestType: 0x00, request: 0x77, length: 4), data: [1, 2, 3, 4])
      }
      let descriptor = try pico.usb.control(
        ControlRequest(requestType: 0x80, request: 6, value: 0x100, length: 8))
      #expect(descriptor == [18, 1, 0, 2, 0, 0, 0, 64])
    }
    #expect(pico.violations.isEmpty, "\(pico.violations)")
  }

  @Test("an endpoint that is not there, or another device's address, is silence")
  func silence() throws {
    let pico = try device()
    try pico.usb.enumerate()
    #expect(throws: TransferFailure.silence) { try pico.usb.poll(3) }
    #expect(throws: TransferFailure.silence) { try pico.usb.offer([1], to: 3) }
    pico.powerOff()
    #expect(throws: TransferFailure.silence) { try pico.usb.poll(1) }
  }

  @Test("a reset of the bus in the middle of a transfer leaves a device that enumerates again")
  func busReset() throws {
    let pico = try device()
    for round in 0..<5 as Range<UInt64> {
      try pico.usb.enumerate()
      try pico.usb.write([UInt8](repeating: 9, count: 64), to: 1)
      pico.run(for: .microseconds(round * 3))
    }
    try pico.usb.enumerate()
    try pico.usb.write([1, 2, 3], to: 1)
    #expect(try pico.usb.read(1, within: .milliseconds(50)) == [254, 253, 252])
    #expect(pico.violations.isEmpty, "\(pico.violations)")
  }

  @Test("AVAILABLE set together with the other fields is told")
  func availableTogether() throws {
    let pico = try device(USBProgram.device(arm: USBProgram.armAtOnce))
    try pico.usb.enumerate()
    #expect(pico.rules == [.availableTogether])
  }

  @Test("a data toggle that stands still loses a packet, and is told")
  func dataToggle() throws {
    let pico = try device(USBProgram.device(dataPIDs: ""))
    try pico.usb.enumerate()
    for _ in 0..<2 {
      try pico.usb.write([1], to: 1)
      _ = try pico.usb.read(1, within: .milliseconds(5))
    }
    #expect(pico.rules == [.dataToggle])
  }

  @Test("a buffer that the controller owns is not changed, unless it was asked for it")
  func bufferInUse() throws {
    let change = { (abort: String) in
      """
        ldr r0, =RESULTS + 0x110
          ldr r1, [r0]
          ldr r2, =0x1234
          cmp r1, r2
          bne 9f
          movs r1, #0
          str r1, [r0]
          \(abort)
          mov r0, r6
          adds r0, #0x8c
          str r1, [r0]
        9:
      """
    }
    // The test cannot write to SRAM; a first report has the program do it.
    let trigger = { (source: String) in
      source.replacing(
        "bl listen\n  b main",
        with: "bl listen\n  ldr r0, =RESULTS + 0x110\n  ldr r1, =0x1234\n  str r1, [r0]\n  b main"
      )
    }
    for (abort, expected) in [
      ("", [Violation.Rule.bufferInUse]), ("movs r2, #8\n str r2, [r7, #0x60]", []),
    ] {
      let pico = try device(trigger(USBProgram.device(extra: change(abort))))
      try pico.usb.enumerate()
      try pico.usb.write([1], to: 1)
      _ = try pico.usb.read(1, within: .milliseconds(5))
      pico.run(for: .milliseconds(5))
      #expect(pico.rules == expected)
    }
  }

  @Test("a buffer is a multiple of 64, within the DPSRAM, and holds 64 bytes at most")
  func bufferBounds() throws {
    for write in [
      "write 0x50100010, 0xa8000190", "write 0x50100010, 0xa8000040",
      "write 0x50100010, 0xa8001000",
      "write 0x50100090, 0x41\n write 0x50100090, 0x441",
    ] {
      let pico = try Pico.running(
        """
          start_clocks
          release 0x01000000
          write 0x50100090, 0
          \(write)
          done
        """)
      expect(pico, breaks: .bufferBounds)
    }
  }

  @Test("the DPSRAM has no atomic aliases, and is written in bytes and half words, too")
  func dualPortMemory() throws {
    let start = "  start_clocks\n release 0x01000000\n"
    expect(try .running(start + "write 0x50102180, 1\n done"), breaks: .noAtomicAlias)
    let pico = try Pico.running(
      start
        + """
          write 0x50100180, 0x11223344
          ldr r0, =0x50100180
          movs r1, #0xaa
          strb r1, [r0, #1]
          ldr r1, =0xbbcc
          strh r1, [r0, #2]
          save 0x50100180, 0
          done
        """)
    expect(pico)
    #expect(pico.result(0) == 0xBBCC_AA44)
  }

  @Test("a bus that falls silent is a suspend after 3 ms, and is woken by host or device")
  func suspend() throws {
    let watch = """
      ldr r0, [r7, #0x50]
        movs r1, #0x10
        ands r1, r0
        ldr r2, =RESULTS
        str r1, [r2]
        ldr r1, =0x800
        ands r1, r0
        str r1, [r2, #4]
      """
    let pico = try device(USBProgram.device(extra: watch))
    try pico.usb.enumerate()
    #expect(pico.result(0) == 0)
    pico.usb.suspend()
    pico.run(for: .milliseconds(2))
    #expect(pico.result(0) == 0)
    pico.run(for: .milliseconds(2))
    #expect(pico.result(0) == 0x10)
    pico.usb.resume()
    #expect(pico.result(0) == 0)
    #expect(pico.result(1) == 0x800)
    try pico.usb.write([7], to: 1)
    #expect(try pico.usb.read(1, within: .milliseconds(5)) == [248])
    #expect(pico.violations.isEmpty, "\(pico.violations)")
  }

  @Test("interrupts come for SETUP, buffers, bus resets and frames, as far as they are enabled")
  func interrupts() throws {
    let pico = try device(
      """
        start_clocks
        release 0x01000000
        write 0x50110074, 9
        write 0x50110078, 12
        write 0x50110040, 1
        write 0x50110090, 0x31000
        write 0xe000e100, 0x20
        write RESULTS, 0
        write RESULTS + 4, 0
        write RESULTS + 8, 0
        write 0x5011004c, 0x20010000
      1:
        wfi
        b 1b
      .thumb_func
      irq5:
        ldr r0, =0x50110098
        ldr r1, [r0]
        ldr r2, =RESULTS
        lsls r3, r1, #19
        bpl 1f
        ldr r3, [r2]
        adds r3, #1
        str r3, [r2]
      1:
        lsls r3, r1, #15
        bpl 2f
        ldr r3, [r2, #4]
        adds r3, #1
        str r3, [r2, #4]
      2:
        lsls r3, r1, #14
        bpl 3f
        ldr r3, [r2, #8]
        adds r3, #1
        str r3, [r2, #8]
      3:
        ldr r0, =0x50110048
        ldr r1, [r0]
        ldr r0, =0x50110050
        ldr r1, =0xffffffff
        str r1, [r0]
        bx lr
      """)
    #expect(pico.usb.waitForDevice())
    pico.usb.reset()
    #expect(pico.result(0) == 1)
    _ = try? pico.usb.control(
      ControlRequest(requestType: 0x80, request: 6, value: 0x100, length: 18),
      patience: .milliseconds(5))
    #expect(pico.result(1) == 1)
    let frames = try #require(pico.result(2))
    pico.run(for: .milliseconds(20))
    #expect(try #require(pico.result(2)) == frames + 20)
    #expect(pico.violations.isEmpty, "\(pico.violations)")
  }
}
