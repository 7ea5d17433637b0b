/// Requests of the HID class, bRequest (HID 1.11, 7.2).
enum HIDRequest: UInt8 {
  case getReport = 1
  case getIdle = 2
  case getProtocol = 3
  case setReport = 9
  case setIdle = 10
  case setProtocol = 11

  var isInput: Bool {
    switch self {
    case .getReport, .getIdle, .getProtocol: true
    case .setReport, .setIdle, .setProtocol: false
    }
  }
}

/// Kinds of reports, the high byte of wValue in GET_REPORT and SET_REPORT (HID 1.11, 7.2.1).
enum ReportKind: UInt8 {
  case input = 1
  case output = 2
  case feature = 3
}

extension SetupPacket {
  /// A request of the HID class to the interface.
  init(hid request: HIDRequest, value: UInt16 = 0, length: UInt16 = 0) {
    self.init(
      requestType: (request.isInput ? 0x80 : 0) | Kind.class.rawValue << 5
        | Recipient.interface.rawValue,
      request: request.rawValue, value: value, index: UInt16(Descriptors.interfaceNumber),
      length: length)
  }
}
