/// What a device says to the kernel's uhid (linux/uhid.h): a kind (4), and fields by kind. Zeros at
/// the end may be left out.
enum UHIDMessage {
  /// EIO, the answer to a request that the device refused.
  private static let refused: UInt16 = 5
  /// BUS_USB, so that programs find the device where they look for USB devices.
  private static let usbBus: UInt16 = 3

  /// Plugs the device in.
  ///
  /// name (128) ‖ place (64) ‖ serial number (64) ‖ size of the report descriptor (2) ‖ bus (2) ‖
  /// vendor (4) ‖ product (4) ‖ version (4) ‖ country (4) ‖ report descriptor
  static func create(_ identity: USBIdentity) -> [UInt8] {
    var bytes = head(.create)
    bytes.append(identity.name, paddedTo: 128)
    bytes.append("watchfob", paddedTo: 64)
    bytes.append(identity.serialNumber, paddedTo: 64)
    bytes.append(littleEndian: UInt16(Descriptors.report.count))
    bytes.append(littleEndian: usbBus)
    bytes.append(littleEndian: UInt32(identity.vendor))
    bytes.append(littleEndian: UInt32(identity.product))
    bytes.append(littleEndian: UInt32(identity.release))
    bytes.append(littleEndian: UInt32(0))
    return bytes + Descriptors.report
  }

  /// Pulls it out.
  static let destroy = head(.destroy)

  /// A report for the host: size (2) ‖ data.
  static func input(_ data: [UInt8]) -> [UInt8] {
    var bytes = head(.input)
    bytes.append(littleEndian: UInt16(data.count))
    return bytes + data
  }

  /// The answer to GET_REPORT, `nil` for a refusal: id (4) ‖ error (2) ‖ size (2) ‖ data, the report
  /// number in front.
  static func getReportReply(id: UInt32, _ data: [UInt8]?) -> [UInt8] {
    var bytes = head(.getReportReply)
    bytes.append(littleEndian: id)
    bytes.append(littleEndian: data == nil ? refused : 0)
    bytes.append(littleEndian: UInt16(data.map { $0.count + 1 } ?? 0))
    return bytes + [0] + (data ?? [])
  }

  /// The answer to SET_REPORT: id (4) ‖ error (2).
  static func setReportReply(id: UInt32, isDone: Bool) -> [UInt8] {
    var bytes = head(.setReportReply)
    bytes.append(littleEndian: id)
    bytes.append(littleEndian: isDone ? 0 : refused)
    return bytes
  }

  private static func head(_ kind: UHIDEvent.Kind) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: kind.rawValue)
    return bytes
  }
}
