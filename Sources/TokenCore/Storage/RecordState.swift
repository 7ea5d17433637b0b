/// How far a record has come: one byte in which bits are only ever cleared, so that each step can
/// be taken in place, and repeated after a power cut.
enum RecordState: UInt8 {
  /// Nothing was ever programmed here.
  case blank = 0xFF

  /// The place is taken. One bit: a cut leaves it taken or not, and a repetition is the same bit.
  case begun = 0xFE

  /// Header and body are in place; the record counts from here on.
  case committed = 0xF0

  /// The record does not count, and is being overwritten.
  case void = 0x00

  /// What a byte in the flash stands for. Other numbers are steps that were cut: on the way to
  /// `committed` the high four bits are still set, and the record is no more than begun; without one
  /// of them it is on the way to `void`.
  init(reading byte: UInt8) {
    self = RecordState(rawValue: byte) ?? (byte & 0xF0 == 0xF0 ? .begun : .void)
  }
}
