import TokenCore

@testable import PicoBoard

/// The whole firmware over the models of its chip, its flash and its host.
final class Firmware {
  let chip: ChipModel
  let flash: FlashModel
  let host: USBHostModel
  private var pico: PicoToken<ChipModel, FlashModel>

  init(seed: UInt64 = 1, flash: FlashModel = FlashModel()) {
    chip = ChipModel(seed: seed)
    self.flash = flash
    host = USBHostModel(chip)
    pico = PicoToken(bus: chip, chip: flash)
    host.poll = { [unowned self] in turn() }
  }

  func turn() {
    pico.turn()
  }

  var isSuspended: Bool { pico.usb.isSuspended }
  var isTokenWaiting: Bool { pico.token.isWaiting }
  var tickEpoch: TickEpoch { pico.token.board.tickEpoch }
  var body: Body { pico.token.board.body }

  /// Whether the LED was last turned on.
  var isLit: Bool {
    let bit: UInt32 = 1 << LightEmittingDiode.pin
    let last = chip.accesses.last {
      $0 == .write(bit, LightEmittingDiode.outputSet)
        || $0 == .write(bit, LightEmittingDiode.outputClear)
    }
    return last == .write(bit, LightEmittingDiode.outputSet)
  }

  // MARK: Messages

  /// INIT on the broadcast channel, and the channel that it grants.
  func openChannel() -> [UInt8]? {
    let nonce: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    let packet: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8] + nonce
    guard host.send(packet.padded) == .acknowledged, let answer = host.receive(),
      Array(answer[7..<15]) == nonce
    else { return nil }
    return Array(answer[15..<19])
  }

  /// Sends a message of any length.
  func send(_ command: UInt8, _ message: [UInt8], on channel: [UInt8]) -> Bool {
    var rest = message[...]
    let first = channel + [0x80 | command, UInt8(message.count >> 8), UInt8(message.count & 0xFF)]
    guard host.send((first + rest.prefix(57)).padded) == .acknowledged else { return false }
    rest = rest.dropFirst(57)
    var sequence: UInt8 = 0
    while !rest.isEmpty {
      let packet = channel + [sequence] + rest.prefix(59)
      guard host.send(packet.padded) == .acknowledged else { return false }
      rest = rest.dropFirst(59)
      sequence += 1
    }
    return true
  }

  /// The next message, keep-alives left out.
  func receive(on channel: [UInt8]) -> (command: UInt8, message: [UInt8])? {
    while let first = host.receive() {
      guard Array(first[0..<4]) == channel else { return nil }
      let command = first[4] & 0x7F
      if command == 0x3B { continue }
      let length = Int(first[5]) << 8 | Int(first[6])
      var message = Array(first[7...])
      while message.count < length {
        guard let next = host.receive() else { return nil }
        message += next[5...]
      }
      return (command, Array(message.prefix(length)))
    }
    return nil
  }

  /// A message and its answer.
  func exchange(_ command: UInt8, _ message: [UInt8], on channel: [UInt8]) -> [UInt8]? {
    guard send(command, message, on: channel), let answer = receive(on: channel),
      answer.command == command
    else { return nil }
    return answer.message
  }
}

extension [UInt8] {
  /// As a report: with zeros up to 64 bytes.
  var padded: [UInt8] { self + [UInt8](repeating: 0, count: 64 - count) }
}
