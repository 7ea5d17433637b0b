import TokenClient

/// The micro:bit that QEMU emulates, seen from outside: its flash as a programmer's clip reaches it, its
/// button, its light, its memory.
///
/// QEMU keeps the chip's flash in memory alone. So the token's part of it is written by us before the
/// first instruction, and read out again at the end.
struct Microbit: ~Copyable {
  /// The part of the flash that is the token's: see Firmware/Boards/Microbit/MicrobitBoard.swift.
  static let storageAddress: UInt32 = 0x3_0000
  static let storageSize = 65_536

  let process: QEMUProcess
  private var monitor: LineChannel
  private var probe: LineChannel
  private let place: String

  /// nRF51 Series Reference Manual, chapters 6 and 14.
  private enum Chip {
    static let flashMode: UInt32 = 0x4001_E504
    static let erasePage: UInt32 = 0x4001_E508
    static let readOnly = 0
    static let write = 1
    static let erase = 2
    static let pageSize: UInt32 = 1024
    static let outputs: UInt32 = 0x5000_0504
    static let light: UInt32 = 1 << 13
    static let button = 17
  }

  /// Starts QEMU with `image` in the machine's flash.
  init(image: String, place: String) throws(TransportFailure) {
    process = try QEMUProcess(image: image, place: place)
    monitor = LineChannel(process.monitor, place: place)
    probe = LineChannel(process.probe, place: place)
    self.place = place
  }

  /// Gives the token's part of the flash its contents and lets the processor run. The button is up.
  mutating func powerUp(storage: [UInt8]?) throws(TransportFailure) {
    do throws(TransportFailure) {
      _ = try monitor.hear()  // its greeting
      try command("qmp_capabilities")
      try setButton(isPressed: false)
      try writeStorage(storage)
      try command("cont")
    } catch {
      throw explain(error)
    }
  }

  /// Halts the processor.
  mutating func halt() throws(TransportFailure) { try command("stop") }

  /// The button, which pulls its pin low.
  mutating func setButton(isPressed: Bool) throws(TransportFailure) {
    let level = isPressed ? 0 : 1
    _ = try ask("set_irq_in /machine/nrf51 unnamed-gpio-in \(Chip.button) \(level)")
  }

  /// A break on the serial line, as a host sends that is new there.
  mutating func sendBreak() throws(TransportFailure) {
    try command("chardev-send-break", #","arguments":{"id":"port"}"#)
  }

  /// Whether the light is on.
  mutating func isLit() throws(TransportFailure) -> Bool {
    let answer = try ask("readl \(Chip.outputs)")
    guard let value = UInt64(answer.dropFirst(2), radix: 16) else { throw misunderstood }
    return value & UInt64(Chip.light) != 0
  }

  /// Makes the token's part of the flash what `bytes` say, or erases it if they are `nil`.
  private mutating func writeStorage(_ bytes: [UInt8]?) throws(TransportFailure) {
    _ = try ask("writel \(Chip.flashMode) \(Chip.erase)")
    let end = Self.storageAddress + UInt32(Self.storageSize)
    for page in stride(from: Self.storageAddress, to: end, by: Int(Chip.pageSize)) {
      _ = try ask("writel \(Chip.erasePage) \(page)")
    }
    if let bytes {
      _ = try ask("writel \(Chip.flashMode) \(Chip.write)")
      _ = try ask("write \(Self.storageAddress) \(bytes.count) 0x\(Hexadecimal.text(bytes))")
    }
    _ = try ask("writel \(Chip.flashMode) \(Chip.readOnly)")
  }

  /// What `size` bytes from `address` on hold.
  mutating func memory(at address: UInt32, size: Int) throws(TransportFailure) -> [UInt8] {
    let answer = try ask("read \(address) \(size)")
    guard let bytes = Hexadecimal.bytes(answer.dropFirst(2)), bytes.count == size else {
      throw misunderstood
    }
    return bytes
  }

  /// A failure with what QEMU itself says about it, if it does.
  func explain(_ failure: TransportFailure) -> TransportFailure {
    guard case .vanished = failure else { return failure }
    let complaint = process.complaint
    return complaint.isEmpty
      ? failure : .unusable(place: place, reason: "QEMU ended: \(complaint)")
  }

  // MARK: Steps

  private var misunderstood: TransportFailure {
    .unusable(place: place, reason: "this QEMU answers in a way that is not understood")
  }

  /// A command to the monitor. What it reports unasked is skipped.
  private mutating func command(
    _ name: String, _ arguments: String = ""
  ) throws(TransportFailure) {
    try monitor.say(#"{"execute":"\#(name)"\#(arguments)}"#)
    while true {
      let line = try monitor.hear()
      if line.hasPrefix(#"{"return""#) { return }
      if line.hasPrefix(#"{"error""#) { throw misunderstood }
    }
  }

  /// A question to the probe; the answer is what follows `OK`.
  private mutating func ask(_ question: String) throws(TransportFailure) -> Substring {
    try probe.say(question)
    let answer = try probe.hear()
    guard answer.hasPrefix("OK") else { throw misunderstood }
    return answer.dropFirst(3)
  }
}

/// Bytes as pairs of hexadecimal digits.
enum Hexadecimal {
  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// `nil` for anything that is not pairs of digits.
  static func bytes(_ text: Substring) -> [UInt8]? {
    func value(_ digit: UInt8) -> UInt8? {
      switch digit {
      case 0x30...0x39: digit - 0x30
      case 0x61...0x66: digit - 0x61 + 10
      default: nil
      }
    }
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
