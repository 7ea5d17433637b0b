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

  /// An empty report. What the host got last, the present value of an input, is not kept: it may have had
  /// a recovery code in it. And a report that waits in the IN endpoint is not taken away from there.
  private func inputReport(_ setup: SetupPacket) -> ControlReply {
    guard ReportKind(rawValue: setup.valueHigh) == .input, setup.valueLow == 0 else {
      return .stall
    }
    return .data(Report().array)
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
