import TokenCore
import TokenSimulator

/// The conversation with the kernel's uhid, without the file it goes through: events in, messages
/// out.
///
/// The kernel's USB drivers have no part in it, so this does what they do: it keeps one transfer
/// waiting at the IN endpoint while a program has the device open, and turns reports into transfers.
struct UHIDSession {
  private(set) var port: USBPort
  /// Whether a program has the device open. Reports wait for one.
  private(set) var isOpen = false
  /// For the kernel, in order; whoever writes them takes them from here.
  private var messages: [[UInt8]] = []

  /// Names of the transfers.
  private static let inputID: Transfer.ID = 1
  private static let otherID: Transfer.ID = 2

  init(_ port: USBPort) {
    self.port = port
  }

  mutating func connect() {
    port.connect()
    messages.append(UHIDMessage.create(port.device.identity))
  }

  mutating func disconnect() {
    port.disconnect()
    isOpen = false
    messages.append(UHIDMessage.destroy)
  }

  mutating func nextMessage() -> [UInt8]? {
    messages.isEmpty ? nil : messages.removeFirst()
  }

  mutating func receive(_ event: UHIDEvent) {
    guard port.isConnected else { return }
    switch event {
    case .start: break
    // No program has it open any more, or no driver has the device: nobody is there whose proof counts.
    case .stop, .close:
      setOpen(false)
      port.markBusChanged()
    case .open: setOpen(true)
    case .output(let bytes):
      _ = complete(.output(endpoint: EndpointAddress.output.number, data: Self.report(bytes)))
    case .getReport(let id, let number, let kind):
      messages.append(UHIDMessage.getReportReply(id: id, getReport(number, kind)))
    case .setReport(let id, let number, let kind, let bytes):
      let isDone = setReport(number, kind, Self.report(bytes))
      messages.append(UHIDMessage.setReportReply(id: id, isDone: isDone))
    }
  }

  mutating func nextOutput() -> Report? { port.nextOutput() }

  mutating func tellBusChange(to token: inout LiveToken) { port.tellBusChange(to: &token) }

  var wantsInput: Bool { isOpen && port.device.wantsInput }

  mutating func offer(_ report: Report) {
    guard isOpen else { return }
    port.offer(report)
    drain()
  }

  // MARK: Steps

  /// Without the report number, as the kernel's driver sends it over USB: it is 0, for 'none'.
  private static func report(_ bytes: [UInt8]) -> [UInt8] {
    bytes.first == 0 ? Array(bytes.dropFirst()) : bytes
  }

  private mutating func setOpen(_ isOpen: Bool) {
    guard isOpen != self.isOpen else { return }
    self.isOpen = isOpen
    if isOpen { submitInput() } else { _ = port.cancel(Self.inputID) }
  }

  private mutating func submitInput() {
    let kind = Transfer.Kind.input(endpoint: EndpointAddress.input.number, length: Report.size)
    _ = port.submit(Transfer(id: Self.inputID, kind))
  }

  private mutating func getReport(_ number: UInt8, _ kind: ReportKind?) -> [UInt8]? {
    guard let kind else { return nil }
    let value = UInt16(kind.rawValue) << 8 | UInt16(number)
    let setup = SetupPacket(hid: .getReport, value: value, length: UInt16(Report.size))
    guard let completion = complete(.control(setup, data: [])), completion.status == .done else {
      return nil
    }
    return completion.data
  }

  private mutating func setReport(
    _ number: UInt8, _ kind: ReportKind?, _ data: [UInt8]
  ) -> Bool {
    guard let kind else { return false }
    let value = UInt16(kind.rawValue) << 8 | UInt16(number)
    let setup = SetupPacket(hid: .setReport, value: value, length: UInt16(data.count))
    return complete(.control(setup, data: data))?.status == .done
  }

  /// Carries out a transfer that does not wait.
  private mutating func complete(_ kind: Transfer.Kind) -> Completion? {
    guard port.submit(Transfer(id: Self.otherID, kind)) else { return nil }
    return drain()
  }

  /// Looks at what has ended: reports go to the kernel, and the last of the others is returned.
  @discardableResult
  private mutating func drain() -> Completion? {
    var other: Completion?
    while let completion = port.nextCompletion() {
      guard completion.transfer.id == Self.inputID else {
        other = completion
        continue
      }
      guard completion.status == .done else { continue }
      messages.append(UHIDMessage.input(completion.data))
      if isOpen { submitInput() }
    }
    return other
  }
}
