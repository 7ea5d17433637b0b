/// One HID report, in or out: 64 bytes, no report id.
public struct Report: Sendable {
  public static let size = 64

  public var bytes: InlineArray<64, UInt8>

  /// All zeros.
  public init() {
    bytes = InlineArray(repeating: 0)
  }

  public init(_ bytes: InlineArray<64, UInt8>) {
    self.bytes = bytes
  }
}
