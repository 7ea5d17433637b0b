import TokenCore

// The requests of HID 1.11, 7.2, to the one interface.
extension USBDevice {
  mutating func replyToHID(_ setup: SetupPacket, _ data: [UInt8]) -> ControlReply {
    guard setup.recipient == .interface, isInterface(setup.index),
      let request = HIDRequest(rawValue: setup.request), setup.isInput == request.isInput
    else { return .stall }
    switch request {
    case .getReport: return inputReport(setup)
    case .setReport: return setReport(setup, data)
    case .getIdle: return setup.value == 0 ? .data([0]) : .stall
    case .setIdle: return setIdle(setup)
    // For boot devices only.
    case .getProtocol, .setProtocol: return .stall
    }
  }

  /// The report that the host got last: that is the present value of the input, and it never takes a
  /// report away from the IN endpoint.
  private func inputReport(_ setup: SetupPacket) -> ControlReply {
    guard ReportKind(rawValue: setup.valueHigh) == .input, setup.valueLow == 0 else {
      return .stall
    }
    return .data(lastInput.array)
  }

  /// The same as a transfer to the OUT endpoint, for hosts that use no such endpoints.
  private mutating func setReport(_ setup: SetupPacket, _ data: [UInt8]) -> ControlReply {
    guard ReportKind(rawValue: setup.valueHigh) == .output, setup.valueLow == 0,
      (1...Report.size).contains(data.count), outputs.count < Limits.outputs
    else { return .stall }
    outputs.append(Report(padding: data))
    return .done
  }

  /// A report is sent when there is one, and never repeated: 'indefinite', the duration 0, is the
  /// only one.
  private func setIdle(_ setup: SetupPacket) -> ControlReply {
    setup.value == 0 && setup.length == 0 ? .done : .stall
  }
}
