import Glibc
import TokenCore

/// A simulated token at a Unix socket, for as many programs as wish to talk to it.
///
/// At the path itself is the wire: raw 64-byte reports in both directions. As with a real device,
/// every report of the token goes to every program that is connected, and one that does not read
/// misses some. At the path with `.control` behind it is the control channel: lines of JSON (see
/// `ControlRequest`), each answered by a line with `ok` and either the token's status or `error`.
///
/// While the token is off its cable, connections to the wire are closed at once.
///
/// One thread, one loop, and nothing in it waits for a client.
public struct SimulatorServer: ~Copyable {
  /// The most programs at the wire, and on the control channel. One more, and the one that was
  /// silent for the longest has to go.
  public static let wireLimit = 64
  public static let controlLimit = 16
  /// Between two savings of the clock, in nanoseconds.
  private static let savingInterval: UInt64 = 10_000_000_000

  /// Ends `run`.
  public let stopSwitch = StopSwitch()
  private let sockets: ServerSockets
  private var token: LiveToken
  private var wires: [Connection] = []
  private var controls: [Connection] = []
  private var attachments: [any TokenAttachment] = []
  private var isStopping = false
  /// Set when a connection could not be accepted, so that it is not tried without pause.
  private var isAcceptPaused = false
  private var round = 0
  private var savedAt = MachineClock.nanoseconds()

  /// From here on clients can connect; they are served once it runs.
  public init(at path: String, token: consuming LiveToken) throws(ServerFailure) {
    sockets = try ServerSockets.open(at: path)
    self.token = token
  }

  /// Gives the token to whoever comes through `attachment` as well.
  public mutating func attach(_ attachment: any TokenAttachment) {
    attachments.append(attachment)
  }

  /// Serves until a client says `stop`, the switch is thrown, or one of `signals` arrives. The
  /// sockets are gone then, and the token is saved.
  public consuming func run(stoppingOn signals: [Int32] = []) throws(ServerFailure) {
    let stopSwitch = stopSwitch
    try stopSwitch.whileHandling(signals) { () throws(ServerFailure) in
      while !isStopping {
        try serveRound()
      }
    }
    do throws(ImageFailure) {
      try token.close()
    } catch {
      throw .image(error)
    }
  }

  private mutating func serveRound() throws(ServerFailure) {
    let ready = waitForEvents()
    round += 1
    if ready.contains(stopSwitch.readEnd) { isStopping = true }
    do throws(ImageFailure) {
      if token.isWaiting {
        token.poll()
        try deliver()
      }
      try serveAttachments(ready)
      for wire in wires where ready.contains(wire.descriptor) {
        try receiveReports(from: wire)
      }
      for control in controls where ready.contains(control.descriptor) {
        receiveRequests(from: control)
        // The cable may be in again.
        try serveAttachments([])
      }
      if MachineClock.nanoseconds() - savedAt >= Self.savingInterval {
        try token.save()
        savedAt = MachineClock.nanoseconds()
      }
    } catch {
      throw .image(error)
    }
    for connection in wires + controls {
      connection.flush()
    }
    wires.removeAll(where: \.isClosed)
    controls.removeAll(where: \.isClosed)
    accept(ready)
  }

  // MARK: Waiting

