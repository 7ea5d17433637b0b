import Glibc
import OATH
import TokenClient
import TokenCore

/// A token on USB, through libhidapi (`usb`, `usb:SERIAL`).
///
/// Nothing in here is exclusive: any number of programs may have the same token open at a time and
/// keep apart by their channels. Only the libusb build of the library takes it for itself; then
/// `open()` waits a little for the other program to be done with it.
public final class HIDAPITransport: TokenTransport {
  /// Which of the tokens plugged in.
  public enum Selection: Equatable, Sendable {
    /// The only one there is; several are refused.
    case only
    /// The one whose USB serial number is this; upper and lower case are the same.
    case serialNumber(String)
    /// One that was found before, which has to be where it was.
    case found(USBToken)
  }

  public private(set) var place: String
  private var selection: Selection
  private let system: any HIDSystem
  /// How long `open()` waits for a token that another program holds.
  private let patience: Duration
  private var port: (any HIDPort)?
  private var path = ""
  /// Reports that came while others were written, oldest first.
  private var backlog: [Report] = []
  /// Reports of the burst being written, and when it may end. A bus is never faster, and makes a write
  /// wait; but for a device behind uhid Linux keeps only 32 and drops the rest without a word.
  private var written = 0
  private var burstEnd = Deadline.now

  /// Sizes and times of the device's side.
  private enum Limits {
    /// A report, and the report id 0 in front: what libhidapi writes.
    static let packetSize = Report.size + 1
    /// Reports kept: more than a whole message of 129, and the newest, since the answer to what is
    /// about to be written can only be among what is still to come.
    static let backlog = 256
    /// Reports fetched at once: the kernel keeps 64 for a reader, libhidapi's libusb build 30.
    static let drained = 64
    /// Reports written in a row before it is looked at how long they took.
    static let burst = 16
    /// How long a burst takes at least: what it does on a full-speed bus, one report a millisecond.
    static let burstLength = Duration.milliseconds(16)
    /// How long the system may take to notice that a cable was pulled, looked at every 10 ms.
    static let noticing = Duration.milliseconds(300)
    /// Microseconds between two tries to open a token that another program holds.
    static let openingPause: UInt32 = 30_000
  }

  public convenience init(_ selection: Selection) {
    self.init(selection, on: Libhidapi(), patience: .seconds(5))
  }

  init(_ selection: Selection, on system: any HIDSystem, patience: Duration = .zero) {
    self.selection = selection
    self.system = system
    self.patience = patience
    place =
      switch selection {
      case .only: "usb"
      case .serialNumber(let text): USBToken.place(ofSerial: DisplayText.escaped(text))
      case .found(let token): token.place
      }
  }

  deinit {
    close()
  }

  public func open() throws(TransportFailure) {
    close()
    let token = try token()
    port = try openPort(token)
    path = token.path
    place = token.place
    // If the cable is pulled and the transport opened again, it shall not be another token's.
    if case .only = selection, let number = token.serialNumber { selection = .serialNumber(number) }
  }

  public func write(_ report: Report) throws(TransportFailure) {
    guard let port else { throw .vanished(place: place) }
    try drain(port)
    keepPace()
    var packet = InlineArray<65, UInt8>(repeating: 0)
    defer { wipe(&packet) }
    for index in 0..<Report.size { packet[index + 1] = report.bytes[index] }
    while true {
      let count: Int
      do throws(HIDPortFailure) {
        count = try port.write(packet.span)
      } catch {
        if error.error == EINTR { continue }
        throw failure(error, "writing")
      }
      guard count == Limits.packetSize else {
        throw .unusable(
          place: place,
          reason: "it took \(count) of the \(Limits.packetSize) bytes of a report")
      }
      return
    }
  }

  public func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    guard let port else { throw .vanished(place: place) }
    written = 0
    guard backlog.isEmpty else { return backlog.removeFirst() }
    while true {
      if let report = try take(from: port, milliseconds: deadline.pollTimeout) { return report }
      if deadline.hasPassed { return nil }
    }
  }

  public func close() {
    port?.close()
    port = nil
    for index in backlog.indices { wipe(&backlog[index].bytes) }
    backlog.removeAll()
  }
}

// MARK: - Reports

extension HIDAPITransport {
  /// Counts a report, and waits if a bus could not have taken as many by now.
  private func keepPace() {
    if written == Limits.burst {
      usleep(UInt32(burstEnd.remainingNanoseconds / 1_000))
      written = 0
    }
    if written == 0 { burstEnd = Deadline(in: Limits.burstLength) }
    written += 1
  }

