import Testing
import TokenCore
import VirtualUSB

@testable import PicoBoard

/// The device on a Pico and the simulated one are the same to a host.
@Suite struct SameDeviceTests {
  private let number = SerialNumber(rawValue: 0xE660_5838_832F_1C2A)

  private var simulated: USBDevice {
    var identity = USBIdentity(serialNumber: number)
    // A simulated one says so behind it.
    identity.name = "Watchfob"
    return USBDevice(identity)
  }

  @Test("every descriptor of both is the same")
  func descriptors() {
    let firmware = Firmware()
    var model = simulated
    #expect(firmware.host.enumerate())
    ask(&model, [0x00, 5, 9, 0, 0, 0, 0, 0])
    ask(&model, [0x00, 9, 1, 0, 0, 0, 0, 0])
    var found = 0
    for recipient in [0x80, 0x81] as [UInt8] {
      for kind in 0...255 as ClosedRange<UInt8> {
        for index in 0...4 as ClosedRange<UInt8> {
          for language in [0, 0x0409] as [UInt16] {
            let packet = [
              recipient, 6, index, kind, UInt8(language & 0xFF), UInt8(language >> 8), 0xFF, 0,
            ]
            let answer = firmware.host.control(packet)
            #expect(answer == ask(&model, packet), "\(packet)")
            if answer != .stalled { found += 1 }
          }
        }
      }
    }
    // Device, configuration, four strings; HID, report.
    #expect(found == 8)
  }

  @Test(
    "any row of control requests is answered by both alike",
    arguments: 1...100 as ClosedRange<UInt64>)
  func requests(seed: UInt64) {
    var generator = Generator(seed: seed)
    let firmware = Firmware(seed: seed)
    var model = simulated
    firmware.host.reset()
    for round in 0..<150 {
      if Int.random(in: 0..<40, using: &generator) == 0 {
        firmware.host.reset()
        model.reset()
      }
      let packet = Self.request(using: &generator)
      let isInput = packet[0] & 0x80 != 0
      let data = isInput ? [] : [UInt8](repeating: 0x5A, count: Int(packet[6]))
      let answer = firmware.host.control(packet, data: data)
      let expected = ask(&model, packet, data)
      guard answer == expected else {
        Issue.record(
          "\(packet): \(answer), and not \(expected); repeat with: seed \(seed), round \(round)")
        return
      }
    }
    #expect(firmware.chip.violations == [], "repeat with: seed \(seed)")
  }

  /// A request of those that exist, often with a field or two that are wrong.
  private static func request(using generator: inout Generator) -> [UInt8] {
    let requests: [[UInt8]] = [
      [0x80, 0, 0, 0, 0, 0, 2, 0], [0x81, 0, 0, 0, 0, 0, 2, 0], [0x82, 0, 0, 0, 0x81, 0, 2, 0],
      [0x82, 0, 0, 0, 0x01, 0, 2, 0], [0x02, 1, 0, 0, 0x81, 0, 0, 0],
      [0x02, 3, 0, 0, 0x81, 0, 0, 0], [0x02, 1, 0, 0, 0x01, 0, 0, 0],
      [0x02, 3, 0, 0, 0x01, 0, 0, 0], [0x02, 1, 0, 0, 0x80, 0, 0, 0], [0x00, 1, 1, 0, 0, 0, 0, 0],
      [0x00, 5, 3, 0, 0, 0, 0, 0], [0x80, 6, 0, 1, 0, 0, 18, 0], [0x80, 6, 0, 2, 0, 0, 255, 0],
      [0x80, 6, 2, 3, 9, 4, 255, 0], [0x81, 6, 0, 0x22, 0, 0, 255, 0], [0x80, 8, 0, 0, 0, 0, 1, 0],
      [0x00, 9, 1, 0, 0, 0, 0, 0], [0x00, 9, 1, 0, 0, 0, 0, 0], [0x00, 9, 0, 0, 0, 0, 0, 0],
      [0x81, 10, 0, 0, 0, 0, 1, 0], [0x01, 11, 0, 0, 0, 0, 0, 0], [0x82, 12, 0, 0, 0x81, 0, 2, 0],
      [0x00, 7, 0, 1, 0, 0, 18, 0], [0xA1, 1, 0, 1, 0, 0, 64, 0], [0x21, 9, 0, 2, 0, 0, 64, 0],
      [0xA1, 2, 0, 0, 0, 0, 1, 0], [0x21, 10, 0, 0, 0, 0, 0, 0], [0xA1, 3, 0, 0, 0, 0, 1, 0],
      [0x21, 11, 0, 0, 0, 0, 0, 0], [0xC0, 1, 0, 0, 0, 0, 8, 0],
    ]
    var packet = requests.randomElement(using: &generator)!
    for _ in 0..<max(0, Int.random(in: -3...2, using: &generator)) {
      let index = Int.random(in: 0..<7, using: &generator)
      packet[index] = [0, 1, 2, 3, 9, 64, 65, 0x80, 0x81, 255].randomElement(using: &generator)!
    }
    return packet
  }

  @discardableResult
  private func ask(
    _ model: inout USBDevice, _ packet: [UInt8], _ data: [UInt8] = []
  ) -> USBHostModel.Outcome {
    let setup = SetupPacket(parsing: packet)
    _ = model.submit(Transfer(id: 1, .control(setup, data: data)))
    while model.nextOutput() != nil {}
    guard let completion = model.nextCompletion() else { return .hung }
    switch completion.status {
    case .done: return setup.isInput && setup.length > 0 ? .data(completion.data) : .done
    case .stalled: return .stalled
    case .overflowed, .cancelled, .failed: return .hung
    }
  }
}
