/// What the kernel's uhid says to its device (linux/uhid.h): a kind (4), and fields by kind. All
/// numbers are little-endian on the machines that this runs on.
enum UHIDEvent: Equatable {
  /// A driver has the device, or let go of it.
  case start
  case stop
  /// A program has it open, or none has any more.
  case open
  case close
  /// A report for the device, the report number in front.
  case output([UInt8])
  /// `kind` is nil for a number that HID does not know.
  case getReport(id: UInt32, number: UInt8, kind: ReportKind?)
  case setReport(id: UInt32, number: UInt8, kind: ReportKind?, [UInt8])

  /// The largest event, in bytes. The kernel may send less, and zeros are meant behind it then.
  static let size = 4_376
  /// The most data that an event has.
  static let dataSize = 4_096

  /// The numbers of both directions.
  enum Kind: UInt32 {
    case destroy = 1
    case start = 2
    case stop = 3
    case open = 4
    case close = 5
    case output = 6
    case getReport = 9
    case getReportReply = 10
    case create = 11
    case input = 12
    case setReport = 13
    case setReportReply = 14
  }

  /// `nil` for a kind that a device need not know.
  init?(parsing bytes: [UInt8]) {
    let bytes = bytes + [UInt8](repeating: 0, count: max(Self.size - bytes.count, 0))
    func data(at offset: Int, count: UInt16) -> [UInt8] {
      Array(bytes[offset..<offset + min(Int(count), Self.dataSize)])
    }
    switch Kind(rawValue: bytes.littleEndian(at: 0)) {
    case .start: self = .start
    case .stop: self = .stop
    case .open: self = .open
    case .close: self = .close
    case .output:
      // data (4,096) ‖ size (2) ‖ kind (1)
      self = .output(data(at: 4, count: bytes.littleEndian(at: 4 + Self.dataSize)))
    case .getReport:
      // id (4) ‖ number (1) ‖ kind (1)
      self = .getReport(
        id: bytes.littleEndian(at: 4), number: bytes[8], kind: ReportKind(uhid: bytes[9]))
    case .setReport:
      // id (4) ‖ number (1) ‖ kind (1) ‖ size (2) ‖ data
      self = .setReport(
        id: bytes.littleEndian(at: 4), number: bytes[8], kind: ReportKind(uhid: bytes[9]),
        data(at: 12, count: bytes.littleEndian(at: 10)))
    default: return nil
    }
  }
}

extension ReportKind {
  /// uhid numbers them in its own way.
  init?(uhid number: UInt8) {
    switch number {
    case 0: self = .feature
    case 1: self = .output
    case 2: self = .input
    default: return nil
    }
  }
}
