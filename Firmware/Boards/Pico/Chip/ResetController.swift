import Hardware

/// Which blocks of the chip are held in reset (RP2040 data sheet, 2.14). A block that is, answers no
/// access.
enum ResetController {
  static var reset: Register { Register(0x4000_C000) }
  static var done: Register { Register(0x4000_C008) }

  struct Blocks: OptionSet {
    let rawValue: UInt32

    static var ioBank0: Blocks { Blocks(rawValue: 1 << 5) }
    static var ioQSPI: Blocks { Blocks(rawValue: 1 << 6) }
    static var padsBank0: Blocks { Blocks(rawValue: 1 << 8) }
    static var padsQSPI: Blocks { Blocks(rawValue: 1 << 9) }
    static var pllSys: Blocks { Blocks(rawValue: 1 << 12) }
    static var pllUSB: Blocks { Blocks(rawValue: 1 << 13) }
    static var systemInformation: Blocks { Blocks(rawValue: 1 << 19) }
    static var timer: Blocks { Blocks(rawValue: 1 << 21) }
    static var usb: Blocks { Blocks(rawValue: 1 << 24) }
    static var all: Blocks { Blocks(rawValue: 0x01FF_FFFF) }
  }

  static func hold<Bus: RegisterBus & ~Copyable>(_ blocks: Blocks, _ bus: inout Bus) {
    bus.set(blocks.rawValue, in: reset)
  }

  /// Lets the blocks go, and waits until they answer. Their clocks have to run.
  @inline(never)
  static func release<Bus: RegisterBus & ~Copyable>(_ blocks: Blocks, _ bus: inout Bus) {
    bus.clear(blocks.rawValue, in: reset)
    bus.wait(for: blocks.rawValue, in: done)
  }
}
