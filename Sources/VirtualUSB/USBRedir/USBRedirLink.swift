import Glibc
import TokenSimulator

/// A device in a port, at a Unix socket for a virtual machine, over usbredir 0.7.
///
/// Of QEMU's chardev and this, one listens and the other connects, as one likes. There is one guest at
/// a time; it sees the device come and go with its cable, on the same connection. Nothing here waits:
/// whoever has a loop calls it.
final class USBRedirLink<Port: DevicePort> {
  /// Milliseconds between two tries to connect or to accept.
  private static var pause: Int32 { 500 }
  /// The most that one packet is answered with: the tables of a configuration, and a full transfer.
  private static var largestReply: Int { 8_192 }

  private let place: USBRedirPlace
  private let listener: ListeningSocket?
  private var connection: Connection?
  var session: USBRedirSession<Port>
  private let onEvent: (BusEvent) -> Void
  /// Whether there is a whole packet that waits: for the device, or for room for its answer.
  private var isBehind = false
  private var wasFiltered = false
  private var nextTry: UInt64 = 0

  init(
    _ place: USBRedirPlace, _ port: Port, onEvent: @escaping (BusEvent) -> Void
  ) throws(ServerFailure) {
    self.place = place
    switch place {
    case .listening(let path):
      listener = try ServerSockets.openOne(at: path)
    case .connecting(let path):
      guard path.utf8.count <= UnixSocket.longestPath else {
        throw .pathTooLong(path: path, limit: UnixSocket.longestPath)
      }
      listener = nil
    }
    session = USBRedirSession(port)
    self.onEvent = onEvent
  }

  // MARK: The loop

  var awaited: [pollfd] {
    var entries: [pollfd] = []
    if let listening, !isPaused {
      entries.append(pollfd(fd: listening, events: Int16(POLLIN), revents: 0))
    }
    if let connection {
      let events = (isListening ? POLLIN : 0) | (connection.wantsToWrite ? POLLOUT : 0)
      entries.append(pollfd(fd: connection.descriptor, events: Int16(events), revents: 0))
    }
    return entries
  }

  /// Milliseconds after which it has to be served even if nothing happens; `nil` for no such time.
  var patience: Int32? {
    if session.port.isBusy || (isBehind && hasRoom) { return 0 }
    let mustTry = isPaused || (listening == nil && connection == nil)
    return mustTry ? Self.pause : nil
  }

  /// Takes what the guest says.
  ///
  /// - Parameter ready: the descriptors at which something happened.
  func receive(_ ready: Set<Int32>) {
    accept(ready)
    connect()
    if let connection, isListening, ready.contains(connection.descriptor) { connection.receive() }
    receivePackets()
  }

  /// Hands the guest what there is for it.
  func flush() {
    guard let connection else { return }
    if !session.output.isEmpty {
      // A guest that has no room for what it did not ask for has not read for a long time.
      if !connection.send(session.output) { connection.end() }
      session.output = []
    }
    connection.flush()
    if connection.isClosed { end() }
  }

  // MARK: The cable and the connection

  /// Plugs the device in or pulls it out, if it is not so already.
  func setPlugged(_ isPlugged: Bool) {
    guard isPlugged != session.port.isConnected else { return }
    if isPlugged {
      session.connect()
      if session.capabilities != nil { onEvent(.attached) }
    } else {
      session.disconnect()
      onEvent(.unplugged)
    }
    wasFiltered = false
  }

  var hasGuest: Bool { connection != nil }
  var hasRoom: Bool { (connection?.room ?? 0) >= Self.largestReply }

  /// The descriptor at which guests arrive, if they do.
  private var listening: Int32? {
    switch listener {
    case .some(let listener): listener.descriptor
    case .none: nil
    }
  }

  /// A guest that does not read is not listened to either.
  private var isListening: Bool { hasRoom && !isBehind }
  private var isPaused: Bool { MachineClock.nanoseconds() < nextTry }

  private func accept(_ ready: Set<Int32>) {
    guard let listening, ready.contains(listening) else { return }
    do throws(SystemFailure) {
      guard let client = try listener?.accept() else { return }
      // A second one goes away with the last reference.
      if connection == nil { begin(client) } else { onEvent(.refusedSecondHost) }
    } catch {
      pause()
      onEvent(.failed(error))
    }
  }

  private func connect() {
    guard case .connecting(let path) = place, connection == nil, !isPaused else { return }
    do throws(SystemFailure) {
      begin(Connection(try UnixSocket.connect(to: path)))
    } catch {
      // Nobody is there yet.
      pause()
    }
  }

  private func pause() {
    nextTry = MachineClock.nanoseconds() + UInt64(Self.pause) * 1_000_000
  }

  private func begin(_ client: Connection) {
    connection = client
    isBehind = false
    session.begin()
  }

  private func end() {
    let hadGuest = session.capabilities != nil
    connection = nil
    isBehind = false
    session.end()
    if listening == nil { pause() }
    if hadGuest { onEvent(.released) }
  }

  // MARK: Packets

  /// Takes as many packets as there are, or until the device has enough.
  private func receivePackets() {
    guard let connection, !connection.isClosed, !connection.isFinishing else { return }
    var used = 0
    isBehind = false
    do throws(ProtocolViolation) {
      while true {
        guard connection.room - session.output.count >= Self.largestReply, !session.port.isBusy
        else {
          isBehind = used < connection.input.count
          break
        }
        let rest = Array(connection.input[used...])
        let capabilities = session.capabilities
        guard let (packet, size) = try USBRedirPacket.parse(rest, capabilities ?? []) else { break }
        used += size
        guard let packet else { continue }
        try session.receive(packet)
        if capabilities == nil, session.port.isConnected { onEvent(.attached) }
      }
      connection.input.removeFirst(used)
      tellFilter()
    } catch {
      onEvent(.violated(error))
      connection.finish()
    }
  }

  private func tellFilter() {
    if session.isFiltered && !wasFiltered { onEvent(.filtered) }
    wasFiltered = session.isFiltered
  }
}
