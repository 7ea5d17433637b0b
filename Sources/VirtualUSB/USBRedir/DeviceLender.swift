import Glibc
import TokenSimulator

/// A port whose device runs by itself, in a time of its own.
public protocol RunningPort: DevicePort, AnyObject {
  /// Lets the device run towards this machine's time, and transfers go on. Called every millisecond.
  ///
  /// - Returns: whether it is there; if not, this is called again at once.
  func advance() -> Bool

  /// Whether the device cannot go on; nothing is plugged in then.
  var hasFailed: Bool { get }

  /// What hands do to it, but for its cable, which is in the lender's hand.
  func perform(_ request: ControlRequest) throws(ControlFailure)

  /// - Returns: what the control channel answers with.
  var status: TokenStatus { get }
}

/// Lends a device that runs by itself to a virtual machine, over usbredir; and has a control channel
/// for its cable and its button, as a `SimulatorServer` has for a simulated token.
///
/// One thread, one loop, and nothing in it waits for anybody.
public final class DeviceLender<Port: RunningPort> {
  /// Ends `run`.
  public let stopSwitch = StopSwitch()
  private let port: Port
  private let link: USBRedirLink<Port>
  private let listener: ListeningSocket
  private var controls: [Connection] = []
  private var isStopping = false
  /// Whether the device is behind this machine's time.
  private var isLate = false

  /// A frame of full-speed USB, in milliseconds.
  private static var frame: Int32 { 1 }
  /// Milliseconds between two looks at anything, while the device is off its cable.
  private static var idle: Int32 { 10_000 }

  /// From here on guests can connect; they are served once it runs.
  ///
  /// - Parameters:
  ///   - control: the control channel's socket is there, with `.control` behind it.
  ///   - onEvent: called on the thread that `run` is called on.
  public init(
    _ port: Port, at place: USBRedirPlace, control: String,
    onEvent: @escaping (BusEvent) -> Void = { _ in }
  ) throws(ServerFailure) {
    self.port = port
    listener = try ServerSockets.openOne(at: ServerSockets.controlPath(control))
    link = try USBRedirLink(place, port, onEvent: onEvent)
  }

  /// Plugs the device in, and serves until somebody says `stop`, the switch is thrown, or the device
  /// cannot go on. It is off its cable then.
  public func run() {
    link.setPlugged(true)
    while !isStopping, !port.hasFailed { serveRound() }
    link.setPlugged(false)
    link.flush()
  }

  private func serveRound() {
    let ready = waitForEvents()
    if ready.contains(stopSwitch.readEnd) { isStopping = true }
    isLate = port.isConnected && !port.advance()
    link.session.tell()
    link.receive(ready)
    link.flush()
    for control in controls where ready.contains(control.descriptor) { answer(control) }
    for control in controls { control.flush() }
    controls.removeAll(where: \.isClosed)
    if ready.contains(listener.descriptor), let client = try? listener.accept() {
      // The one that was silent for the longest is the first.
      if controls.count >= SimulatorServer.controlLimit { controls.removeFirst() }
      controls.append(client)
    }
  }

  private func waitForEvents() -> Set<Int32> {
    var entries = [stopSwitch.readEnd, listener.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    for control in controls {
      let events = POLLIN | (control.wantsToWrite ? POLLOUT : 0)
      entries.append(pollfd(fd: control.descriptor, events: Int16(events), revents: 0))
    }
    entries += link.awaited
    let pace = isLate ? 0 : port.isConnected ? Self.frame : Self.idle
    let timeout = min(pace, link.patience ?? Self.idle)
    guard poll(&entries, nfds_t(entries.count), timeout) > 0 else { return [] }
    return Set(entries.lazy.filter { $0.revents != 0 }.map(\.fd))
  }

  // MARK: The control channel

  private func answer(_ control: Connection) {
    control.receive()
    if let index = controls.firstIndex(where: { $0 === control }) {
      controls.append(controls.remove(at: index))
    }
    while let line = ControlLine.take(from: &control.input) {
      guard control.send(answer(line)) else { return control.end() }
    }
    if control.input.count > ControlLine.limit {
      let failure = ControlFailure.malformedRequest("it is longer than \(ControlLine.limit) bytes")
      control.send(ControlLine.refused(failure))
      control.finish()
    }
  }

  private func answer(_ line: String) -> [UInt8] {
    do throws(ControlFailure) {
      switch try ControlRequest(parsing: line) {
      case .plug: link.setPlugged(true)
      case .unplug: link.setPlugged(false)
      case .status: break
      case .stop: isStopping = true
      case let request: try port.perform(request)
      }
      link.flush()
      return ControlLine.done(port.status)
    } catch {
      return ControlLine.refused(error)
    }
  }
}