  /// Waits for a client, the token's next look at its button, or the next saving.
  ///
  /// - Returns: the descriptors at which something happened.
  private mutating func waitForEvents() -> Set<Int32> {
    var entries = [pollfd(fd: stopSwitch.readEnd, events: Int16(POLLIN), revents: 0)]
    if !isAcceptPaused {
      entries.append(pollfd(fd: sockets.wire.descriptor, events: Int16(POLLIN), revents: 0))
      entries.append(pollfd(fd: sockets.control.descriptor, events: Int16(POLLIN), revents: 0))
    }
    for connection in wires + controls {
      let events = POLLIN | (connection.wantsToWrite ? POLLOUT : 0)
      entries.append(pollfd(fd: connection.descriptor, events: Int16(events), revents: 0))
    }
    for attachment in attachments {
      entries += attachment.awaited
    }
    let ownPatience: Int32 =
      token.wantsTouch ? 2 : token.isWaiting ? 50 : isAcceptPaused ? 100 : 10_000
    // Attachments come to know of the cable before anybody else has to say something.
    let isFirst = round == 0 && !attachments.isEmpty
    let timeout = isFirst ? 0 : attachments.compactMap(\.patience).reduce(ownPatience, min)
    isAcceptPaused = false
    let count = poll(&entries, nfds_t(entries.count), timeout)
    guard count > 0 else { return [] }
    return Set(entries.lazy.filter { $0.revents != 0 }.map(\.fd))
  }

  private mutating func accept(_ ready: Set<Int32>) {
    do throws(SystemFailure) {
      if ready.contains(sockets.wire.descriptor), let client = try sockets.wire.accept() {
        // Off the cable there is nothing to connect to.
        if token.isPlugged { Self.admit(client, to: &wires, limit: Self.wireLimit, round) }
      }
      if ready.contains(sockets.control.descriptor), let client = try sockets.control.accept() {
        Self.admit(client, to: &controls, limit: Self.controlLimit, round)
      }
    } catch {
      isAcceptPaused = true
    }
  }

  private static func admit(
    _ client: Connection, to connections: inout [Connection], limit: Int, _ round: Int
  ) {
    if connections.count >= limit,
      let silent = connections.indices.min(by: {
        connections[$0].lastActive < connections[$1].lastActive
      })
    {
      connections.remove(at: silent)
    }
    client.lastActive = round
    connections.append(client)
  }

  // MARK: The wire

  private mutating func receiveReports(from wire: Connection) throws(ImageFailure) {
    wire.receive()
    wire.lastActive = round
    var next = 0
    while wire.input.count - next >= Report.size {
      token.receive(Report(wire.input[next..<next + Report.size]))
      next += Report.size
      try deliver()
    }
    wire.input.removeFirst(next)
  }

  private mutating func deliver() throws(ImageFailure) {
    while !holdsReports, let report = try token.nextReport() {
      let bytes = report.array
      for wire in wires {
        wire.send(bytes)
      }
      for attachment in attachments where attachment.demand != .never {
        attachment.take(report)
      }
    }
  }

  /// Whether reports stay in the token: all who want them want them later. One that nobody comes
  /// for is dropped by the token itself.
  private var holdsReports: Bool {
    wires.isEmpty && attachments.contains { $0.demand == .later }
      && !attachments.contains { $0.demand == .now }
  }

  private mutating func serveAttachments(_ ready: Set<Int32>) throws(ImageFailure) {
    for attachment in attachments {
      try attachment.serve(&token, ready: ready)
      try deliver()
    }
  }

  // MARK: The control channel

  private mutating func receiveRequests(from control: Connection) {
    control.receive()
    control.lastActive = round
    while let line = ControlLine.take(from: &control.input) {
      // A client that does not read its answers is not worth another one.
      guard control.send(answer(line)) else { return control.end() }
      if isStopping { return }
    }
    if control.input.count > ControlLine.limit {
      let failure = ControlFailure.malformedRequest("it is longer than \(ControlLine.limit) bytes")
      control.send(ControlLine.refused(failure))
      control.finish()
    }
  }

  private mutating func answer(_ line: String) -> [UInt8] {
    do throws(ControlFailure) {
      let request = try ControlRequest(parsing: line)
      guard request != .stop else {
        isStopping = true
        return ControlLine.done(try token.perform(.status))
      }
      let status = try token.perform(request)
      switch request {
      case .unplug, .restore:
        // The cable was out, if only for a moment.
        for wire in wires { wire.end() }
        for attachment in attachments { attachment.tokenLeft() }
      default:
        break
      }
      return ControlLine.done(status)
    } catch {
      return ControlLine.refused(error)
    }
  }
}
