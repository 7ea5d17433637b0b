import Hardware

/// The chip's flash and its controller (nRF51 Series Reference Manual, chapter 6): written by words,
/// erased by pages of 1,024 bytes. The processor stands still meanwhile.
struct FlashController {
  private static let base: UInt32 = 0x4001_E000
  static let ready = Register(base + 0x400)
  static let configuration = Register(base + 0x504)
  static let erasePage = Register(base + 0x508)

  static let pageSize = 1024

  private enum Mode {
    static let readOnly: UInt32 = 0
    static let write: UInt32 = 1
    static let erase: UInt32 = 2
  }

  /// Clears the bits of the flash that are clear in `bytes`, from `address` on.
  func program<Bus: RegisterBus & ~Copyable>(
    _ bytes: Span<UInt8>, at address: UInt32, _ bus: inout Bus
  ) {
    set(Mode.write, &bus)
    var index = 0
    while index < bytes.count {
      let place = address + UInt32(index)
      // A word of ones but for the bytes that lie in it.
      var word = UInt32.max
      var lane = place & 3
      while lane < 4, index < bytes.count {
        let shift = 8 * lane
        word = word & ~(0xFF << shift) | UInt32(bytes[index]) << shift
        lane += 1
        index += 1
      }
      bus.write(word, to: Register(place & ~3))
      wait(&bus)
    }
    set(Mode.readOnly, &bus)
  }

  /// Sets every bit of the page that begins at `address`.
  func erase<Bus: RegisterBus & ~Copyable>(pageAt address: UInt32, _ bus: inout Bus) {
    set(Mode.erase, &bus)
    bus.write(address, to: Self.erasePage)
    wait(&bus)
    set(Mode.readOnly, &bus)
  }

  /// Copies out what lies from `address` on.
  func read<Bus: RegisterBus & ~Copyable>(
    at address: UInt32, into bytes: inout MutableSpan<UInt8>, _ bus: inout Bus
  ) {
    for index in bytes.indices {
      let place = address + UInt32(index)
      let word = bus.read(Register(place & ~3))
      bytes[index] = UInt8(truncatingIfNeeded: word >> (8 * (place & 3)))
    }
  }

  private func set<Bus: RegisterBus & ~Copyable>(_ mode: UInt32, _ bus: inout Bus) {
    bus.write(mode, to: Self.configuration)
    wait(&bus)
  }

  private func wait<Bus: RegisterBus & ~Copyable>(_ bus: inout Bus) {
    while bus.read(Self.ready) & 1 == 0 {}
  }
}
