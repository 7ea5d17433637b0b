/// The processor's interrupt controller (ARMv6-M Architecture Reference Manual, B3.4), used to wake the
/// processor and for nothing else: its interrupts stay masked.
public struct InterruptController {
  private let enable = Register(0xE000_E100)
  private let clearPending = Register(0xE000_E280)

  public init() {}

  /// Lets the interrupts in `lines`, a bit each, end `Processor.waitForInterrupt()`.
  public func wake<Bus: RegisterBus & ~Copyable>(on lines: UInt32, _ bus: inout Bus) {
    bus.write(lines, to: enable)
  }

  /// Forgets those that were raised. A device that still asks raises its own again at once.
  public func clear<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    bus.write(.max, to: clearPending)
  }
}
