/// The word through which a buffer changes hands between the processor and the controller (RP2040 data
/// sheet, 4.1.2.5.1 and 4.1.2.7.1), for single buffers: the low half.
struct BufferControl: Equatable {
  var rawValue: UInt32

  @inline(never)
  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  private static let full: UInt32 = 1 << 15
  private static let data1: UInt32 = 1 << 13
  private static let available: UInt32 = 1 << 10
  private static let lengthField: UInt32 = 0x3FF

  /// The processor's, with nothing in it.
  static var empty: BufferControl { BufferControl(rawValue: 0) }
  /// The endpoint answers with STALL.
  static var stall: BufferControl { BufferControl(rawValue: 1 << 11) }

  /// `length` bytes for the host.
  static func toSend(_ length: Int, _ toggle: DataToggle) -> BufferControl {
    BufferControl(rawValue: full | UInt32(length) | (toggle == .data1 ? data1 : 0))
  }

  /// Room for up to `length` bytes of the host's.
  static func toReceive(_ length: Int, _ toggle: DataToggle) -> BufferControl {
    BufferControl(rawValue: UInt32(length) | (toggle == .data1 ? data1 : 0))
  }

  /// The controller's.
  var handedOver: BufferControl { BufferControl(rawValue: rawValue | Self.available) }

  var isHandedOver: Bool { rawValue & Self.available != 0 }

  /// Bytes received.
  var length: Int { Int(rawValue & Self.lengthField) }
}

/// By which of two kinds of data packets a repeated one is told from the next (USB 2.0, 8.6).
enum DataToggle {
  case data0
  case data1

  mutating func flip() { self = self == .data0 ? .data1 : .data0 }
}
