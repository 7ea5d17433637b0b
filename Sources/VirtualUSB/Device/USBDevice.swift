import TokenCore

/// The token as a full-speed USB device: a model of what answers at the other end of the cable, that
/// does no input or output of its own.
///
/// The host's side asks with `submit`, and finds in `nextCompletion` how its transfers ended. The
/// token's side is `nextOutput`, reports for it, and `offer`, reports from it. A transfer that waits
/// for a report is held, as a device holds off its host, until there is one or the host takes it
/// back.
///
/// Whatever a host asks for has an answer: what the device does not know, or what is malformed, is
/// stalled. Every queue has a bound, in `Limits`.
public struct USBDevice: Sendable {
  public enum Limits {
    /// Transfers that are held, or ended and not yet looked at.
    public static let transfers = 256
    /// Bytes of a transfer to or from an interrupt endpoint: 64 reports.
    public static let transferLength = 4_096
    /// Reports that wait for the host. Twice what the longest message needs.
    public static let inputs = 256
    /// Reports that wait for the token.
    public static let outputs = 64
  }

  /// What a device can be asked depends on it (USB 2.0, 9.1.1).
  public enum State: Sendable {
    /// Reset, and without an address.
    case `default`
    case addressed
    case configured
  }

  public let identity: USBIdentity
  public internal(set) var state = State.default
  /// 0 in the default state, 127 at most.
  public internal(set) var address: UInt8 = 0
  /// Nothing moves while the bus sleeps, until the host does something.
  public private(set) var isSuspended = false
  /// Whether something happened to the bus that the token has to know of; see `takeBusChange()`.
  public private(set) var hasBusChanged = false

  var haltedEndpoints: Set<EndpointAddress> = []
  /// In the order in which they came.
  var held: [HeldTransfer] = []
  var inputs: [Report] = []
  var outputs: [Report] = []
  private var completions: [Completion] = []

  /// A transfer that waits, and what it has got so far.
  struct HeldTransfer: Sendable {
    let transfer: Transfer
    var received: [UInt8] = []
  }

  public init(_ identity: USBIdentity) {
    self.identity = identity
  }

  // MARK: The host's side

  /// Takes a transfer. How it ends, `nextCompletion` will say.
  ///
  /// - Returns: `false` if too many wait already; it is not kept then.
  public mutating func submit(_ transfer: Transfer) -> Bool {
    guard held.count + completions.count < Limits.transfers else { return false }
    isSuspended = false
    switch transfer.kind {
    case .control(let setup, let data):
      switch reply(to: setup, data) {
      case .data(let reply):
        complete(transfer, .done, data: Array(reply.prefix(Int(setup.length))))
      case .done:
        complete(transfer, .done, count: data.count)
      case .stall:
        complete(transfer, .stalled)
      }
    case .input(let number, let length):
      submitInput(transfer, number, length)
    case .output(let number, let data):
      submitOutput(transfer, number, data)
    }
    moveReports()
    return true
  }

  /// Takes back the transfers of that name which are held, and returns them. None of them completes.
  public mutating func cancel(_ id: Transfer.ID) -> [Transfer] {
    let cancelled = held.lazy.map(\.transfer).filter { $0.id == id }
    defer { held.removeAll { $0.transfer.id == id } }
    return Array(cancelled)
  }

  public mutating func nextCompletion() -> Completion? {
    completions.isEmpty ? nil : completions.removeFirst()
  }

  /// A reset of the bus: no address, no configuration, nothing on its way.
  public mutating func reset() {
    state = .default
    address = 0
    isSuspended = false
    clearEndpoints()
  }

  /// The bus falls silent. Who wakes it may be another program, so reports that nobody fetched are
  /// gone.
  public mutating func suspend() {
    isSuspended = true
    inputs = []
    markBusChanged()
  }

  public mutating func resume() {
    isSuspended = false
    moveReports()
  }

  // MARK: The token's side

  /// Whether the bus was reset, fell silent or was configured anew since the last call. Then it is
  /// time for the token's `busChanged()`, before it takes the next report.
  public mutating func takeBusChange() -> Bool {
    defer { hasBusChanged = false }
    return hasBusChanged
  }

  /// For what means the same on another way to the device, such as its host having gone.
  mutating func markBusChanged() {
    hasBusChanged = true
  }

  /// The next report for the token.
  public mutating func nextOutput() -> Report? {
    guard !outputs.isEmpty else { return nil }
    defer { moveReports() }
    return outputs.removeFirst()
  }

  public var hasOutput: Bool { !outputs.isEmpty }

  /// Whether the host waits for a report, and none is there.
  public var wantsInput: Bool {
    isReady(.input) && inputs.isEmpty && held.contains { $0.isInput }
  }

  /// Takes a report for the host. Without a configuration there is nobody to take it, and a host that
  /// does not read loses what it has no room for; both drop it.
  public mutating func offer(_ report: Report) {
    guard state == .configured, inputs.count < Limits.inputs else { return }
    inputs.append(report)
    moveReports()
  }

  // MARK: Steps

  /// Whether reports move through that endpoint.
  func isReady(_ endpoint: EndpointAddress) -> Bool {
    state == .configured && !isSuspended && !haltedEndpoints.contains(endpoint)
  }

  mutating func complete(
    _ transfer: Transfer, _ status: Completion.Status, data: [UInt8] = [], count: Int? = nil
  ) {
    completions.append(Completion(transfer, status, data: data, count: count))
  }

  /// Everything on its way is dropped, and no endpoint is halted any more.
  mutating func clearEndpoints() {
    haltedEndpoints = []
    inputs = []
    outputs = []
    endHeld(.cancelled) { _ in true }
    markBusChanged()
  }

  mutating func endHeld(
    _ status: Completion.Status, where isMeant: (HeldTransfer) -> Bool
  ) {
    for entry in held where isMeant(entry) { complete(entry.transfer, status) }
    held.removeAll(where: isMeant)
  }
}
