import Hardware
import SerialFraming
import TokenCore

/// Reports over the serial port: frames out, byte by byte as the port takes them, and in.
///
/// A break on the line is how a host says that it is new, as nothing else on a serial line does. Any other
/// fault is taken for one.
struct SerialPort {
  private var uart = UART()
  private var reader = SerialFrameReader()
  private var frame = SerialFrame()
  /// Bytes of `frame` that were sent.
  private var sent = 0
  private var hasNewHost = false

  func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) { uart.start(&bus) }

  mutating func receive<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Report? {
    while true {
      if uart.takeFault(&bus) {
        hasNewHost = true
        reader = SerialFrameReader()
      }
      guard let byte = uart.receive(&bus) else { return nil }
      if reader.take(byte), let report = reader.report() { return report }
    }
  }

  /// Whether a host is new on the line since the last look. The report that `receive` gave last came
  /// after that.
  mutating func takeNewHost() -> Bool {
    defer { hasNewHost = false }
    return hasNewHost
  }

  mutating func send<Bus: RegisterBus & ~Copyable>(_ frame: SerialFrame, _ bus: inout Bus) {
    self.frame = frame
    sent = 0
    _ = isIdle(&bus)
  }

  /// Goes on sending as far as the port takes bytes.
  ///
  /// - Returns: whether the whole frame has left.
  mutating func isIdle<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool {
    while uart.isFree(&bus) {
      if sent == frame.count { return true }
      uart.send(frame.bytes[sent], &bus)
      sent += 1
    }
    return false
  }

  /// Whether there is something to do before any further interrupt.
  func hasWork<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Bool { uart.hasReceived(&bus) }
}
