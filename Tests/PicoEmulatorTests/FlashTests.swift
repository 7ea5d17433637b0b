import PicoEmulator
import Testing

/// Programs that change flash as firmware does: through the boot ROM, from RAM.
enum FlashProgram {
  /// The storage area of these tests.
  static let area = 0x10_0000

  /// Looks up the boot ROM's functions, then runs `work` in RAM with interrupts off, between the calls
  /// that leave XIP and come back to it. In `work`, r7 points to the addresses of IF, EX, RE, RP, FC
  /// and CX, and `rom RE` calls one of them; r4 to r6 are free.
  static func changing(_ work: String, after: String = "", masks: Bool = true) -> String {
    """
      .equ IF, 0
      .equ EX, 4
      .equ RE, 8
      .equ RP, 12
      .equ FC, 16
      .equ CX, 20
      .macro rom name
        ldr r5, [r7, #\\name]
        blx r5
      .endm
        ldr r7, =0x20000800
        rom_function 'I', 'F'
        str r0, [r7, #IF]
        rom_function 'E', 'X'
        str r0, [r7, #EX]
        rom_function 'R', 'E'
        str r0, [r7, #RE]
        rom_function 'R', 'P'
        str r0, [r7, #RP]
        rom_function 'F', 'C'
        str r0, [r7, #FC]
        rom_function 'C', 'X'
        str r0, [r7, #CX]
        \(masks ? "cpsid i" : "")
        call_in_ram change, change_end
        \(masks ? "cpsie i" : "")
        \(after)
        done
        .align 2
      change:
        push {r4, lr}
        \(work)
        pop {r4, pc}
        .align 2
        .ltorg
      change_end:
    """
  }

  static let enter = "rom IF\n rom EX\n"
  static let leave = "rom FC\n rom CX\n"
  /// `CX` leaves the divider that EX set; 6 is slow enough for any read.
  static let erase = """
      ldr r0, =\(area)
      ldr r1, =4096
      ldr r2, =65536
      movs r3, #0xd8
      rom RE

    """
  /// A page of the words that are at 0x20003000.
  static let program = """
      ldr r0, =\(area)
      ldr r1, =0x20003000
      ldr r2, =256
      rom RP

    """
  static let fill = """
      ldr r0, =0x20003000
      movs r1, #64
      ldr r2, =0x00ff5aa5
    1:
      stmia r0!, {r2}
      subs r1, #1
      bne 1b

    """
}

@Suite("Flash")
struct FlashTests {
  private func page(_ pico: Pico) -> [UInt8] {
    pico.flashBytes(FlashProgram.area..<FlashProgram.area + 256)
  }

  private static let pattern: [UInt8] = (0..<64).flatMap { _ in [0xA5, 0x5A, 0xFF, 0x00] as [UInt8]
  }

