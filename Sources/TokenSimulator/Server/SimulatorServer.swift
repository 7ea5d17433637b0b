import Glibc
import TokenCore

/// A simulated token at a Unix socket, for as many programs as wish to talk to it.
///
/// At the path itself is the wire: raw 64-byte reports in both directions. As with a real device,
/// every report of the token goes to every program that is connected, and one that does not read
/// misses some. At the path with `.control` behind it is the control channel: lines of JSON (see
/// `ControlRequest`), each answered by a line with `ok` and either the token's status or `error`.
///
/// What a program proved to the token ends with its connection, on every channel that it was given
/// there; so does a command of its own that waits. When the last one has gone, and nobody has the token in
/// another way, the token learns that its bus has no host.
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
  private var wires: [WireClient] = []
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
      for wire in wires where ready.contains(wire.connection.descriptor) {
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
      accept(ready)
      for connection in connections {
        connection.flush()
      }
      try dropClosed()
    } catch {
      throw .image(error)
    }
  }

  private var connections: [Connection] { wires.map(\.connection) + controls }

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
    for connection in connections {
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
        if token.isPlugged {
          wires.map(\.connection).makeRoom(limit: Self.wireLimit)
          client.lastActive = round
          wires.append(WireClient(client))
        }
      }
      if ready.contains(sockets.control.descriptor), let client = try sockets.control.accept() {
        controls.makeRoom(limit: Self.controlLimit)
        client.lastActive = round
        controls.append(client)
      }
    } catch {
      isAcceptPaused = true
    }
  }

  /// Lets go of the programs that have gone, and has the token forget what it knows of them.
  private mutating func dropClosed() throws(ImageFailure) {
    controls.removeAll(where: \.isClosed)
    let gone = wires.filter(\.connection.isClosed)
    guard !gone.isEmpty else { return }
    wires.removeAll(where: \.connection.isClosed)
    for channel in gone.flatMap(\.channels) { try end(channel) }
    if wires.isEmpty, attachments.allSatisfy({ $0.demand == .never }) { token.busChanged() }
  }

  // MARK: The wire

  private mutating func receiveReports(from wire: WireClient) throws(ImageFailure) {
    let connection = wire.connection
    connection.receive()
    connection.lastActive = round
    var next = 0
    while connection.input.count - next >= Report.size {
      let report = Report(connection.input[next..<next + Report.size])
      next += Report.size
      wire.note(request: report)
      token.receive(report)
      while let answer = try token.nextReport() {
        wire.note(answer: answer)
        distribute(answer)
      }
      if let channel = wire.takeExcess() { try end(channel) }
    }
    connection.input.removeFirst(next)
  }

  private mutating func deliver() throws(ImageFailure) {
    while !holdsReports, let report = try token.nextReport() { distribute(report) }
  }

  private func distribute(_ report: Report) {
    let bytes = report.array
    for wire in wires {
      wire.connection.send(bytes)
    }
    for attachment in attachments where attachment.demand != .never {
      attachment.take(report)
    }
  }

  /// Ends all that the token knows of a channel, as its client could have done by INIT. The answer is
  /// for nobody.
  private mutating func end(_ channel: ChannelID) throws(ImageFailure) {
    while let report = try token.nextReport() { distribute(report) }
    token.receive(.resynchronization(of: channel))
    _ = try token.nextReport()
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
        for wire in wires { wire.connection.end() }
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
