/// Standard requests, bRequest (USB 2.0, table 9-4). SET_DESCRIPTOR and SYNCH_FRAME are not here: they
/// are stalled like what is not in the table at all.
enum StandardRequest: UInt8 {
  case getStatus = 0
  case clearFeature = 1
  case setFeature = 3
  case setAddress = 5
  case getDescriptor = 6
  case getConfiguration = 8
  case setConfiguration = 9
  case getInterface = 10
  case setInterface = 11

  /// Whether the device sends the data; no request goes both ways.
  var isInput: Bool {
    switch self {
    case .getStatus, .getDescriptor, .getConfiguration, .getInterface: true
    case .clearFeature, .setFeature, .setAddress, .setConfiguration, .setInterface: false
    }
  }
}

/// Requests of the HID class, bRequest (HID 1.11, 7.2). GET_PROTOCOL and SET_PROTOCOL are for boot
/// devices only.
enum HIDRequest: UInt8 {
  case getReport = 1
  case getIdle = 2
  case setReport = 9
  case setIdle = 10

  var isInput: Bool {
    switch self {
    case .getReport, .getIdle: true
    case .setReport, .setIdle: false
    }
  }
}

/// Kinds of reports, the high byte of wValue in GET_REPORT and SET_REPORT (HID 1.11, 7.2.1).
enum ReportKind: UInt8 {
  case input = 1
  case output = 2
  case feature = 3
}

/// Features that can be set and cleared (USB 2.0, table 9-6).
enum Feature: UInt16 {
  case endpointHalt = 0
  case deviceRemoteWakeup = 1
  case testMode = 2
}

/// Kinds of descriptors (USB 2.0, table 9-5; HID 1.11, 7.1). A device qualifier tells of another speed,
/// and there is none.
enum DescriptorKind: UInt8 {
  case device = 1
  case configuration = 2
  case string = 3
  case hid = 0x21
  case report = 0x22
}
