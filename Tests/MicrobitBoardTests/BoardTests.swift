import Hardware
import SerialFraming
import Testing
import TokenCore

@testable import MicrobitBoard

@Suite("The micro:bit as a board")
struct BoardTests {
  static func board() -> MicrobitBoard<ChipBus> {
    var bus = ChipBus.withFlash()
    bus.registers[MicrosecondTimer.crystalStarted] = 1
    bus.registers[RandomGenerator.ready] = 1
    bus.registers[Register(0x1000_0060)] = 0x89AB_CDEF
    bus.registers[Register(0x1000_0064)] = 0x0123_4567
    return MicrobitBoard(bus: bus)
  }

  @Test("has the serial number that the chip's maker gave it")
  func serialNumber() {
    let serialNumber = Self.board().serialNumber
    #expect(serialNumber == SerialNumber(rawValue: 0x0123_4567_89AB_CDEF))
  }

  @Test("its flash does what NOR flash does, byte by byte")
  func flash() {
    var board = Self.board()
    for sector in 0..<board.sectorCount { board.erase(sector: sector) }
    var model = [UInt8](repeating: 0xFF, count: board.sectorCount * board.sectorSize)
    for turn in 0..<200 {
      let sector = Int.random(in: 0..<board.sectorCount)
      if turn % 20 == 19 {
        board.erase(sector: sector)
        let start = sector * board.sectorSize
        for index in start..<start + board.sectorSize { model[index] = 0xFF }
      }
      let bytes = (0..<Int.random(in: 1...40)).map { _ in UInt8.random(in: 0...255) }
      let address = sector * board.sectorSize + Int.random(in: 0...board.sectorSize - bytes.count)
      board.program(at: address, bytes.span)
      for (index, byte) in bytes.enumerated() { model[address + index] &= byte }
    }
    var found = [UInt8](repeating: 0, count: model.count)
    var span = found.mutableSpan
    board.read(at: 0, into: &span)
    #expect(found == model)
  }

  @Test("an erase touches nothing beside its sector")
  func neighbours() {
    var board = Self.board()
    for sector in 0..<board.sectorCount { board.erase(sector: sector) }
    let zeros: [UInt8] = [0, 0, 0, 0]
    let sector = board.sectorSize
    board.program(at: sector - 4, zeros.span)
    board.program(at: sector, zeros.span)
    board.program(at: 2 * sector - 4, zeros.span)
    board.program(at: 2 * sector, zeros.span)
    board.erase(sector: 1)
    var found = [UInt8](repeating: 1, count: 2 * sector + 4)
    var span = found.mutableSpan
    board.read(at: 0, into: &span)
    #expect(Array(found[(sector - 4)..<(sector)]) == zeros)
    #expect(found[sector..<2 * sector].allSatisfy { $0 == 0xFF })
    #expect(Array(found[(2 * sector)...]) == zeros)
  }

  @Test("a report goes out as a frame, as fast as the port takes it, and comes in from one")
  func serial() throws {
    var board = Self.board()
    var report = Report()
    for index in 0..<64 { report.bytes[index] = UInt8(3 * index) }
    board.bus.forget()
    board.send(report)
    var turns = 0
    board.bus.registers[UART.sent] = 1
    while !board.isReadyToSend(), turns < 1000 { turns += 1 }
    let line: [UInt8] = board.bus.writes.compactMap {
      guard case .write(let byte, UART.byteToSend) = $0 else { return nil }
      return UInt8(byte)
    }
    let frame = SerialFrame(report)
    #expect(line == (0..<frame.count).map { frame.bytes[$0] })

    var waiting = line
    board.bus.react = { bus, access in
      switch access {
      case .read(UART.received): bus.registers[UART.received] = waiting.isEmpty ? 0 : 1
      case .read(UART.receivedByte):
        bus.registers[UART.receivedByte] = UInt32(waiting.removeFirst())
      default: break
      }
    }
    let arrived = board.receive()
    let received = try #require(arrived)
    for index in 0..<64 { #expect(received.bytes[index] == report.bytes[index]) }
  }

  @Test("a host that does not read keeps a report waiting, and nothing else")
  func silentHost() {
    var board = Self.board()
    let before = board.isReadyToSend()
    #expect(before)
    board.send(Report())
    for _ in 0..<100 {
      let isReady = board.isReadyToSend()
      #expect(!isReady)
    }
  }

  @Test("the button pulls its pin low, and the light is on while the token is about something")
  func buttonAndLight() {
    var board = Self.board()
    board.bus.registers[GPIO.input] = .max
    let before = board.isTouched()
    #expect(!before)
    board.bus.registers[GPIO.input] = ~(1 << 17)
    let after = board.isTouched()
    #expect(after)
    board.indicate(.wantsTouch)
    #expect(board.bus.writes.last == .write(1 << 13, GPIO.set))
    board.indicate(.idle)
    #expect(board.bus.writes.last == .write(1 << 13, GPIO.clear))
  }
}
