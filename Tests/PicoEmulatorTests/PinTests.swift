import PicoEmulator
import Testing

@Suite("Pins and the divider")
struct PinTests {
  private static let blink = """
      release 0x120
      write 0x400140cc, 5
      write 0xd0000024, 0x02000000
      write 0xd0000014, 0x02000000
      write 0xd000001c, 0x02000000
      write 0xd000001c, 0x02000000
    """

  @Test("the LED follows its pin once SIO drives it")
  func led() throws {
    let pico = try Pico.running(Self.blink + "\n done")
    expect(pico)
    #expect(pico.isLEDOn)
    #expect(pico.ledChanges.map(\.isOn) == [true, false, true])
    pico.powerOff()
    #expect(!pico.isLEDOn)
  }

  @Test("the LED stays dark while its pin is nobody's")
  func ledWithoutFunction() throws {
    let pico = try Pico.running(
      Self.blink.replacing("write 0x400140cc, 5", with: "") + "\n done")
    expect(pico)
    #expect(pico.ledChanges.isEmpty)
  }

  /// Lets go of the flash's chip select, looks at it, and takes it back: in RAM.
  private static let readButton = """
      cpsid i
      call_in_ram look, look_end
      write RESULTS, 0
      ldr r0, =RESULTS
      str r6, [r0]
      done
      .align 2
    look:
      ldr r0, =0x4001800c
      ldr r1, =0x2000
      str r1, [r0]
      movs r3, #50
    1:
      subs r3, #1
      bne 1b
      ldr r2, =0xd0000008
      ldr r6, [r2]
      movs r1, #0
      str r1, [r0]
      movs r1, #2
      ands r6, r1
      bx lr
      .align 2
      .ltorg
    look_end:
    """

  @Test("BOOTSEL is seen at the chip select of the flash", arguments: [false, true])
  func bootsel(isPressed: Bool) throws {
    let pico = Pico(.init(seed: 1))
    pico.install(try Assembler.image(Self.readButton))
    pico.powerOn()
    pico.run(for: .milliseconds(1))
    pico.isBootselPressed = isPressed
    pico.runToEnd()
    expect(pico)
    #expect(pico.result(0) == (isPressed ? 0 : 2))
  }

  @Test("flash cannot be executed while its chip select is let go")
  func bootselFromFlash() throws {
    let pico = try Pico.running("  write 0x4001800c, 0x2000\n done", for: .milliseconds(100))
    #expect(pico.rules.first == .flashNotMapped)
    #expect(!pico.isDone)
  }

  @Test("BOOTSEL held at power-on leads to the boot loader")
  func bootloader() throws {
    let pico = Pico(.init(seed: 1))
    pico.install(try Assembler.image("  done"))
    pico.isBootselPressed = true
    pico.powerOn()
    pico.run(for: .milliseconds(10))
    #expect(pico.state == .bootloader)
    #expect(!pico.isDone)
  }

  @Test(
    "the divider divides as its table says",
    arguments: [
      (0x60, 100, 7, 14, 2), (0x60, 5, 0, .max, 5), (0x60, .max, 1, .max, 0),
      (0x68, UInt32(bitPattern: -100), 7, UInt32(bitPattern: -14), UInt32(bitPattern: -2)),
      (0x68, UInt32(bitPattern: -5), 0, 1, UInt32(bitPattern: -5)),
      (0x68, 0x8000_0000, .max, 0x8000_0000, 0),
    ] as [(UInt32, UInt32, UInt32, UInt32, UInt32)])
  func divider(
    offset: UInt32, dividend: UInt32, divisor: UInt32, quotient: UInt32, remainder: UInt32
  ) throws {
    let pico = try Pico.running(
      """
        write \(0xD000_0000 + offset), \(dividend)
        write \(0xD000_0004 + offset), \(divisor)
        save 0xd0000078, 0
        save 0xd0000074, 1
        save 0xd0000070, 2
        save 0xd0000078, 3
        done
      """)
    expect(pico)
    #expect((0...3).map { pico.result($0) } == [3, remainder, quotient, 1])
  }
}
