/// SIO (RP2040 data sheet, 2.3.1): pins that the core drives itself, the divider, spin locks. It has
/// no atomic aliases, and is on no bus that a reset of a peripheral holds.
final class SingleCycleIO {
  private unowned let surroundings: any Surroundings
  /// The levels at the pads, a bit each, of bank 0 and of the QSPI pins.
  private let inputs: (_ isQSPI: Bool) -> UInt32
  private let changed: () -> Void

  /// OUT and OE of bank 0, then of the QSPI pins.
  private(set) var outputs: [(level: UInt32, enable: UInt32)] = [(0, 0), (0, 0)]
  private static let pinMasks: [UInt32] = [0x3FFF_FFFF, 0x3F]

  private var dividend: UInt32 = 0
  private var divisor: UInt32 = 0
  private var isSigned = false
  private var quotient: UInt32 = 0
  private var remainder: UInt32 = 0
  private var isDirty = false
  private var takenLocks: UInt32 = 0

  init(
    _ surroundings: any Surroundings, inputs: @escaping (_ isQSPI: Bool) -> UInt32,
    changed: @escaping () -> Void
  ) {
    self.surroundings = surroundings
    self.inputs = inputs
    self.changed = changed
  }

  func reset() {
    outputs = [(0, 0), (0, 0)]
    takenLocks = 0
    isDirty = false
    changed()
  }

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: return 0  // CPUID: core 0
    case 0x04: return inputs(false)
    case 0x08: return inputs(true)
    case 0x10...0x4C:
      let bank = outputs[offset < 0x30 ? 0 : 1]
      return (offset & 0xF) == 0 ? (offset % 0x20 == 0x10 ? bank.level : bank.enable) : 0
    case 0x50: return 0x2  // FIFO_ST: nothing to read, room to write
    case 0x58: return 0
    case 0x5C: return takenLocks
    case 0x60, 0x68: return dividend
    case 0x64, 0x6C: return divisor
    case 0x70:
      isDirty = false
      return quotient
    case 0x74: return remainder
    case 0x78: return 1 | (isDirty ? 2 : 0)
    case 0x80...0xFC:
      surroundings.report(.notModelled, "the interpolators are read")
      return 0
    case 0x100...0x17C:
      let bit: UInt32 = 1 << ((offset - 0x100) / 4)
      guard takenLocks & bit == 0 else { return 0 }
      takenLocks |= bit
      return bit
    default: return nil
    }
  }

  func write(_ offset: UInt32, _ value: UInt32) -> Bool {
    switch offset {
    case 0x10...0x4C: setOutput(offset, value)
    case 0x50, 0x5C: break
    case 0x54: surroundings.report(.notModelled, "a word is sent to the other core")
    case 0x60, 0x68:
      dividend = value
      divide(signed: offset == 0x68)
    case 0x64, 0x6C:
      divisor = value
      divide(signed: offset == 0x6C)
    case 0x70:
      quotient = value
      isDirty = true
    case 0x74:
      remainder = value
      isDirty = true
    case 0x80...0xFC: surroundings.report(.notModelled, "the interpolators are written")
    case 0x100...0x17C: takenLocks &= ~(1 << ((offset - 0x100) / 4))
    case 0x00, 0x04, 0x08, 0x58, 0x78: surroundings.report(.readOnly, "SIO + \(offset) is written")
    default: return false
    }
    return true
  }

  /// OUT, OUT_SET, OUT_CLR, OUT_XOR, then the same for OE, then all of it for the QSPI pins.
  private func setOutput(_ offset: UInt32, _ value: UInt32) {
    let bank = offset < 0x30 ? 0 : 1
    let kinds: [RegisterWrite.Kind] = [.plain, .set, .clear, .xor]
    let write = RegisterWrite(value, kinds[Int(offset >> 2 & 3)])
    let mask = Self.pinMasks[bank]
    if offset % 0x20 >= 0x10 {
      outputs[bank].level = write.applied(to: outputs[bank].level, mask: mask)
    } else {
      outputs[bank].enable = write.applied(to: outputs[bank].enable, mask: mask)
    }
    changed()
  }

  /// 2.3.1.5: by zero, the quotient is all ones (or 1 for a negative dividend) and the remainder the
  /// dividend.
  private func divide(signed: Bool) {
    isSigned = signed
    isDirty = true
    if signed {
      let (a, b) = (Int32(bitPattern: dividend), Int32(bitPattern: divisor))
      if b == 0 {
        quotient = a < 0 ? 1 : .max
        remainder = dividend
      } else {
        let (q, _) = a.dividedReportingOverflow(by: b)
        let (r, overflow) = a.remainderReportingOverflow(dividingBy: b)
        quotient = UInt32(bitPattern: q)
        remainder = overflow ? 0 : UInt32(bitPattern: r)
      }
    } else if divisor == 0 {
      quotient = .max
      remainder = dividend
    } else {
      (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    }
  }
}
