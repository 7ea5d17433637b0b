import PicoEmulator
import Testing

@Suite("Timer and watchdog")
struct TimerTests {
  @Test("the timer counts microseconds, and stands still without ticks")
  func counting() throws {
    let pico = try Pico.running(
      """
        release 0x200000
        save 0x40054028, 0
        save 0x40054028, 1
        start_clocks
        save 0x40054028, 2
        ldr r5, =48000
      1:
        subs r5, #1
        bne 1b
        save 0x40054028, 3
        done
      """)
    expect(pico)
    #expect(pico.result(0) == pico.result(1))
    let length = try #require(pico.result(3)) - #require(pico.result(2))
    #expect((2_000...2_001).contains(length))
  }

  @Test("reading the lower half latches the upper one")
  func latch() throws {
    let pico = try Pico.running(
      """
        start_clocks
        release 0x200000
        write 0x40054004, 0xffffff00
        write 0x40054000, 7
        save 0x4005400c, 0
        ldr r5, =20000
      1:
        subs r5, #1
        bne 1b
        save 0x40054008, 1
        save 0x40054024, 2
        save 0x4005400c, 3
        save 0x40054008, 4
        done
      """)
    expect(pico)
    #expect(try #require(pico.result(0)) >= 0xFFFF_FF00)
    #expect(pico.result(1) == 7)
    #expect(pico.result(2) == 8)
    #expect(try #require(pico.result(3)) < 0x1_0000)
    #expect(pico.result(4) == 8)
  }

  @Test("four alarms interrupt at their times, in order, each once")
  func alarms() throws {
    let pico = try Pico.running(
      """
        start_clocks
        release 0x200000
        ldr r7, =RESULTS
        write 0x40054038, 15
        write 0xe000e100, 15
        ldr r0, =0x40054028
        ldr r4, [r0]
        ldr r0, =0x40054010
        ldr r1, =400
        adds r1, r4
        str r1, [r0]
        ldr r1, =200
        adds r1, r4
        str r1, [r0, #4]
        ldr r1, =300
        adds r1, r4
        str r1, [r0, #8]
        ldr r1, =100
        adds r1, r4
        str r1, [r0, #12]
        movs r6, #4
      1:
        wfi
        cmp r6, #0
        bne 1b
        done

      .macro handler name, bit
      .thumb_func
      \\name:
        ldr r0, =0x40054034
        movs r1, #\\bit
        str r1, [r0]
        ldr r0, =0x40054028
        ldr r2, [r0]
        subs r2, r4
        stmia r7!, {r1, r2}
        subs r6, #1
        bx lr
        .ltorg
      .endm
        handler irq0, 1
        handler irq1, 2
        handler irq2, 4
        handler irq3, 8
      """)
    expect(pico)
    let results = (0..<8).compactMap { pico.result($0) }
    #expect([0, 2, 4, 6].map { results[$0] } == [8, 2, 4, 1])
    for index in 0..<4 {
      let time = UInt32(100 + 100 * index)
      #expect((time...time + 1).contains(results[index * 2 + 1]))
    }
  }

  @Test("ticks that are not a microsecond are told")
  func ticks() throws {
    expect(try .running("  start_clocks\n write 0x4005802c, 0x20d\n done"), breaks: .timerTick)
  }

  @Test("a watchdog that is not fed resets the chip; its scratch registers and the reason stay")
  func watchdog() throws {
    let pico = try Pico.running(
      """
        ldr r0, =0x40058008
        ldr r1, [r0]
        cmp r1, #0
        beq 2f
        b again
      2:
        start_clocks
        write 0x4005800c, 0x1234
        write 0x40010008, 0x1fffc
        write 0x40058004, 20000
        write 0x40058000, 0x40000000
        b .
      again:
        save 0x40058008, 0
        save 0x4005800c, 1
        save 0x40008044, 2
        done
      """)
    expect(pico)
    // Its reason is the timer, and clk_sys runs from clk_ref again.
    #expect((0...2).map { pico.result($0) } == [1, 0x1234, 1])
  }

  @Test("a watchdog that is fed does not reset, and one that is forced does at once")
  func feeding() throws {
    let pico = try Pico.running(
      """
        ldr r0, =0x40058008
        ldr r1, [r0]
        cmp r1, #0
        beq 2f
        b again
      2:
        start_clocks
        release 0x200000
        write 0x40010008, 0x1fffc
        write 0x40058004, 2000
        write 0x40058000, 0x40000000
        ldr r4, =0x40054028
        ldr r5, [r4]
        ldr r6, =10000
        ldr r0, =0x40058004
        ldr r1, =2000
      1:
        str r1, [r0]
        ldr r2, [r4]
        subs r2, r5
        cmp r2, r6
        blo 1b
        write 0x4005800c, 0x5678
        write 0x40058000, 0x80000000
        b .
      again:
        save 0x40058008, 0
        save 0x4005800c, 1
        done
      """)
    expect(pico)
    #expect((0...1).map { pico.result($0) } == [2, 0x5678])
  }

  @Test("a watchdog that would reset nothing is told")
  func uselessWatchdog() throws {
    expect(try .running("  write 0x40058000, 0x80000000\n done"), breaks: .watchdogWithoutEffect)
  }

  @Test("SYSRESETREQ starts the core anew, and leaves the peripherals as they are")
  func systemReset() throws {
    let pico = try Pico.running(
      """
        ldr r0, =0x4005800c
        ldr r1, [r0]
        cmp r1, #0
        beq 2f
        b again
      2:
        movs r1, #1
        str r1, [r0]
        start_crystal
        write 0xe000ed0c, 0x05fa0004
        b .
      again:
        save 0x40024004, 0
        done
      """)
    expect(pico)
    #expect(try #require(pico.result(0)) >> 31 == 1)
  }

  @Test("power off forgets what was in memory and in the scratch registers")
  func powerCycle() throws {
    let pico = try Pico.running(
      """
        save 0x4005800c, 0
        write 0x4005800c, 1
        done
      """)
    let before = (0x100..<0x110).map { pico.result($0) }
    pico.powerCycle()
    #expect((0x100..<0x110).map { pico.result($0) } != before)
    pico.runToEnd()
    expect(pico)
    #expect(pico.result(0) == 0)
  }
}
