/// A buffer control word of the DPSRAM (RP2040 data sheet, 4.1.2.5.3), of which the lower half is
/// used here: endpoints with two buffers are not modelled.
struct BufferControl: Equatable {
  var rawValue: UInt32

  static let available: UInt32 = 1 << 10
  static let stall: UInt32 = 1 << 11
  static let resetSelect: UInt32 = 1 << 12
  static let isData1: UInt32 = 1 << 13
  static let last: UInt32 = 1 << 14
  static let full: UInt32 = 1 << 15
  static let lengthMask: UInt32 = 0x3FF

  /// The controller owns the buffer, and this word.
  var isAvailable: Bool { rawValue & Self.available != 0 }
  var isStalled: Bool { rawValue & Self.stall != 0 }
  /// There is data in the buffer: for the host, or from it.
  var isFull: Bool { rawValue & Self.full != 0 }
  /// The transfer ends with this buffer.
  var isLast: Bool { rawValue & Self.last != 0 }
  var pid: DataPID { rawValue & Self.isData1 != 0 ? .data1 : .data0 }
  /// Bytes, of the packet that is there or that there is room for.
  var length: Int { Int(rawValue & Self.lengthMask) }
}

/// The two names that data packets have in turn.
public enum DataPID: Sendable {
  case data0
  case data1

  var toggled: DataPID { self == .data0 ? .data1 : .data0 }
}

/// An endpoint in one direction.
public struct EndpointDirection: Hashable, Sendable {
  /// 0 to 15.
  public let number: Int
  /// Whether it sends to the host.
  public let isInput: Bool

  public static func input(_ number: Int) -> EndpointDirection {
    EndpointDirection(number: number, isInput: true)
  }

  public static func output(_ number: Int) -> EndpointDirection {
    EndpointDirection(number: number, isInput: false)
  }

  private init(number: Int, isInput: Bool) {
    precondition((0...15).contains(number))
    self.number = number
    self.isInput = isInput
  }

  /// Its bit in BUFF_STATUS, EP_ABORT and their like.
  var bit: UInt32 { 1 << UInt32(number * 2 + (isInput ? 0 : 1)) }

  /// Of its buffer control word in the DPSRAM.
  var bufferControlOffset: Int { 0x80 + number * 8 + (isInput ? 0 : 4) }

  /// Of its control word; endpoint 0 has none.
  var controlOffset: Int { number * 8 + (isInput ? 0 : 4) }

  init(bufferControlOffset offset: Int) {
    self.init(number: (offset - 0x80) / 8, isInput: offset % 8 == 0)
  }
}

extension EndpointDirection: CustomStringConvertible {
  public var description: String { "EP\(number) \(isInput ? "IN" : "OUT")" }
}