  /// Takes in what has come by now. The system keeps only so many reports for a reader, those to
  /// other programs among them, and drops what comes after: it has to have room for the answer.
  private func drain(_ port: any HIDPort) throws(TransportFailure) {
    for _ in 0..<Limits.drained {
      guard let report = try take(from: port, milliseconds: 0) else { return }
      if backlog.count == Limits.backlog {
        wipe(&backlog[0].bytes)
        backlog.removeFirst()
      }
      backlog.append(report)
    }
  }

  /// The next report; nil when none came in time, or a signal did.
  private func take(
    from port: any HIDPort, milliseconds: Int32
  ) throws(TransportFailure) -> Report? {
    var report = Report()
    // One byte more than there can be, so that a longer report is seen to be one.
    var packet = InlineArray<65, UInt8>(repeating: 0)
    defer { wipe(&packet) }
    let count: Int
    do throws(HIDPortFailure) {
      var span = packet.mutableSpan
      count = try port.read(into: &span, milliseconds: milliseconds)
    } catch {
      if error.error == EINTR { return nil }
      throw failure(error, "reading")
    }
    guard count > 0 else { return nil }
    guard count == Report.size else {
      throw .unusable(
        place: place,
        reason: "it sends reports of another size than the \(Report.size) bytes of a token's")
    }
    for index in 0..<Report.size { report.bytes[index] = packet[index] }
    return report
  }
}

// MARK: - Failures

extension HIDAPITransport {
  /// The token that is meant, among those plugged in now.
  private func token() throws(TransportFailure) -> USBToken {
    let tokens = try USBToken.all(on: system)
    let candidates: [USBToken]
    switch selection {
    case .only:
      candidates = tokens
    case .serialNumber(let wanted):
      let shown = DisplayText.escaped(wanted).lowercased()
      candidates = tokens.filter { $0.serialNumber?.lowercased() == shown }
      // One that nobody may ask for its serial number may be the one that is meant.
      if candidates.isEmpty {
        for token in tokens where token.serialNumber == nil {
          let state = system.state(of: token.path)
          if case .forbidden = state { throw openFailure(token, state) }
        }
      }
    case .found(let token):
      candidates = tokens.filter { $0 == token }
    }
    guard let first = candidates.first else { throw .notFound(place: place) }
    guard candidates.count == 1 else {
      throw .ambiguous(place: place, choices: candidates.map(\.place))
    }
    return first
  }

  private func openPort(_ token: USBToken) throws(TransportFailure) -> any HIDPort {
    let end = Deadline(in: patience)
    while true {
      if let port = system.open(token.path) { return port }
      switch system.state(of: token.path) {
      // Usable and yet not opened: the other program has let go of it just now.
      case .occupied where !end.hasPassed, .usable where !end.hasPassed:
        usleep(Limits.openingPause)
      case let state:
        throw openFailure(token, state)
      }
    }
  }

  /// Why the library could not open what it had listed.
  private func openFailure(_ token: USBToken, _ state: DeviceNode.State) -> TransportFailure {
    let place = token.place
    return switch state {
    case .absent: .notFound(place: place)
    case .forbidden(let node): .permissionDenied(place: place, remedy: UdevRule.remedy(for: node))
    case .occupied: .inUse(place: place)
    case .failing(let error): .system(place: place, operation: "open", error: error)
    // It may be opened, and was not: the library wants what the device does not have.
    case .usable:
      .unusable(place: place, reason: "libhidapi does not open it; try again, or plug it in anew")
    }
  }

  /// What a failed transfer means. A token that was pulled out fails in many ways before the
  /// system takes its node away.
  private func failure(_ failure: HIDPortFailure, _ operation: String) -> TransportFailure {
    if let error = failure.error, Self.vanishings.contains(error) {
      return .vanished(place: place)
    }
    let end = Deadline(in: Limits.noticing)
    repeat {
      if system.state(of: path) == .absent { return .vanished(place: place) }
      usleep(10_000)
    } while !end.hasPassed
    return .system(place: place, operation: operation, error: failure.error ?? EIO)
  }

  /// Errors with which a transfer ends when the device is gone, or going (the kernel's
  /// Documentation/driver-api/usb/error-codes.rst).
  private static let vanishings: Set<Int32> = [
    ENODEV, ENXIO, ENOENT, EIO, ESHUTDOWN, EPROTO, EILSEQ, ETIME, ECONNRESET,
  ]
}
