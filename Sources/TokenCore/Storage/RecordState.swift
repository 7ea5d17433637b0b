/// How far a record has come: one byte in which bits are only ever cleared, so that each step can
/// be taken in place, and repeated after a power cut.
enum RecordState: UInt8 {
  /// Nothing was ever programmed here.
  case blank = 0xFF

  /// The place is taken. One bit: a cut leaves it taken or not, and a repetition is the same bit.
  case begun = 0xFE

  /// Header and body are in place; the record counts from here on.
  case committed = 0xF0

  /// The record does not count, and is being overwritten: the high four bits are clear.
  case void = 0x00

  /// The bits that a record keeps when it becomes void.
  static let voidMask: UInt8 = 0x0F

  /// What a byte in the flash stands for. Other numbers than those above are steps that were cut: with
  /// the high four bits still set, the record is no more than begun; without one of them, it is void.
  init(reading byte: UInt8) {
    self = RecordState(rawValue: byte) ?? (byte | Self.voidMask == 0xFF ? .begun : .void)
  }
}
