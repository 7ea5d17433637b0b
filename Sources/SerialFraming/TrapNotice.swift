/// What a firmware says before it resets itself because it met something that cannot be.
///
/// Eight bytes: the program counter, then the link register, most significant byte first.
public struct TrapNotice: Equatable, Sendable {
  static let size = 8

  /// The instruction that trapped.
  public let address: UInt32
  /// Where the function it is in was to return to.
  public let caller: UInt32

  public init(address: UInt32, caller: UInt32) {
    self.address = address
    self.caller = caller
  }

  init(parsing bytes: Span<UInt8>) {
    var words = InlineArray<2, UInt32>(repeating: 0)
    for index in 0..<Self.size { words[index / 4] = words[index / 4] << 8 | UInt32(bytes[index]) }
    self.init(address: words[0], caller: words[1])
  }

  /// The notice as it goes on the line.
  public var frame: SerialFrame {
    var payload = InlineArray<8, UInt8>(repeating: 0)
    for index in 0..<4 {
      payload[index] = UInt8(truncatingIfNeeded: address >> UInt32(24 - 8 * index))
      payload[4 + index] = UInt8(truncatingIfNeeded: caller >> UInt32(24 - 8 * index))
    }
    return SerialFrame(payload: payload.span)
  }
}