  @Test("erase, program, and back to XIP: what was written is read as memory")
  func whole() throws {
    let work =
      FlashProgram.fill + FlashProgram.enter + FlashProgram.erase + FlashProgram.program
      + FlashProgram.leave
    let pico = Pico(.init(seed: 3))
    pico.install(
      try Assembler.image(
        FlashProgram.changing(work, after: "save 0x10100000, 0\n save 0x13100000, 1")))
    pico.setFlashBytes([UInt8](repeating: 0, count: 4_096), at: FlashProgram.area)
    pico.powerOn()
    let start = pico.now
    pico.runToEnd()
    expect(pico)
    #expect(page(pico) == Self.pattern)
    #expect(
      pico.flashBytes(FlashProgram.area + 256..<FlashProgram.area + 4_096).allSatisfy { $0 == 0xFF }
    )
    #expect(pico.result(0) == 0x00FF_5AA5)
    #expect(pico.result(1) == 0x00FF_5AA5)
    #expect(pico.flashOperations == 2)
    #expect(pico.eraseCount(ofSectorAt: FlashProgram.area) == 1)
    #expect(pico.now - start > .milliseconds(45))
  }

  @Test("programming clears bits and sets none")
  func norSemantics() throws {
    let pico = Pico(.init(seed: 3))
    let work = FlashProgram.fill + FlashProgram.enter + FlashProgram.program + FlashProgram.leave
    pico.install(try Assembler.image(FlashProgram.changing(work)))
    let old = (0..<256).map { UInt8(truncatingIfNeeded: $0 * 37) }
    pico.setFlashBytes(old, at: FlashProgram.area)
    pico.powerOn()
    pico.runToEnd()
    expect(pico)
    #expect(page(pico) == zip(old, Self.pattern).map { $0 & $1 })
  }

  @Test("code that was changed in flash is executed as it is now")
  func changedCode() throws {
    // A routine in the area that returns 1; then it is changed to return 0: bits are only cleared.
    let call = "ldr r0, =\(0x1000_0001 + FlashProgram.area)\n blx r0\n ldr r1, =RESULTS\n"
    let work = """
        ldr r0, =0x20003000
        ldr r1, =0x47702000
        str r1, [r0]

      """ + FlashProgram.enter + FlashProgram.program + FlashProgram.leave
    let source = FlashProgram.changing(work, after: call + "str r0, [r1, #4]")
      .replacing("  ldr r7, =0x20000800\n", with: call + "str r0, [r1]\n ldr r7, =0x20000800\n")
    let pico = Pico(.init(seed: 4))
    pico.install(try Assembler.image(source))
    pico.setFlashBytes([0x01, 0x20, 0x70, 0x47], at: FlashProgram.area)
    pico.powerOn()
    pico.runToEnd()
    expect(pico)
    #expect(pico.result(0) == 1)
    #expect(pico.result(1) == 0)
  }

  @Test("flash is not executed or read while it is in command mode")
  func commandMode() throws {
    // Without the way back, the return to flash is the violation.
    let stuck = try Pico.running(
      FlashProgram.changing(FlashProgram.enter), for: .milliseconds(100))
    #expect(stuck.rules.first == .flashNotMapped)
    #expect(!stuck.isDone)

    let reading = try Pico.running(
      FlashProgram.changing(
        FlashProgram.enter + "ldr r0, =0x10000000\n ldr r0, [r0]\n" + FlashProgram.leave),
      for: .milliseconds(100))
    #expect(reading.rules.first == .flashNotMapped)
  }

  @Test("the cache has to be flushed after flash changed")
  func staleCache() throws {
    let pico = try Pico.running(
      FlashProgram.changing(
        FlashProgram.fill + FlashProgram.enter + FlashProgram.program
          + "ldr r0, =0x4001800c\n movs r1, #0\n str r1, [r0]\n rom CX\n"),
      for: .milliseconds(100))
    #expect(pico.rules.first == .staleCache)
  }

  @Test("flash is not changed while an interrupt could run from it")
  func interruptible() throws {
    let work = FlashProgram.fill + FlashProgram.enter + FlashProgram.program + FlashProgram.leave
    let enabled = "write 0xe000e100, 1\n"
    expect(
      try .running(enabled + FlashProgram.changing(work, masks: false)), breaks: .flashInterruptible
    )
    expect(try .running(enabled + FlashProgram.changing(work)))
    expect(try .running(FlashProgram.changing(work, masks: false)))
  }

  @Test("a program or erase has to be aligned and within the chip")
  func alignment() throws {
    let call = { (address: Int, count: Int, name: String) in
      """
        ldr r0, =\(address)
        ldr r1, =\(name == "RE" ? count : 0x2000_3000)
        ldr r2, =\(name == "RE" ? 65_536 : count)
        movs r3, #0xd8
        rom \(name)

      """
    }
    for (address, count, name) in [
      (FlashProgram.area + 1, 256, "RP"), (FlashProgram.area, 100, "RP"),
      (Pico.flashSize, 256, "RP"), (FlashProgram.area + 256, 4_096, "RE"),
      (FlashProgram.area, 256, "RE"), (Pico.flashSize, 4_096, "RE"),
    ] {
      expect(
        try .running(
          FlashProgram.changing(
            FlashProgram.enter + call(address, count, name) + FlashProgram.leave)),
        breaks: .flashAlignment)
    }
  }

  @Test("the boot ROM's functions come in their order")
  func order() throws {
    expect(
      try .running(FlashProgram.changing(FlashProgram.fill + FlashProgram.program)),
      breaks: .flashSequence)
  }

  @Test("data to program is not in flash")
  func dataInFlash() throws {
    expect(
      try .running(
        FlashProgram.changing(
          FlashProgram.enter
            + "ldr r0, =\(FlashProgram.area)\n ldr r1, =0x10000000\n ldr r2, =256\n rom RP\n"
            + FlashProgram.leave)),
      breaks: .flashNotMapped)
  }

  @Test("the SSI is changed only while it is off, and set up for a read that the flash knows")
  func serialInterface() throws {
    expect(try .running("  write 0x18000014, 8\n done"), breaks: .ssiEnabled)
    let modes = { (control: String, serial: String, divider: Int) in
      """
        call_in_ram setup, setup_end
        save 0x10000000, 0
        done
        .align 2
      setup:
        ldr r0, =0x18000000
        movs r1, #0
        str r1, [r0, #8]
        movs r1, #\(divider)
        str r1, [r0, #0x14]
        ldr r1, =\(control)
        str r1, [r0]
        ldr r1, =\(serial)
        movs r2, #0xf4
        str r1, [r0, r2]
        movs r1, #1
        str r1, [r0, #8]
        bx lr
        .align 2
        .ltorg
      setup_end:
      """
    }
    expect(try .running(modes("0x001f0300", "0x03000218", 2)))
    expect(try .running(modes("0x001f0300", "0x0b004218", 2)))
    let quad = try Pico.running(modes("0x005f0300", "0xeb002221", 2), for: .milliseconds(50))
    #expect(quad.rules.first == .flashReadMode)
    let wrong = try Pico.running(modes("0x001f0300", "0x0b000218", 2), for: .milliseconds(50))
    #expect(wrong.rules.first == .flashReadMode)
    let fast = try Pico.running(
      "  start_clocks\n" + modes("0x001f0300", "0x03000218", 0), for: .milliseconds(50))
    #expect(fast.rules.first == .flashTooFast)
  }

  @Test("the flash's own number and its identification come through the SSI")
  func identification() throws {
    let pico = try Pico.running(
      FlashProgram.changing(
        """
          rom IF
          rom EX
          ldr r4, =0x18000060
          ldr r0, =0x9f
          str r0, [r4]
          str r0, [r4]
          str r0, [r4]
          str r0, [r4]
          ldr r1, =RESULTS
          ldr r0, [r4]
          ldr r0, [r4]
          str r0, [r1]
          ldr r0, [r4]
          str r0, [r1, #4]
          ldr r0, [r4]
          str r0, [r1, #8]
          ldr r0, =0x4b
          movs r2, #13
        1:
          str r0, [r4]
          subs r2, #1
          bne 1b
          movs r2, #5
        2:
          ldr r0, [r4]
          subs r2, #1
          bne 2b
          adds r1, #12
          movs r2, #8
        3:
          ldr r0, [r4]
          stmia r1!, {r0}
          subs r2, #1
          bne 3b
          rom FC
          rom CX

        """))
    expect(pico)
    #expect((0...2).map { pico.result($0) } == [0xEF, 0x40, 0x15])
    #expect((3...10).map { pico.result($0) } == pico.identity.uniqueID.map(UInt32.init))
  }

  @Test("the power can be cut at any program or erase, with none, all or some of its bits")
  func powerCut() throws {
    let work =
      FlashProgram.fill + FlashProgram.enter + FlashProgram.erase + FlashProgram.program
      + FlashProgram.leave
    let image = try Assembler.image(FlashProgram.changing(work))
    let old = [UInt8](repeating: 0x3C, count: 4_096)
    func cut(_ operation: UInt64, _ tear: PowerCut.Tear) -> [UInt8] {
      let pico = Pico(.init(seed: 5))
      pico.install(image)
      pico.setFlashBytes(old, at: FlashProgram.area)
      pico.powerCut = PowerCut(at: operation, tear: tear)
      pico.powerOn()
      pico.runToEnd()
      #expect(pico.state == (operation < 2 ? .off : .running))
      #expect(pico.violations.isEmpty)
      let left = pico.flashBytes(FlashProgram.area..<FlashProgram.area + 4_096)
      // With power back, it starts again and gets to its end.
      pico.powerCut = nil
      pico.powerCycle()
      pico.runToEnd()
      expect(pico)
      #expect(page(pico) == Self.pattern)
      return left
    }
    let erased = [UInt8](repeating: 0xFF, count: 4_096)
    #expect(cut(0, .nothing) == old)
    #expect(cut(0, .everything) == erased)
    #expect(cut(1, .nothing) == erased)
    #expect(Array(cut(1, .everything)[..<256]) == Self.pattern)
    #expect(Array(cut(2, .nothing)[..<256]) == Self.pattern)
    for seed in 0..<8 as Range<UInt64> {
      let torn = cut(1, .some(seed: seed))[..<256]
      #expect(torn.elementsEqual(Self.pattern) { $0 & $1 == $1 }, "repeat with: \(seed)")
      #expect(Array(torn) != Self.pattern && torn.contains { $0 != 0xFF }, "repeat with: \(seed)")
    }
  }

  @Test("a second stage whose checksum is wrong is not started")
  func checksum() throws {
    var bytes = try Assembler.binary("  done")
    bytes[10] ^= 1
    let pico = Pico(.init(seed: 1))
    pico.install(try FirmwareImage(binary: bytes))
    pico.powerOn()
    pico.run(for: .milliseconds(20))
    #expect(pico.state == .bootloader)
  }
}
