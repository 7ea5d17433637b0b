import TokenCore

/// A board made of software.
///
/// A value through and through: a copy is a snapshot, and two boards that went through the same from
/// one seed are the same. Nothing in it looks at the time of the machine it runs on.
public struct SimulatedBoard: Board, Sendable {
  public let serialNumber: SerialNumber
  public var flash: SimulatedFlash
  public var clock: SimulatedClock
  public var button: Button
  public private(set) var indicator = Indicator()
  public var entropy: EntropySource

  public init(
    serialNumber: SerialNumber, flash: SimulatedFlash = SimulatedFlash(),
    clock: SimulatedClock = SimulatedClock(), button: Button = Button(),
    entropy: EntropySource = .system
  ) {
    self.serialNumber = serialNumber
    self.flash = flash
    self.clock = clock
    self.button = button
    self.entropy = entropy
  }

  /// A new board as it leaves the factory, with a serial number of its own.
  public static func new(entropy: EntropySource = .system) -> SimulatedBoard {
    var entropy = entropy
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    _ = entropy.fill(&span)
    let number = bytes.span.indices.reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
    return SimulatedBoard(serialNumber: SerialNumber(rawValue: number), entropy: entropy)
  }

  public var body: Body { .simulated }
  public var tickRate: TickRate { SimulatedClock.rate }
  public var crystalTolerance: PartsPerBillion { SimulatedClock.tolerance }
  public var tickEpoch: TickEpoch { clock.epoch }

  public func ticks() -> Ticks { clock.ticks }

  public mutating func isTouched() -> Bool {
    button.isDown(at: clock.ticks, wanted: indicator.current == .wantsTouch)
  }

  public mutating func indicate(_ indication: Indication) {
    indicator.show(indication, at: clock.ticks)
  }

  public mutating func fillWithEntropy(_ bytes: inout MutableSpan<UInt8>) -> Bool {
    entropy.fill(&bytes)
  }

  public mutating func press() {
    button.press(at: clock.ticks)
  }

  public var sectorCount: Int { flash.sectorCount }
  public var sectorSize: Int { flash.sectorSize }

  public mutating func read(at address: Int, into bytes: inout MutableSpan<UInt8>) {
    flash.read(at: address, into: &bytes)
  }

  public mutating func program(at address: Int, _ bytes: Span<UInt8>) {
    flash.program(at: address, bytes)
  }

  public mutating func erase(sector: Int) {
    flash.erase(sector: sector)
  }
}

extension SerialNumber {
  /// Sixteen hexadecimal digits.
  package var text: String {
    let digits = String(rawValue, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
