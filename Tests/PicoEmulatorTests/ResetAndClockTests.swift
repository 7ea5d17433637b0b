import PicoEmulator
import Testing

@Suite("Resets and clocks")
struct ResetAndClockTests {
  @Test("a peripheral that RESETS holds cannot be used, and one that was waited for can")
  func resets() throws {
    let held = try Pico.running("  save 0x40054028, 0\n done")
    // The boot ROM has released the timer, and nothing else that is not flash's.
    expect(held)
    expect(try .running("  save 0x4001c004, 0\n done"), breaks: .peripheralInReset)
    expect(try .running("  release 0x100\n save 0x4001c004, 0\n done"))
  }

  @Test("a peripheral cannot be used before RESET_DONE could have said so")
  func resetDone() throws {
    let hasty = try Pico.running(
      """
        ldr r0, =0x4000f000
        ldr r1, =0x100
        ldr r2, =0x4001c000
        str r1, [r0]
        ldr r3, [r2]
        done
      """)
    expect(hasty, breaks: .peripheralInReset)
    #expect(hasty.violations.first?.sentence.contains("RESET_DONE") == true)
  }

  @Test("the USB controller does not come out of reset without clk_usb")
  func usbNeedsClock() throws {
    let without = try Pico.running(
      "  write 0x4000f000, 0x01000000\n save 0x4000c008, 0\n done")
    #expect(try #require(without.result(0)) & 0x0100_0000 == 0)
    let with = try Pico.running(
      "  start_clocks\n release 0x01000000\n save 0x4000c008, 0\n done")
    expect(with)
    #expect(try #require(with.result(0)) & 0x0100_0000 != 0)
  }

  @Test("the usual sequence gives 12, 48 and 48 MHz, and breaks nothing")
  func clocks() throws {
    let pico = try Pico.running(
      """
        start_clocks
        release 0x200000
        ldr r3, =0x40054028
        ldr r4, [r3]
        ldr r5, =160000
      1:
        subs r5, #1
        nop
        bne 1b
        ldr r6, [r3]
        subs r6, r4
        ldr r0, =RESULTS
        str r6, [r0]
        done
      """)
    expect(pico)
    // 480,000 instructions and a few more are 10 ms of 48 MHz, by the crystal's microseconds.
    #expect((10_000...10_001).contains(try #require(pico.result(0))))
  }

  @Test("the crystal is not used before it is stable")
  func crystal() throws {
    let pico = try Pico.running("  write 0x40024000, 0xfabaa0\n write 0x40008030, 2\n done")
    #expect(pico.rules == [.clockSourceStopped])
    #expect(pico.state == .stuck)
  }

  @Test("a crystal's start-up time of less than a millisecond is too short")
  func crystalStartup() throws {
    expect(
      try .running("  write 0x4002400c, 10\n write 0x40024000, 0xfabaa0\n done"),
      breaks: .crystalStartup)
  }

  @Test("a value that a magic field does not take is told", arguments: ["0xfabaa1", "0x123aa0"])
  func crystalValues(value: String) throws {
    expect(try .running("  write 0x40024000, \(value)\n done"), breaks: .badValue)
  }

  /// Starts PLL_SYS from the crystal.
  private func pll(
    reference: Int = 1, feedback: Int = 100, dividers: Int = 0x55000, then: String = ""
  ) throws -> Pico {
    try Pico.running(
      """
        start_crystal
        release 0x1000
        write 0x40028000, \(reference)
        write 0x40028008, \(feedback)
        write 0x4002800c, \(dividers)
        write 0x40028004 + CLEAR, 0x21
        \(then)
        done
      """)
  }

  @Test("a PLL within its ranges locks", arguments: [63, 100, 125, 133])
  func pllLocks(feedback: Int) throws {
    expect(try pll(feedback: feedback, then: "await 0x40028000, 0x80000000"))
  }

  @Test("a VCO below 750 MHz or above 1600 MHz is out of range", arguments: [40, 62, 134, 200])
  func vcoRange(feedback: Int) throws {
    expect(try pll(feedback: feedback), breaks: .pllRange)
  }

  @Test("a feedback divider is 16 to 320, a post divider 1 to 7, a reference 5 MHz or more")
  func dividerRanges() throws {
    expect(try pll(dividers: 0x05000), breaks: .pllRange)
    expect(try pll(reference: 3, feedback: 300), breaks: .pllRange)
    expect(try pll(reference: 2, feedback: 200))
  }

