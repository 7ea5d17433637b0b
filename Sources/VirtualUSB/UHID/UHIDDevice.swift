import Glibc
import TokenCore
import TokenSimulator

/// The device through Linux's /dev/uhid: a HID device of this very system, without any USB below it.
///
/// It is there while the token is on its cable. It is another way to a token that a `SimulatorServer`
/// runs.
public final class UHIDDevice: TokenAttachment {
  public static let usualPath = "/dev/uhid"
  /// Events in one round of the server's loop.
  private static let eventLimit = 32

  private let file: FileDescriptor
  private var session: UHIDSession
  private let onEvent: (BusEvent) -> Void
  private var pace = InputPace()
  /// Whether the kernel takes no notice of us any more.
  private var isBroken = false

  /// - Parameters:
  ///   - path: the kernel's uhid, which needs permission to open.
  ///   - onEvent: called on the server's thread.
  public convenience init(
    opening path: String = usualPath, identity: USBIdentity, recorder: USBRecorder? = nil,
    onEvent: @escaping (BusEvent) -> Void = { _ in }
  ) throws(SystemFailure) {
    let file = try FileDescriptor(opening: path, O_RDWR | O_NONBLOCK)
    self.init(file, identity: identity, recorder: recorder, onEvent: onEvent)
  }

  /// - Parameter file: the kernel's uhid, or what stands in for it: one event a read, one message a
  ///   write, and neither ever waits.
  package init(
    _ file: consuming FileDescriptor, identity: USBIdentity, recorder: USBRecorder? = nil,
    onEvent: @escaping (BusEvent) -> Void = { _ in }
  ) {
    self.file = file
    session = UHIDSession(USBPort(identity, recorder: recorder))
    self.onEvent = onEvent
  }

  public var awaited: [pollfd] {
    isBroken ? [] : [pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)]
  }

  public var patience: Int32? {
    session.port.hasOutput || session.port.hasBusChanged
      ? 0 : pace.patience(at: MachineClock.nanoseconds())
  }

  public func serve(_ token: inout LiveToken, ready: Set<Int32>) throws(ImageFailure) {
    followCable(isPlugged: token.isPlugged)
    if ready.contains(file.rawValue) { receive() }
    session.tellBusChange(to: &token)
    if let output = session.nextOutput() { token.receive(output) }
    send()
  }

  public var demand: ReportDemand {
    guard session.isOpen else { return .never }
    return session.wantsInput && pace.allows(at: MachineClock.nanoseconds()) ? .now : .later
  }

  public func take(_ report: Report) {
    pace.count(at: MachineClock.nanoseconds())
    session.offer(report)
    send()
  }

  public func tokenLeft() {
    followCable(isPlugged: false)
  }

  // MARK: Steps

  private func followCable(isPlugged: Bool) {
    guard isPlugged != session.port.isConnected else { return }
    if isPlugged { session.connect() } else { session.disconnect() }
    send()
    if !isBroken { onEvent(isPlugged ? .attached : .unplugged) }
  }

  /// Takes events until there is a report for the token: its answer is asked for before the next.
  private func receive() {
    for _ in 0..<Self.eventLimit where !isBroken && !session.port.hasOutput {
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: UHIDEvent.size) { buffer, filled in
        count = retrying { read(file.rawValue, buffer.baseAddress, buffer.count) }
        filled = max(count, 0)
      }
      if count > 0 {
        if let event = UHIDEvent(parsing: bytes) { session.receive(event) }
      } else {
        if count == 0 || errno != EAGAIN {
          fail(SystemFailure("read", code: count == 0 ? EIO : errno))
        }
        return
      }
    }
  }

  private func send() {
    while let message = session.nextMessage() {
      guard !isBroken else { continue }
      let count = message.withUnsafeBytes { buffer in
        retrying { write(file.rawValue, buffer.baseAddress, buffer.count) }
      }
      if count != message.count { fail(SystemFailure("write")) }
    }
  }

  private func fail(_ failure: SystemFailure) {
    guard !isBroken else { return }
    isBroken = true
    onEvent(.failed(failure))
  }
}
