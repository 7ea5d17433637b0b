import TokenCore

/// Years of a token that is full and never rests, on the store alone.
///
/// What a day is made of is below, and in Docs/storage.md, "Wear".
package struct HeavyUse: ~Copyable {
  /// Codes of counting credentials: a counter of 12 bytes each.
  package static let countedCodes = 200
  /// The last known time, 8 bytes: kept once an hour, before a code leaves the token.
  package static let lastTimes = 24
  /// Corrections of the clock, which keep a record of 308 bytes; once an hour at most.
  package static let corrections = 24
  /// Right PINs: a try is spent, and given back, 1 byte each.
  package static let verifications = 50
  /// Secrets that are replaced, 80 bytes.
  package static let updates = 2
  package static let writesADay =
    countedCodes + lastTimes + corrections + 2 * verifications + updates

  /// What the years did.
  package struct Figures: Sendable {
    package var writes = 0
    /// Bytes of values.
    package var valueBytes = 0
    package var programs = 0
    package var programmedBytes = 0
    package var leastErased = 0
    package var mostErased = 0
  }

  private var store = RecordStore()
  private var flash: NORFlash
  private var number: UInt64 = 0

  /// A token with 64 credentials, their counters and their recovery codes.
  package init(sectorCount: Int, sectorSize: Int) throws(StorageFailure) {
    flash = NORFlash(sectorCount: sectorCount, sectorSize: sectorSize)
    try store.mount(&flash)
    for slot in 0..<64 {
      try write(.credential(slot), 170)
      try write(.counter(slot), 12)
      try write(.recoveryCodes(slot), 406)
    }
  }

  package mutating func run(
    days: Int, progress: (Int) -> Void
  ) throws(StorageFailure) -> Figures {
    let started = flash
    var figures = Figures()
    for day in 0..<days {
      progress(day)
      for slot in 0..<Self.countedCodes { try write(.counter(slot % 64), 12, &figures) }
      for _ in 0..<Self.lastTimes { try write(.lastTime, 8, &figures) }
      for _ in 0..<Self.corrections { try write(.clock, 308, &figures) }
      for _ in 0..<2 * Self.verifications { try write(.pinTries, 1, &figures) }
      for slot in 0..<Self.updates { try write(.credential((day + slot) % 64), 80, &figures) }
    }
    figures.programmedBytes = flash.bytesProgrammed - started.bytesProgrammed
    let erased = zip(flash.erasures, started.erasures).map { $0 - $1 }
    figures.leastErased = erased.min() ?? 0
    figures.mostErased = erased.max() ?? 0
    figures.programs = flash.operations - started.operations - erased.reduce(0, +)
    return figures
  }

  private mutating func write(
    _ key: RecordKey, _ length: Int, _ figures: inout Figures
  ) throws(StorageFailure) {
    figures.writes += 1
    figures.valueBytes += length
    try write(key, length)
  }

  private mutating func write(_ key: RecordKey, _ length: Int) throws(StorageFailure) {
    number += 1
    let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: length)
    try store.write(key, value.span, to: &flash)
  }
}
