import Testing
import TokenCore

@testable import VirtualUSB

@Suite("A hostile host")
struct HostileHostTests {
  /// Anything that a host could say, and things that none would.
  private func anything(_ random: inout Seed, id: UInt64) -> Transfer {
    switch Int.random(in: 0..<8, using: &random) {
    case 0..<4:
      let bytes = (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
      var setup = SetupPacket(parsing: bytes)
      if Bool.random(using: &random) {
        // Closer to what is understood.
        setup.requestType &= 0xA3
        setup.request %= 13
        setup.value &= 0x23FF
        setup.index = [0, 1, 0x81, 0x80][Int.random(in: 0..<4, using: &random)]
        setup.length %= 80
      }
      let isHonest = Bool.random(using: &random)
      let count =
        isHonest ? (setup.isInput ? 0 : Int(setup.length)) : Int.random(in: 0..<200, using: &random)
      return Transfer(id: id, .control(setup, data: [UInt8](repeating: 5, count: count)))
    case 4, 5:
      let number = UInt8.random(in: 0...2, using: &random)
      return Transfer(
        id: id, .input(endpoint: number, length: Int.random(in: -5..<5_000, using: &random)))
    default:
      let number = UInt8.random(in: 0...2, using: &random)
      let count = Int.random(in: 0..<5_000, using: &random)
      return Transfer(id: id, .output(endpoint: number, data: [UInt8](repeating: 3, count: count)))
    }
  }

  @Test("whatever it asks for ends exactly once, or waits within the limits", arguments: 0..<200)
  func storm(seed: UInt64) {
    var random = Seed(seed)
    var device = Host.configured.device
    var waiting: Set<UInt64> = []
    var id: UInt64 = 0
    let comment = Comment(rawValue: "repeat with: seed \(seed)")
    for _ in 0..<500 {
      switch Int.random(in: 0..<20, using: &random) {
      case 0: device.offer(.filled(1))
      case 1: _ = device.nextOutput()
      case 2:
        let target = UInt64.random(in: 0...id, using: &random)
        let cancelled = device.cancel(target)
        #expect(cancelled.isEmpty == !waiting.contains(target), comment)
        waiting.remove(target)
      case 3: device.suspend()
      case 4: device.resume()
      case 5: device.reset()
      default:
        id += 1
        if device.submit(anything(&random, id: id)) { waiting.insert(id) }
      }
      while let completion = device.nextCompletion() {
        #expect(waiting.remove(completion.transfer.id) != nil, comment)
      }
      #expect(device.held.count == waiting.count, comment)
      #expect(waiting.count <= USBDevice.Limits.transfers, comment)
      #expect(device.inputs.count <= USBDevice.Limits.inputs, comment)
      #expect(device.outputs.count <= USBDevice.Limits.outputs, comment)
    }
    // It still is what it was.
    device.reset()
    while device.nextCompletion() != nil {}
    let host = Host.configured
    host.device = device
    #expect(host.descriptor(1)?.count == 18, comment)
  }

  @Test("endless setup packets are answered one by one")
  func endlessSetups() {
    let host = Host.configured
    for number in 0..<20_000 {
      let setup = SetupPacket(
        requestType: UInt8(truncatingIfNeeded: number), request: UInt8(number >> 8 & 0xFF),
        value: UInt16(truncatingIfNeeded: number &* 7919), length: 0xFFFF)
      #expect(host.control(setup) != nil)
    }
  }
}
