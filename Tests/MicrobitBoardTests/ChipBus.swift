import Hardware

/// A register bus that writes down every access, and answers as a test tells it to.
struct ChipBus: RegisterBus {
  enum Access: Equatable {
    case read(Register)
    case write(UInt32, Register)
  }

  private(set) var accesses: [Access] = []
  /// What the registers hold; what nobody set reads as 0. Writing to one does not change it, unless
  /// `react` does.
  var registers: [Register: UInt32] = [:]
  /// What the chip does about an access, after it was written down and before a read is answered.
  var react: (inout ChipBus, Access) -> Void = { _, _ in }

  var writes: [Access] {
    accesses.filter { if case .write = $0 { true } else { false } }
  }

  mutating func read(_ register: Register) -> UInt32 {
    note(.read(register))
    return registers[register] ?? 0
  }

  mutating func write(_ value: UInt32, to register: Register) {
    note(.write(value, register))
  }

  mutating func forget() { accesses = [] }

  private mutating func note(_ access: Access) {
    accesses.append(access)
    react(&self, access)
  }
}

extension ChipBus {
  /// A chip with the nRF51's flash and its controller, which traps where the chip would not do what
  /// it was asked.
  static func withFlash() -> ChipBus {
    var bus = ChipBus()
    bus.registers[Register(0x4001_E400)] = 1
    bus.react = { bus, access in
      guard case .write(let value, let register) = access else { return }
      let mode = Register(0x4001_E504)
      switch register.address {
      case 0x4001_E504: bus.registers[mode] = value
      case 0x4001_E508:
        precondition(bus.registers[mode] == 2, "a page is erased in another mode")
        precondition(value % 1024 == 0, "an erase begins within a page")
        for address in stride(from: value, to: value + 1024, by: 4) {
          bus.registers[Register(address)] = .max
        }
      case 0..<0x4_0000:
        precondition(bus.registers[mode] == 1, "flash is written in another mode")
        precondition(register.address % 4 == 0, "a word is written across words")
        bus.registers[register] = (bus.registers[register] ?? 0) & value
      default: break
      }
    }
    return bus
  }
}
