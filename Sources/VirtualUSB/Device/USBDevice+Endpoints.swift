import TokenCore

// The two interrupt endpoints. Each of their packets carries one report.
extension USBDevice {
  mutating func submitInput(_ transfer: Transfer, _ number: UInt8, _ length: Int) {
    guard state == .configured, number == EndpointAddress.input.number,
      !haltedEndpoints.contains(.input), (0...Limits.transferLength).contains(length)
    else { return complete(transfer, .stalled) }
    held.append(HeldTransfer(transfer: transfer))
  }

  mutating func submitOutput(_ transfer: Transfer, _ number: UInt8, _ data: [UInt8]) {
    guard state == .configured, number == EndpointAddress.output.number,
      !haltedEndpoints.contains(.output), data.count <= Limits.transferLength
    else { return complete(transfer, .stalled) }
    held.append(HeldTransfer(transfer: transfer))
  }

  /// Moves as many reports as can be moved, and completes the transfers that have what they want.
  mutating func moveReports() {
    while isReady(.output), let next = held.firstIndex(where: { !$0.isInput }),
      case .output(_, let data) = held[next].transfer.kind
    {
      let reports = Self.reports(in: data)
      guard outputs.count + reports.count <= Limits.outputs else { break }
      outputs += reports
      complete(held.remove(at: next).transfer, .done, count: data.count)
    }
    while isReady(.input), !inputs.isEmpty, let next = held.firstIndex(where: { $0.isInput }) {
      moveReport(to: next)
    }
  }

  /// Moves one report to the IN transfer at `next` in `held`.
  private mutating func moveReport(to next: Int) {
    guard case .input(_, let length) = held[next].transfer.kind else { return }
    held[next].received += inputs.removeFirst().array
    let received = held[next].received
    // A packet that is not short does not end a transfer: the host asks on until it has `length`.
    guard received.count >= length else { return }
    let transfer = held.remove(at: next).transfer
    let status = received.count > length ? Completion.Status.overflowed : .done
    complete(transfer, status, data: Array(received.prefix(length)))
  }

  /// Cuts a transfer into packets. A short one is a report with zeros behind it; an empty transfer
  /// is a packet without a report.
  private static func reports(in data: [UInt8]) -> [Report] {
    stride(from: 0, to: data.count, by: Report.size).map { start in
      Report(padding: data[start..<min(start + Report.size, data.count)])
    }
  }
}

extension USBDevice.HeldTransfer {
  var isInput: Bool {
    if case .input = transfer.kind { true } else { false }
  }
}

extension Report {
  /// `bytes`, 64 of them at most, and zeros behind them.
  init(padding bytes: some Collection<UInt8>) {
    precondition(bytes.count <= Report.size)
    let padding = repeatElement(UInt8(0), count: Report.size - bytes.count)
    self.init((Array(bytes) + padding)[...])
  }
}
