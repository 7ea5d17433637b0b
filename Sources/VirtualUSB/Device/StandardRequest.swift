/// Standard requests, bRequest (USB 2.0, table 9-4).
enum StandardRequest: UInt8 {
  case getStatus = 0
  case clearFeature = 1
  case setFeature = 3
  case setAddress = 5
  case getDescriptor = 6
  case setDescriptor = 7
  case getConfiguration = 8
  case setConfiguration = 9
  case getInterface = 10
  case setInterface = 11
  case synchFrame = 12

  /// Whether the device sends the data; no request goes both ways.
  var isInput: Bool {
    switch self {
    case .getStatus, .getDescriptor, .getConfiguration, .getInterface, .synchFrame: true
    default: false
    }
  }
}

/// Features that can be set and cleared (USB 2.0, table 9-6).
enum Feature: UInt16 {
  case endpointHalt = 0
  case deviceRemoteWakeup = 1
  case testMode = 2
}

extension SetupPacket {
  /// A standard request to the device that has no data, or an interface's if `index` says so.
  init(
    standard request: StandardRequest, to recipient: Recipient = .device, value: UInt16 = 0,
    index: UInt16 = 0, length: UInt16 = 0
  ) {
    self.init(
      requestType: (request.isInput ? 0x80 : 0) | Kind.standard.rawValue << 5 | recipient.rawValue,
      request: request.rawValue, value: value, index: index, length: length)
  }
}
