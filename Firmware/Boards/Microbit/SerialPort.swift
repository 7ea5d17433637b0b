import Hardware
import SerialFraming
import TokenCore

/// Reports over the serial port: frames out, byte by byte as the port takes them, and in.
struct SerialPort {
  private var uart = UART()
  private var reader = SerialFrameReader()
  private var frame = SerialFrame()
  /// Bytes of `frame` that were sent.
  private var sent = 0

  func start<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) { uart.start(&bus) }

  mutating func receive<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) -> Report? {
    while let byte = uart.receive(&bus) {
      if reader.take(byte), let report = reader.report() { return report }
    }
    return nil
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
