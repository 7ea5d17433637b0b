/// A block of registers.
protocol Peripheral: AnyObject {
  /// - Parameter offset: in bytes, a multiple of 4, below 0x1000.
  /// - Returns: `nil` if there is no such register.
  func read(_ offset: UInt32) -> UInt32?

  /// - Returns: `false` if there is no such register.
  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool

  /// As after power-on.
  func reset()
}

/// What a peripheral sees of the chip around it.
protocol Surroundings: AnyObject {
  var now: Nanoseconds { get }
  func report(_ rule: Violation.Rule, _ sentence: String)
  /// Something changed that the core has to look at before its next instruction: an interrupt, a
  /// clock, the next moment at which something happens.
  func reconsider()
}

/// A peripheral in which things happen by themselves.
protocol Timed: AnyObject {
  /// When the next thing does; `never` if none will.
  var nextEvent: Nanoseconds { get }
  /// Does what was due up to now. After it, `nextEvent` lies ahead.
  func advance(to now: Nanoseconds)
}

/// Registers that keep what is written to them, and do nothing more in this model.
final class RegisterFile: Peripheral {
  struct Register {
    let initial: UInt32
    let mask: UInt32
  }

  private let registers: [UInt32: Register]
  private var values: [UInt32: UInt32] = [:]
  private let changed: () -> Void

  init(_ registers: [UInt32: Register], changed: @escaping () -> Void = {}) {
    self.registers = registers
    self.changed = changed
  }

  subscript(offset: UInt32) -> UInt32 { values[offset] ?? registers[offset]?.initial ?? 0 }

  func read(_ offset: UInt32) -> UInt32? {
    registers[offset] == nil ? nil : self[offset]
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    guard let register = registers[offset] else { return false }
    values[offset] = write.applied(to: self[offset], mask: register.mask)
    changed()
    return true
  }

  func reset() {
    values = [:]
    changed()
  }
}
