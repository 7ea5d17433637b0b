import Hardware
import SerialFraming
import Testing
import TokenCore

@testable import MicrobitBoard

@Suite("The micro:bit's drivers")
struct DriverTests {
  @Test(
    "flash is written by whole words, ones beside what is programmed, and is read-only before and after"
  )
  func programming() {
    var bus = ChipBus()
    bus.registers[FlashController.ready] = 1
    let bytes: [UInt8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66]
    FlashController().program(bytes.span, at: 0x3_0003, &bus)
    #expect(
      bus.accesses == [
        .write(1, FlashController.configuration), .read(FlashController.ready),
        .write(0x11FF_FFFF, Register(0x3_0000)), .read(FlashController.ready),
        .write(0x5544_3322, Register(0x3_0004)), .read(FlashController.ready),
        .write(0xFFFF_FF66, Register(0x3_0008)), .read(FlashController.ready),
        .write(0, FlashController.configuration), .read(FlashController.ready),
      ])
  }

  @Test("an erase waits until the controller is ready again")
  func erasing() {
    var bus = ChipBus()
    var looks = 0
    bus.react = { bus, access in
      guard access == .read(FlashController.ready) else { return }
      looks += 1
      bus.registers[FlashController.ready] = looks % 3 == 0 ? 1 : 0
    }
    FlashController().erase(pageAt: 0x3_0400, &bus)
    #expect(
      bus.writes == [
        .write(2, FlashController.configuration), .write(0x3_0400, FlashController.erasePage),
        .write(0, FlashController.configuration),
      ])
    #expect(looks == 9)
  }

  @Test("the timer goes on counting when its 32 bits begin anew")
  func wrapping() {
    var bus = ChipBus()
    var timer = MicrosecondTimer()
    for (counter, expected) in [
      (UInt32(5), UInt64(5)), (.max, 0xFFFF_FFFF), (0, 0x1_0000_0000), (7, 0x1_0000_0007),
      (3, 0x2_0000_0003),
    ] {
      bus.registers[MicrosecondTimer.captured] = counter
      let now = timer.now(&bus)
      #expect(now == Ticks(expected))
    }
    timer.wake(after: 20, &bus)
    #expect(bus.writes.last == .write(23, MicrosecondTimer.wakeUp))
  }

  @Test("the timer waits for the crystal before it counts")
  func crystal() {
    var bus = ChipBus()
    var looks = 0
    bus.react = { bus, access in
      guard access == .read(MicrosecondTimer.crystalStarted) else { return }
      looks += 1
      if looks == 4 { bus.registers[MicrosecondTimer.crystalStarted] = 1 }
    }
    MicrosecondTimer().begin(&bus)
    #expect(bus.accesses.first == .write(1, MicrosecondTimer.startCrystal))
    #expect(bus.accesses.last == .write(1, MicrosecondTimer.start))
    #expect(looks == 4)
  }

  @Test("a byte is received once: its event is cleared before it is read")
  func receiving() {
    var bus = ChipBus()
    let uart = UART()
    let nothing = uart.receive(&bus)
    #expect(nothing == nil)
    bus.forget()
    bus.registers[UART.received] = 1
    bus.registers[UART.receivedByte] = 0x5A
    let byte = uart.receive(&bus)
    #expect(byte == 0x5A)
    #expect(
      bus.accesses == [
        .read(UART.received), .write(0, UART.received), .read(UART.receivedByte),
      ])
  }

  @Test("a break drops the frame of which part has come, and is told once, before the next report")
  func newHost() throws {
    var bus = ChipBus()
    var line: [UInt8] = []
    var breakAt: Int?
    // Reading the event says that a byte is there, reading the byte takes it.
    bus.react = { bus, access in
      if access == .read(UART.received) {
        bus.registers[UART.received] = line.isEmpty || line.count == breakAt ? 0 : 1
      } else if access == .read(UART.receivedByte) {
        bus.registers[UART.receivedByte] = UInt32(line.removeFirst())
      } else if access == .read(UART.fault), line.count == breakAt {
        breakAt = nil
        bus.registers[UART.fault] = 1
        bus.registers[UART.faultSource] = 8
      } else if access == .write(0, UART.fault) {
        bus.registers[UART.fault] = 0
      }
    }
    let frame = SerialFrame(Report(InlineArray(repeating: 7)))
    let bytes = (0..<frame.count).map { frame.bytes[$0] }
    var port = SerialPort()
    line = bytes + bytes.prefix(10) + bytes
    breakAt = bytes.count
    let before = port.receive(&bus)
    let toldEarly = port.takeNewHost()
    let after = port.receive(&bus)
    let told = [port.takeNewHost(), port.takeNewHost()]
    #expect(before != nil && !toldEarly && after != nil)
    #expect(told == [true, false])
    #expect(bus.accesses.contains(.write(8, UART.faultSource)))
  }

  @Test("the next byte is sent only when the one before has left")
  func sending() {
    var bus = ChipBus()
    var uart = UART()
    let atFirst = uart.isFree(&bus)
    uart.send(1, &bus)
    let meanwhile = uart.isFree(&bus)
    bus.registers[UART.sent] = 1
    let afterwards = uart.isFree(&bus)
    #expect([atFirst, meanwhile, afterwards] == [true, false, true])
    uart.send(2, &bus)
    #expect(
      bus.writes == [.write(1, UART.byteToSend), .write(0, UART.sent), .write(2, UART.byteToSend)])
  }

  @Test("the port is enabled before its interrupts are, and started last")
  func startingThePort() throws {
    var bus = ChipBus()
    UART().start(&bus)
    let enabled = try #require(bus.accesses.firstIndex(of: .write(4, UART.enable)))
    let raised = try #require(bus.accesses.firstIndex(of: .write(0x84, UART.raiseInterrupt)))
    #expect(enabled < raised)
    #expect(
      bus.accesses.suffix(2) == [.write(1, UART.startReceiver), .write(1, UART.startTransmitter)])
  }

  @Test("random bytes are refused from the moment that the generator repeats itself")
  func stuckGenerator() {
    var bus = ChipBus()
    bus.registers[RandomGenerator.ready] = 1
    var random = RandomGenerator()
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var next: UInt32 = 0
    var isStuck = false
    bus.react = { bus, access in
      guard access == .read(RandomGenerator.value) else { return }
      if !isStuck { next = next &+ 37 }
      bus.registers[RandomGenerator.value] = next & 0xFF
    }
    var span = bytes.mutableSpan
    for _ in 0..<100 {
      let isGood = random.fill(&span, &bus)
      #expect(isGood)
    }
    isStuck = true
    let answers = (0..<4).map { _ in random.fill(&span, &bus) }
    #expect(answers == [true, true, false, false])
    isStuck = false
    let isTrustedAgain = random.fill(&span, &bus)
    #expect(!isTrustedAgain)
  }

  @Test("a generator that says nothing is given up")
  func silentGenerator() {
    var bus = ChipBus()
    var random = RandomGenerator()
    var bytes = InlineArray<1, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    let isGood = random.fill(&span, &bus)
    #expect(!isGood)
  }
}
