import Hardware
import TokenCore

@testable import PicoBoard

/// A USB host at the other end of the chip's controller: it does to the controller's registers and memory
/// what the bus would make it do, packet by packet.
final class USBHostModel {
  /// What the device answers a token packet with (USB 2.0, 8.4).
  enum Handshake: Equatable {
    case acknowledged
    case data([UInt8], DataToggle)
    case notReady
    case stalled
  }

  /// How a control transfer ended.
  enum Outcome: Equatable {
    case data([UInt8])
    case done
    case stalled
    /// The device did not answer within many polls.
    case hung
  }

  let chip: ChipModel
  /// Lets the firmware run.
  var poll: () -> Void = {}
  /// The toggles that the host expects of endpoint 1.
  var inputToggle = DataToggle.data0
  var outputToggle = DataToggle.data0

  init(_ chip: ChipModel) {
    self.chip = chip
  }

  // MARK: The bus

  func reset() {
    chip.sieStatus |= Status.busReset
    setSuspended(false)
    inputToggle = .data0
    outputToggle = .data0
    poll()
  }

  func suspend() {
    setSuspended(true)
    poll()
  }

  /// - Parameter isSeen: whether the controller says so.
  func resume(isSeen: Bool = true) {
    if isSeen { chip.sieStatus |= Status.resumed }
    setSuspended(false)
    poll()
  }

  private typealias Status = ControllerRegisters.SIEStatus

  private func setSuspended(_ isSuspended: Bool) {
    guard isSuspended != (chip.sieStatus & Status.suspended != 0) else { return }
    chip.sieStatus ^= Status.suspended
    chip.hasSuspensionChanged = true
  }

  // MARK: Packets

