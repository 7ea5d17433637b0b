/// A write to a peripheral's register, by itself or through one of the atomic aliases at +0x1000,
/// +0x2000 and +0x3000 (RP2040 data sheet, 2.1.2).
struct RegisterWrite {
  enum Kind: UInt32 {
    case plain = 0
    case xor = 1
    case set = 2
    case clear = 3
  }

  let value: UInt32
  let kind: Kind

  init(_ value: UInt32, _ kind: Kind = .plain) {
    self.value = value
    self.kind = kind
  }

  /// What a register that held `old` holds after it; bits outside `mask` cannot be written.
  func applied(to old: UInt32, mask: UInt32 = .max) -> UInt32 {
    let new =
      switch kind {
      case .plain: value
      case .xor: old ^ value
      case .set: old | value
      case .clear: old & ~value
      }
    return old & ~mask | new & mask
  }

  /// What a register holds whose bits are cleared by writing ones to them. The alias makes no
  /// difference: the bits that are written are the bits that are cleared.
  func cleared(_ old: UInt32, mask: UInt32 = .max) -> UInt32 {
    old & ~(value & mask)
  }
}
