import Hardware

/// Setting and clearing bits of a register without reading it first (RP2040 data sheet, 2.1.2): every
/// register of a peripheral is there three times more, for exclusive or, for setting and for clearing.
/// SIO, the SSI and the USB memory have no such aliases.
extension RegisterBus where Self: ~Copyable {
  mutating func set(_ bits: UInt32, in register: Register) {
    write(bits, to: register.settingAlias)
  }

  /// In the USB controller also what clears the bits that are cleared by writing ones.
  mutating func clear(_ bits: UInt32, in register: Register) {
    write(bits, to: register.clearingAlias)
  }

  /// Replaces the bits of a field.
  mutating func replace(_ field: UInt32, with bits: UInt32, in register: Register) {
    write(read(register) & ~field | bits, to: register)
  }

  /// Waits until all of `bits` are set.
  mutating func wait(for bits: UInt32, in register: Register) {
    while read(register) & bits != bits {}
  }
}

extension Register {
  var settingAlias: Register { Register(address | 0x2000) }
  var clearingAlias: Register { Register(address | 0x3000) }
}