  @Test("a PLL is not started from a crystal that is not stable, and not changed while it runs")
  func pllSequence() throws {
    expect(
      try .running(
        """
          write 0x40024000, 0xfabaa0
          release 0x1000
          write 0x40028000, 1
          write 0x40028008, 100
          write 0x4002800c, 0x55000
          write 0x40028004 + CLEAR, 0x21
          done
        """), breaks: .clockSourceStopped)
    expect(
      try pll(then: "await 0x40028000, 0x80000000\n write 0x40028008, 101"),
      breaks: .pllChangedRunning)
  }

  @Test("clk_sys is not given a PLL whose post dividers have no power")
  func postDividersOff() throws {
    let pico = try pll(then: "await 0x40028000, 0x80000000\n write 0x4000803c, 1")
    #expect(pico.rules.first == .clockSourceStopped)
    #expect(pico.state == .stuck)
  }

  @Test("clk_sys takes 133 MHz at most")
  func tooFast() throws {
    let on = "await 0x40028000, 0x80000000\n write 0x40028004 + CLEAR, 8\n write 0x4000803c, 1"
    // 1500 MHz / 6 / 2 and 1536 MHz / 3 / 2.
    expect(try pll(feedback: 125, dividers: 0x62000, then: on))
    let fast = try pll(feedback: 128, dividers: 0x32000, then: on)
    // At that speed, flash is read faster than by 03h, too.
    #expect(fast.rules.contains(.clockTooFast))
  }

  @Test("an auxiliary multiplexer is not switched while its clock runs from it")
  func auxiliarySwitch() throws {
    expect(
      try .running("  start_clocks\n write 0x4000803c, 0x61\n done"), breaks: .clockSwitchedInUse)
    expect(
      try .running("  start_clocks\n write 0x40008054, 0x860\n done"),
      breaks: .clockSwitchedInUse, .usbClock)
    expect(
      try .running(
        """
          start_clocks
          write 0x4000803c, 0x20
          await 0x40008044, 1
          write 0x4000803c, 0x60
          write 0x4000803c, 0x61
          await 0x40008044, 2
          done
        """))
  }

  @Test("clk_usb has to be 48 MHz")
  func usbClock() throws {
    expect(
      try .running("  start_crystal\n write 0x40008054, 0x860\n done"), breaks: .usbClock)
  }

  @Test("a clock that loses its source stops the core")
  func lostSource() throws {
    let pico = try Pico.running("  start_clocks\n write 0x4000e000, 0x2000\n done")
    #expect(pico.rules == [.clockSourceStopped])
    #expect(pico.state == .stuck)
  }

  @Test("random bits are not taken from the oscillator that clocks the core")
  func randomBits() throws {
    expect(try .running("  save 0x4006001c, 0\n done"), breaks: .randomBitCorrelated)
    expect(try .running("  start_clocks\n save 0x4006001c, 0\n done"))
  }

  @Test("an oscillator that is stuck gives the same bit for ever")
  func stuckBits() throws {
    let source = """
        start_clocks
        movs r5, #200
        movs r6, #0
        ldr r0, =0x4006001c
      1:
        ldr r1, [r0]
        adds r6, r1
        subs r5, #1
        bne 1b
        ldr r0, =RESULTS
        str r6, [r0]
        done
      """
    for bit in [false, true] {
      let pico = Pico(.init(seed: 1))
      pico.install(try Assembler.image(source))
      pico.setRandomBits(.stuck(bit))
      pico.powerOn()
      pico.runToEnd()
      #expect(pico.result(0) == (bit ? 200 : 0))
    }
  }

  @Test("what the model does not have is told, and so is what the chip does not have")
  func unknown() throws {
    expect(
      try .running("  start_clocks\n release 0x400000\n save 0x40034000, 0\n done"),
      breaks: .notModelled)
    expect(try .running("  save 0x40024040, 0\n done"), breaks: .noSuchRegister)
  }

  @Test("the four banks of SRAM are there one by one as well")
  func banks() throws {
    let pico = try Pico.running(
      """
        write 0x20003000, 0x11111111
        write 0x20003004, 0x22222222
        write 0x20003008, 0x33333333
        write 0x2000300c, 0x44444444
        write 0x20003010, 0x55555555
        save 0x21000c00, 0
        save 0x21010c00, 1
        save 0x21020c00, 2
        save 0x21030c00, 3
        save 0x21000c04, 4
        ldr r0, =0x21010c00
        movs r1, #0xab
        strb r1, [r0, #2]
        save 0x20003004, 5
        done
      """)
    expect(pico)
    #expect(
      (0...5).map { pico.result($0) } == [
        0x1111_1111, 0x2222_2222, 0x3333_3333, 0x4444_4444, 0x5555_5555, 0x22AB_2222,
      ])
  }
}