  func setup(_ packet: [UInt8]) {
    let words = [packet[0..<4], packet[4..<8]].map { bytes in
      bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    chip.setMemory(Endpoint.setupPacket, words[0])
    chip.setMemory(Register(Endpoint.memory + 4), words[1])
    chip.stallArm = 0
    chip.sieStatus |= ControllerRegisters.SIEStatus.setupReceived
  }

  func input(_ endpoint: Endpoint) -> Handshake {
    guard let control = readyControl(endpoint) else { return .notReady }
    guard !isStalled(endpoint, control) else { return .stalled }
    guard control & 1 << 10 != 0, control & 1 << 15 != 0 else { return .notReady }
    let bytes = memory(of: endpoint, count: Int(control & 0x3FF))
    finish(endpoint, control & ~(1 << 10 | 1 << 15))
    return .data(bytes, toggle(control))
  }

  func output(_ endpoint: Endpoint, _ bytes: [UInt8], _ toggle: DataToggle) -> Handshake {
    guard let control = readyControl(endpoint) else { return .notReady }
    guard !isStalled(endpoint, control) else { return .stalled }
    guard control & 1 << 10 != 0 else { return .notReady }
    // A repeated packet is acknowledged and dropped (USB 2.0, 8.6.3).
    guard self.toggle(control) == toggle else { return .acknowledged }
    precondition(bytes.count <= Int(control & 0x3FF), "the host sends more than there is room for")
    for index in stride(from: 0, to: bytes.count, by: 4) {
      let word = bytes[index..<min(index + 4, bytes.count)].reversed()
        .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      chip.setMemory(endpoint.bufferWord(index / 4), word)
    }
    finish(endpoint, control & ~(1 << 10 | 0x3FF) | 1 << 15 | UInt32(bytes.count))
    return .acknowledged
  }

  private func readyControl(_ endpoint: Endpoint) -> UInt32? {
    guard chip.value(of: ControllerRegisters.abort) & endpoint.bit == 0 else { return nil }
    let isControl = endpoint == .controlIn || endpoint == .controlOut
    guard isControl || chip.value(of: endpoint.control) & 1 << 31 != 0 else { return nil }
    return chip.value(of: endpoint.bufferControl)
  }

  private func isStalled(_ endpoint: Endpoint, _ control: UInt32) -> Bool {
    let isControl = endpoint == .controlIn || endpoint == .controlOut
    return control & 1 << 11 != 0 && (!isControl || chip.stallArm & endpoint.bit != 0)
  }

  private func toggle(_ control: UInt32) -> DataToggle { control & 1 << 13 == 0 ? .data0 : .data1 }

  private func finish(_ endpoint: Endpoint, _ control: UInt32) {
    chip.setMemory(endpoint.bufferControl, control)
    chip.bufferStatus |= endpoint.bit
  }

  private func memory(of endpoint: Endpoint, count: Int) -> [UInt8] {
    (0..<count).map { index in
      UInt8(
        truncatingIfNeeded: chip.value(of: endpoint.bufferWord(index / 4))
          >> UInt32(8 * (index % 4)))
    }
  }

  // MARK: Transfers

  /// As often as a host asks again before it gives up.
  private static let patience = 50

  private func retry(_ packet: () -> Handshake) -> Handshake? {
    for _ in 0..<Self.patience {
      let handshake = packet()
      guard handshake == .notReady else { return handshake }
      poll()
    }
    return nil
  }

  /// A whole control transfer. `data` is what the host sends.
  func control(_ packet: [UInt8], data: [UInt8] = []) -> Outcome {
    setup(packet)
    poll()
    let length = Int(packet[6]) | Int(packet[7]) << 8
    let isInput = packet[0] & 0x80 != 0
    return isInput && length > 0
      ? controlInput(length) : controlOutput(Array(data.prefix(length)), length)
  }

  private func controlInput(_ length: Int) -> Outcome {
    var received: [UInt8] = []
    var toggle = DataToggle.data1
    while true {
      switch retry({ input(.controlIn) }) {
      case .data(let bytes, let found)?:
        guard found == toggle else { return .hung }
        toggle.flip()
        received += bytes
        poll()
        if bytes.count == 64, received.count < length { continue }
        guard retry({ output(.controlOut, [], .data1) }) == .acknowledged else { return .hung }
        poll()
        return .data(received)
      case .stalled?: return .stalled
      default: return .hung
      }
    }
  }

  private func controlOutput(_ data: [UInt8], _ length: Int) -> Outcome {
    var toggle = DataToggle.data1
    var rest = data[...]
    while !rest.isEmpty {
      switch retry({ output(.controlOut, Array(rest.prefix(64)), toggle) }) {
      case .acknowledged?:
        toggle.flip()
        rest = rest.dropFirst(64)
        poll()
      case .stalled?: return .stalled
      default: return .hung
      }
    }
    switch retry({ input(.controlIn) }) {
    case .data(let bytes, .data1)? where bytes.isEmpty:
      poll()
      return .done
    case .stalled?: return .stalled
    default: return .hung
    }
  }

  /// Up to its configuration, as an operating system does it.
  func enumerate(address: UInt8 = 9) -> Bool {
    reset()
    guard case .data = control([0x80, 6, 0, 1, 0, 0, 64, 0]),
      control([0x00, 5, address, 0, 0, 0, 0, 0]) == .done,
      case .data = control([0x80, 6, 0, 2, 0, 0, 0xFF, 0]),
      control([0x00, 9, 1, 0, 0, 0, 0, 0]) == .done
    else { return false }
    inputToggle = .data0
    outputToggle = .data0
    return true
  }

  /// Sends a report; `nil` if the device does not take it.
  func send(_ report: [UInt8]) -> Handshake? {
    let handshake = retry { output(.reportsOut, report, outputToggle) }
    if handshake == .acknowledged { outputToggle.flip() }
    poll()
    return handshake
  }

  /// The next report, if there is one within some polls, and the toggle is right.
  func receive() -> [UInt8]? {
    guard case .data(let bytes, let toggle)? = retry({ input(.reportsIn) }), toggle == inputToggle
    else { return nil }
    inputToggle.flip()
    poll()
    return bytes
  }
}
