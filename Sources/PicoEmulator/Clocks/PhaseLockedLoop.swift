/// PLL_SYS or PLL_USB (RP2040 data sheet, 2.18): the crystal's frequency, divided by REFDIV,
/// multiplied by FBDIV (that is the VCO's), and divided by two post dividers.
final class PhaseLockedLoop: Peripheral {
  enum Limits {
    static let vco = Hertz(750_000_000)...Hertz(1_600_000_000)
    static let feedback: ClosedRange<UInt32> = 16...320
    static let postDivider: ClosedRange<UInt32> = 1...7
    /// And at most a sixteenth of the VCO's.
    static let lowestReference = Hertz(5_000_000)
  }

  /// Roughly what a lock takes.
  private static let lockTime = Nanoseconds.microseconds(50)

  private let name: String
  private unowned let surroundings: any Surroundings
  private let reference: () -> Hertz?
  private let changed: () -> Void

  private var control: UInt32 = 1
  private var power: UInt32 = 0x2D
  private var feedback: UInt32 = 0
  private var dividers: UInt32 = 0x77000
  private var lockedAt = Nanoseconds.never

  private enum PowerDown {
    static let pll: UInt32 = 1 << 0
    static let postDividers: UInt32 = 1 << 3
    static let vco: UInt32 = 1 << 5
  }

  private enum Control {
    static let bypass: UInt32 = 1 << 8
    static let lock: UInt32 = 1 << 31
  }

  /// - Parameter reference: the crystal's frequency, `nil` unless it is stable.
  init(
    _ name: String, _ surroundings: any Surroundings, reference: @escaping () -> Hertz?,
    changed: @escaping () -> Void
  ) {
    self.name = name
    self.surroundings = surroundings
    self.reference = reference
    self.changed = changed
  }

  func reset() {
    control = 1
    power = 0x2D
    feedback = 0
    dividers = 0x77000
    lockedAt = .never
    changed()
  }

  /// What comes out; `nil` unless it is locked and its post dividers have power.
  var frequency: Hertz? {
    guard let reference = reference() else { return nil }
    if control & Control.bypass != 0 { return reference }
    guard isLocked, power & PowerDown.postDividers == 0 else { return nil }
    let divisor = UInt64(firstDivider * secondDivider)
    return divisor == 0 ? nil : Hertz(vco(reference).rawValue / divisor)
  }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: control | (isLocked ? Control.lock : 0)
    case 0x04: power
    case 0x08: feedback
    case 0x0C: dividers
    default: nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00:
      let new = write.applied(to: control, mask: 0x13F)
      if new & 0x3F != control & 0x3F { requireStopped("REFDIV") }
      control = new
    case 0x04: setPower(write.applied(to: power, mask: 0x2D))
    case 0x08:
      let new = write.applied(to: feedback, mask: 0xFFF)
      if new != feedback { requireStopped("FBDIV") }
      feedback = new
    case 0x0C:
      dividers = write.applied(to: dividers, mask: 0x77000)
      for divider in [firstDivider, secondDivider] where !Limits.postDivider.contains(divider) {
        report("a post divider of \(divider); it takes 1 to 7")
      }
    default: return false
    }
    changed()
    return true
  }

  // MARK: Steps

  private var firstDivider: UInt32 { dividers >> 16 & 7 }
  private var secondDivider: UInt32 { dividers >> 12 & 7 }

  private var isRunning: Bool { power & (PowerDown.pll | PowerDown.vco) == 0 }
  private var isLocked: Bool { isRunning && surroundings.now >= lockedAt }

  private func vco(_ reference: Hertz) -> Hertz {
    Hertz(reference.rawValue / UInt64(max(control & 0x3F, 1)) * UInt64(feedback))
  }

  private func setPower(_ new: UInt32) {
    let wasRunning = isRunning
    power = new
    guard isRunning, !wasRunning else { return }
    lockedAt = check() ? surroundings.now + Self.lockTime : .never
  }

  /// Whether it can lock.
  private func check() -> Bool {
    guard let crystal = reference() else {
      surroundings.report(
        .clockSourceStopped, "\(name) is started before XOSC_STATUS says that XOSC is stable")
      return false
    }
    guard control & 0x3F != 0 else {
      report("a REFDIV of 0")
      return false
    }
    let vco = vco(crystal)
    let reference = Hertz(crystal.rawValue / UInt64(control & 0x3F))
    if !Limits.feedback.contains(feedback) { report("an FBDIV of \(feedback); it takes 16 to 320") }
    if reference < Limits.lowestReference || reference.rawValue * 16 > vco.rawValue {
      report(
        "a reference of \(reference); it takes 5 MHz or more, and a sixteenth of the VCO's at most")
    }
    guard Limits.vco.contains(vco) else {
      report("a VCO of \(vco); it takes 750 to 1600 MHz")
      return false
    }
    return true
  }

  private func requireStopped(_ field: String) {
    guard isRunning else { return }
    surroundings.report(
      .pllChangedRunning, "\(name): \(field) is changed while it runs; power it down first")
  }

  private func report(_ what: String) {
    surroundings.report(.pllRange, "\(name) is set up for \(what)")
  }
}
