import Foundation
import Testing
import TokenCore
import TokenSimulator

@testable import VirtualUSB

@Suite("The device through uhid")
struct UHIDTests {
  private let folder = TemporaryFolder()
  private let kernel = Kernel()

  private func run() throws -> RunningBus {
    let end = kernel.deviceEnd
    return try RunningBus(in: folder) { setting in
      UHIDDevice(
        FileDescriptor(owning: end), identity: setting.identity, onEvent: setting.onEvent)
    }
  }

  /// A device that a driver has and a program has open.
  private func runOpened() throws -> RunningBus {
    let bus = try run()
    #expect(kernel.message()?.kind == 11)
    kernel.start()
    kernel.open()
    return bus
  }

  @Test("it is created at once, by the name and with the descriptor that USB would show")
  func create() throws {
    let bus = try run()
    let message = try #require(kernel.message())
    #expect(message.kind == 11)
    #expect(message.text(0) == "Watchfob (simulated)")
    #expect(message.text(192).count == 16)
    #expect(message.short(258) == 3)
    #expect(message.word(260) == UInt32(USBIdentifiers.vendorID))
    #expect(message.word(264) == UInt32(USBIdentifiers.productID))
    let descriptor = Array(message.fields[276...])
    #expect(descriptor.count == message.short(256))
    #expect(descriptor == Host.configured.descriptor(0x22, of: .interface))
    try bus.stop()
  }

  @Test("a program's reports come without the report number, and the token's answers go back")
  func exchange() throws {
    let bus = try runOpened()
    for nonce: UInt8 in 1...50 {
      kernel.output([0] + initReport(nonce: nonce))
      let message = try #require(kernel.message())
      #expect(message.kind == 12)
      #expect(message.short(0) == 64)
      #expect(isInitAnswer(Array(message.fields[2...]), nonce: nonce))
    }
    try bus.stop()
  }

  @Test("reports wait in the token until a program has the device open")
  func opening() throws {
    let bus = try runOpened()
    kernel.close()
    kernel.output([0] + initReport(nonce: 1))
    // An answer that needs no report shows that the output was looked at before it.
    kernel.getReport(id: 5, kind: 2)
    #expect(kernel.message()?.kind == 10)
    kernel.open()
    kernel.output([0] + initReport(nonce: 2))
    var last: Kernel.Message?
    repeat { last = kernel.message() } while last?.fields.last != nil && last?.fields[9] == 1
    #expect(isInitAnswer(Array(try #require(last).fields[2...]), nonce: 2))
    try bus.stop()
  }

  @Test("GET_REPORT answers with an empty report, the number in front, and refuses other kinds")
  func getReport() throws {
    let bus = try runOpened()
    kernel.output([0] + initReport(nonce: 9))
    #expect(kernel.message()?.kind == 12)
    kernel.getReport(id: 77, kind: 2)
    let reply = try #require(kernel.message())
    #expect(reply.kind == 10)
    #expect(reply.word(0) == 77)
    #expect(reply.short(4) == 0)
    #expect(reply.short(6) == 65)
    #expect(reply.fields[8] == 0)
    #expect(Array(reply.fields[9..<73]) == [UInt8](repeating: 0, count: 64))
    for (number, kind): (UInt8, UInt8) in [(1, 2), (0, 0), (0, 1), (0, 9)] {
      kernel.getReport(id: 78, number: number, kind: kind)
      let refusal = try #require(kernel.message())
      #expect(refusal.kind == 10)
      #expect(refusal.short(4) == 5)
      #expect(refusal.short(6) == 0)
    }
    try bus.stop()
  }

