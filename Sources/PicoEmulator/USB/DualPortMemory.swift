/// The USB controller's DPSRAM: 4 KiB that the core and the controller share, with the rules for who
/// may write what in it (RP2040 data sheet, 4.1.2.5).
final class DualPortMemory {
  static let size = 4_096
  static let largestPacket = 64
  /// Where data buffers may start; before it are the SETUP packet, control words and EP0's buffer.
  private static let bufferArea = 0x100..<size

  private unowned let surroundings: any Surroundings
  private(set) var bytes = [UInt8](repeating: 0, count: size)
  /// Whether the core may take back this endpoint's buffer: it asked for that with EP_ABORT, or there
  /// was a bus reset.
  var isRevocable: (EndpointDirection) -> Bool = { _ in false }

  init(_ surroundings: any Surroundings) {
    self.surroundings = surroundings
  }

  /// What the memory holds at power-on is anything; so is what it holds here.
  func powerOn(seed: UInt64) {
    var generator = SplitMix(seed: seed)
    for index in 0x100..<Self.size { bytes[index] = UInt8(truncatingIfNeeded: generator.next()) }
    for index in 0..<0x100 { bytes[index] = 0 }
  }

  // MARK: The core's side

  func load(_ offset: Int, size: Int) -> UInt32 {
    (0..<size).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32($1 * 8) }
  }

  func store(_ offset: Int, size: Int, _ value: UInt32) {
    let start = offset & ~3
    let old = load(start, size: 4)
    for index in 0..<size {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8))
    }
    let new = load(start, size: 4)
    switch start {
    case 0x08..<0x80: checkControl(at: start, new)
    case 0x80..<0x100: checkBufferControl(EndpointDirection(bufferControlOffset: start), old, new)
    default: break
    }
  }

  // MARK: The controller's side

  func bufferControl(_ endpoint: EndpointDirection) -> BufferControl {
    BufferControl(rawValue: load(endpoint.bufferControlOffset, size: 4))
  }

  func setBufferControl(_ endpoint: EndpointDirection, _ value: BufferControl) {
    for index in 0..<4 {
      bytes[endpoint.bufferControlOffset + index] = UInt8(
        truncatingIfNeeded: value.rawValue >> UInt32(index * 8))
    }
  }

  /// The endpoint's control word: ENABLE bit 31, an interrupt for each buffer bit 29, the buffer's
  /// address in bits 15 to 6.
  func control(_ endpoint: EndpointDirection) -> UInt32 {
    load(endpoint.controlOffset, size: 4)
  }

  /// Where the endpoint's buffer is. Endpoint 0 has the same one in both directions.
  func bufferOffset(_ endpoint: EndpointDirection) -> Int {
    endpoint.number == 0 ? 0x100 : Int(control(endpoint) & 0xFFC0) % Self.size
  }

  func packet(_ endpoint: EndpointDirection, length: Int) -> [UInt8] {
    let offset = bufferOffset(endpoint)
    return Array(bytes[offset..<min(offset + length, Self.size)])
  }

  func storePacket(_ endpoint: EndpointDirection, _ packet: [UInt8]) {
    let offset = bufferOffset(endpoint)
    for (index, byte) in packet.enumerated() where offset + index < Self.size {
      bytes[offset + index] = byte
    }
  }

  func storeSetup(_ packet: [UInt8]) {
    for (index, byte) in packet.prefix(8).enumerated() { bytes[index] = byte }
  }

  // MARK: Rules

  private func checkControl(at offset: Int, _ word: UInt32) {
    guard word & 1 << 31 != 0 else { return }
    let address = Int(word & 0xFFFF)
    if address % 64 != 0 || !Self.bufferArea.contains(address) {
      surroundings.report(
        .bufferBounds,
        "an endpoint's buffer is at \(hexadecimal(UInt32(address))); it has to be a multiple of 64 "
          + "from 0x100 on and within 4 KiB")
    }
    if word & 1 << 30 != 0 {
      surroundings.report(.notModelled, "an endpoint with two buffers")
    }
  }

  private func checkBufferControl(_ endpoint: EndpointDirection, _ old: UInt32, _ new: UInt32) {
    let before = BufferControl(rawValue: old)
    let after = BufferControl(rawValue: new)
    if before.isAvailable {
      let isTakenBack = new & ~BufferControl.stall != old & ~BufferControl.stall
      if isTakenBack, !isRevocable(endpoint) {
        surroundings.report(
          .bufferInUse,
          "\(endpoint)'s buffer control is changed while AVAILABLE is 1; use EP_ABORT first")
      }
      return
    }
    guard after.isAvailable else { return }
    if (old ^ new) & ~BufferControl.available != 0 {
      surroundings.report(
        .availableTogether,
        "\(endpoint)'s AVAILABLE is set together with other fields; write those first")
    }
    if after.length > Self.largestPacket {
      surroundings.report(
        .bufferBounds,
        "\(endpoint)'s buffer control has a length of \(after.length); 64 is the most")
    }
  }
}
