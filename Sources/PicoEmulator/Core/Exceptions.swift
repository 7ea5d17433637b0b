/// Which exceptions are pending, active and enabled, and which of them comes next (ARMv6-M, B1.5).
struct Exceptions {
  /// By exception number.
  private var pending: UInt64 = 0
  private var active: UInt64 = 0
  /// By exception number, 0 to 3; only those of configurable priority count.
  private var priorities = [UInt8](repeating: 0, count: ExceptionNumber.count)
  /// By the NVIC's input.
  var enabledInterrupts: UInt32 = 0
  /// The level of the NVIC's inputs.
  private var lines: UInt32 = 0

  /// A priority that is lower than every exception's: the thread's.
  static let threadPriority = 4

  /// What all of the NVIC's inputs are at now. One that rises becomes pending, and so does one that
  /// is still high when its handler returns.
  mutating func setLines(_ lines: UInt32) {
    self.lines = lines
    let idle = lines & ~UInt32(truncatingIfNeeded: active >> 16)
    pending |= UInt64(idle) << 16
  }

  mutating func pend(_ number: ExceptionNumber) {
    pending |= 1 << UInt64(number.rawValue)
  }

  mutating func unpend(_ number: ExceptionNumber) {
    pending &= ~(1 << UInt64(number.rawValue))
  }

  func isPending(_ number: ExceptionNumber) -> Bool {
    pending >> UInt64(number.rawValue) & 1 == 1
  }

  var pendingInterrupts: UInt32 {
    get { UInt32(truncatingIfNeeded: pending >> 16) }
    set { pending = pending & 0xFFFF | UInt64(newValue) << 16 }
  }

  mutating func enter(_ number: ExceptionNumber) {
    pending &= ~(1 << UInt64(number.rawValue))
    active |= 1 << UInt64(number.rawValue)
  }

  mutating func leave(_ number: ExceptionNumber) {
    active &= ~(1 << UInt64(number.rawValue))
    setLines(lines)
  }

  var isAnyActive: Bool { active != 0 }

  func isActive(_ number: ExceptionNumber) -> Bool {
    active >> UInt64(number.rawValue) & 1 == 1
  }

  /// The smaller, the more urgent: -2 and -1 for NMI and HardFault, 0 to 3 for all others.
  func priority(of number: ExceptionNumber) -> Int {
    switch number {
    case .nonMaskable: -2
    case .hardFault: -1
    default: Int(priorities[number.rawValue])
    }
  }

  /// - Parameter priority: 0 to 3.
  mutating func setPriority(of number: ExceptionNumber, to priority: UInt8) {
    priorities[number.rawValue] = priority & 3
  }

  /// The priority that code runs at: what is to interrupt it has to be more urgent.
  func executionPriority(masked: Bool) -> Int {
    let base = numbers(active).map(priority(of:)).min() ?? Self.threadPriority
    return masked ? min(base, 0) : base
  }

  /// The exception to take before the next instruction.
  ///
  /// - Parameter masked: whether PRIMASK is set.
  func next(masked: Bool) -> ExceptionNumber? {
    let ready = pending & (0xFFFF | UInt64(enabledInterrupts) << 16)
    guard ready != 0 else { return nil }
    // The lowest number comes first among those of the same priority.
    var best: ExceptionNumber?
    for number in numbers(ready) where best.map({ priority(of: number) < priority(of: $0) }) ?? true
    {
      best = number
    }
    guard let best, priority(of: best) < executionPriority(masked: masked) else { return nil }
    return best
  }

  private func numbers(_ set: UInt64) -> some Sequence<ExceptionNumber> {
    sequence(state: set) { rest in
      guard rest != 0 else { return nil }
      defer { rest &= rest - 1 }
      return ExceptionNumber(rawValue: rest.trailingZeroBitCount)
    }
  }
}