  @Test("SET_REPORT brings a report to the token, and is refused when it is none")
  func setReport() throws {
    let bus = try runOpened()
    kernel.setReport(id: 3, kind: 1, [0] + initReport(nonce: 4))
    let reply = try #require(kernel.message(14))
    #expect(reply.word(0) == 3)
    #expect(reply.short(4) == 0)
    for (number, kind, count): (UInt8, UInt8, Int) in [
      (0, 1, 66), (0, 1, 1), (0, 1, 0), (7, 1, 65), (0, 0, 65), (0, 2, 65), (0, 200, 65),
      (0, 1, 4_096),
    ] {
      kernel.setReport(id: 6, number: number, kind: kind, [UInt8](repeating: 0, count: count))
      let refusal = try #require(kernel.message(14))
      #expect(refusal.short(4) == 5, "\(number) \(kind) \(count)")
    }
    try bus.stop()
  }

  @Test("an unplugged token is destroyed, and created again when it is plugged in")
  func cable() throws {
    let bus = try runOpened()
    try bus.control.perform(.unplug)
    #expect(kernel.message()?.kind == 1)
    // Late events concern nobody.
    kernel.output([0] + initReport(nonce: 1))
    kernel.close()
    kernel.stop()
    try bus.control.perform(.plug)
    #expect(kernel.message()?.kind == 11)
    kernel.start()
    kernel.open()
    kernel.output([0] + initReport(nonce: 2))
    #expect(isInitAnswer(Array(try #require(kernel.message()).fields[2...]), nonce: 2))
    #expect(bus.events == [.attached, .unplugged, .attached])
    try bus.stop()
  }

  @Test("events of a kind that is not known, and short ones, leave the device as it is")
  func unknownEvents() throws {
    let bus = try runOpened()
    for kind: UInt8 in [0, 1, 7, 8, 10, 11, 12, 14, 15, 255] { kernel.send([kind, 0, 0, 0]) }
    kernel.send([1])
    kernel.send([6, 0, 0, 0])
    // More than an event can hold, by its own word.
    kernel.send([6, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 4_372))
    kernel.output([0] + initReport(nonce: 8))
    var answer: Kernel.Message?
    repeat { answer = kernel.message() } while answer != nil && answer?.fields[9] != 8
    #expect(isInitAnswer(Array(try #require(answer).fields[2...]), nonce: 8))
    try bus.stop()
  }

  @Test("random events leave the token's server running")
  func randomEvents() throws {
    let bus = try runOpened()
    for seed: UInt64 in 0..<300 {
      var random = Seed(seed)
      var event = (0..<Int.random(in: 1...4_376, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      event[0] = UInt8.random(in: 0...15, using: &random)
      for index in 1..<min(4, event.count) { event[index] = 0 }
      kernel.send(event)
      kernel.drain()
    }
    kernel.open()
    kernel.getReport(id: 0x5EED, kind: 2)
    var reply: Kernel.Message?
    repeat { reply = kernel.message(10) } while reply != nil && reply?.word(0) != 0x5EED
    #expect(reply?.short(4) == 0)
    _ = try bus.control.perform(.status)
    try bus.stop()
  }

  @Test("when the kernel goes away the token goes on without it, and says so")
  func lostKernel() throws {
    let folder = folder
    func runAndLose() throws -> RunningBus {
      let kernel = Kernel()
      let end = kernel.deviceEnd
      let bus = try RunningBus(in: folder) { setting in
        UHIDDevice(
          FileDescriptor(owning: end), identity: setting.identity, onEvent: setting.onEvent)
      }
      #expect(kernel.message()?.kind == 11)
      return bus
    }
    let bus = try runAndLose()
    #expect(bus.sees(.failed(SystemFailure("read", code: EIO))))
    let local = try Peer(unix: bus.socket)
    local.send(initReport(nonce: 1))
    #expect(isInitAnswer(local.receive(64), nonce: 1))
    try bus.stop()
  }

  @Test("a file that is not there is told as the system tells it")
  func noFile() throws {
    let identity = USBIdentity(serialNumber: SerialNumber(rawValue: 1))
    #expect(throws: SystemFailure("open", code: ENOENT)) {
      _ = try UHIDDevice(opening: folder.file("uhid"), identity: identity)
    }
  }
}
