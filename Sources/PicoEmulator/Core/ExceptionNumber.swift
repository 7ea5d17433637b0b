/// A number of an exception, as IPSR holds it (ARMv6-M, B1.5.2). Interrupt n of the NVIC is 16 + n.
struct ExceptionNumber: Hashable, Comparable, Sendable {
  let rawValue: Int

  static let nonMaskable = ExceptionNumber(rawValue: 2)
  static let hardFault = ExceptionNumber(rawValue: 3)
  static let supervisorCall = ExceptionNumber(rawValue: 11)
  static let pendSV = ExceptionNumber(rawValue: 14)
  static let sysTick = ExceptionNumber(rawValue: 15)

  static func interrupt(_ interrupt: Interrupt) -> ExceptionNumber {
    ExceptionNumber(rawValue: 16 + interrupt.rawValue)
  }

  /// All that there are: the NVIC of the RP2040 has 32 inputs, of which it uses 26.
  static let count = 48

  static func < (a: ExceptionNumber, b: ExceptionNumber) -> Bool { a.rawValue < b.rawValue }
}

/// The NVIC's inputs (RP2040 data sheet, 2.3.2) that something in the model drives.
enum Interrupt: Int, CaseIterable, Sendable {
  case timer0 = 0
  case timer1 = 1
  case timer2 = 2
  case timer3 = 3
  case usb = 5
  case ioBank0 = 13

  var bit: UInt32 { 1 << UInt32(rawValue) }
}
