/// The record `clock`: the last correction, and what was learned. As it lies in memory, so that a small
/// processor does not spend a kilobyte on taking it apart; numbers *least* significant byte first, which
/// is how all processors that this runs on have them, signed ones in two's complement:
///
/// | offset | bytes | field |
/// | --- | --- | --- |
/// | 0 | 1 | format, 2 |
/// | 1 | 3 | 0 |
/// | 4 | 4 | how long the course was learned, beats; 0 in older records, where the oldest point tells |
/// | 8 | 8 | tick epoch |
/// | 16 | 8 | ticks |
/// | 24 | 8 | time, µs since 1970 |
/// | 32 | 8 | bound, µs |
/// | 40 | 8 | slew still to be made, µs |
/// | 48 | 16 | allowance, µs: forward, backward |
/// | 64 | 8 | the host's time at the correction, µs since 1970 |
/// | 72 | 8 | course: frequency, ppb; trend, ppb in 2^20 beats |
/// | 80 | 4 | the frequency's bound, ppb |
/// | 84 | 4 | temperature, 1/16 °C; 7FFFFFFF without a sensor |
/// | 88 | 4 | spread, µs |
/// | 92 | 4 | forecasts judged |
/// | 96 | 4 | the forecast's age, beats; FFFFFFFF for none |
/// | 100 | 12 | its offset, µs; its course, as above |
/// | 112 | 4 | points, 0 … 16 |
/// | 116 | 12 each | age, beats; offset, µs; uncertainty, µs |
struct ClockRecord: Sendable {
  /// Bytes, `format` included.
  static let size = 308
  static let format: UInt32 = 2

  var format = ClockRecord.format
  /// Over what time the course was learned, and for how long it counts.
  var learnedIn = Beats.zero
  /// The last correction; it means nothing while the clock is unset.
  var syncPoint = SyncPoint()
  var trust = Trust()
  var history = SyncHistory()

  /// How long the course counts after the sync point: as long as it took to learn.
  var learningTime: Microseconds {
    let beats = learnedIn == .zero && history.count > 0 ? history.points[0].age : learnedIn
    return Microseconds(Int64(beats.rawValue) << 20)
  }

  /// Becomes what `write(into:)` wrote.
  ///
  /// - Returns: `false`, and is unchanged, for a record of another length or format.
  mutating func parse(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count == Self.size, bytes[0] == UInt8(Self.format) else { return false }
    withUnsafeMutableBytes(of: &self) { target in
      for index in 0..<Self.size { target[index] = bytes[index] }
    }
    return true
  }

  /// - Parameter bytes: `size` at least.
  func write(into bytes: inout MutableSpan<UInt8>) {
    withUnsafeBytes(of: self) { source in
      for index in 0..<Self.size { bytes[index] = source[index] }
    }
  }
}

extension Timekeeper {
  /// Goes on from a stored record, if the tick counter still counts from the same start.
  @inline(never)
  mutating func resume(from bytes: Span<UInt8>, in epoch: TickEpoch) {
    guard memory.parse(bytes) else { return }
    state = memory.syncPoint.tickEpoch == epoch ? .running : .lost
    compensation.resume(since: memory.syncPoint.ticks, at: memory.syncPoint.temperature)
  }

  /// Writes the record `clock`, `ClockRecord.size` bytes.
  mutating func writeRecord(into bytes: inout MutableSpan<UInt8>) {
    memory.syncPoint.temperature = compensation.temperature
    memory.write(into: &bytes)
  }
}
