import TokenCore

// The requests of HID 1.11, 7.2, to the one interface.
extension USBController {
  func answerHID(_ setup: SetupPacket) -> Answer {
    guard setup.recipient == .interface, isInterface(setup.index),
      let request = HIDRequest(rawValue: setup.request), setup.isInput == request.isInput
    else { return .stall }
    return switch request {
    case .getReport: inputReport(setup)
    case .setReport: setReport(setup)
    case .getIdle: setup.value == 0 ? byte(0) : .stall
    // A report is sent when there is one, and never repeated: 'indefinite', 0, is the only duration.
    case .setIdle: setup.value == 0 && setup.length == 0 ? .done : .stall
    }
  }

  /// An empty report. What the host got last, the present value of an input, is not kept: it may have
  /// had a recovery code in it. And a report that waits in the IN endpoint is not taken away from there.
  private func inputReport(_ setup: SetupPacket) -> Answer {
    guard ReportKind(rawValue: setup.valueHigh) == .input, setup.valueLow == 0 else {
      return .stall
    }
    var reply = ControlReply()
    reply.append(Report().bytes.span)
    return .data(reply)
  }

  /// The same as a packet to the OUT endpoint, for hosts that use no such endpoints.
  private func setReport(_ setup: SetupPacket) -> Answer {
    guard ReportKind(rawValue: setup.valueHigh) == .output, setup.valueLow == 0,
      (1...Report.size).contains(Int(setup.length))
    else { return .stall }
    return .receive
  }
}
