import Testing

@testable import TokenCore

@Suite("A power cut")
struct PowerCutTests {
  /// One workload over a small flash, so that much of it is compaction.
  struct Run: CustomTestStringConvertible {
    let seed: UInt64
    let sectorCount: Int
    let sectorSize: Int
    var testDescription: String { "seed \(seed), \(sectorCount) sectors of \(sectorSize) bytes" }

    func workload() -> Workload {
      Workload(
        random: SeededBits(seed: seed), keys: 0..<6, lengths: [0, 12, 12, 12, 40, 170, 300])
    }
  }

  static let runs = [
    Run(seed: 1, sectorCount: 4, sectorSize: 1024), Run(seed: 2, sectorCount: 4, sectorSize: 1024),
    Run(seed: 3, sectorCount: 5, sectorSize: 1040), Run(seed: 4, sectorCount: 6, sectorSize: 2048),
  ]

  @Test(
    "at any operation leaves the state before or after, also when recovery is cut", arguments: runs)
  func beforeOrAfter(run: Run) throws {
    var workload = run.workload()
    var seeds = SeededBits(seed: run.seed)
    var model = FlashStoreModel(sectorCount: run.sectorCount, sectorSize: run.sectorSize)
    var flash = NORFlash(sectorCount: run.sectorCount, sectorSize: run.sectorSize)
    for step in 0..<60 {
      let operation = workload.next()
      let before = model
      let fits = model.perform(operation)
      var store = try MountedStore(flash)
      let started = store.flash.operations
      do { try store.perform(operation) } catch { #expect(error == .full && !fits) }
      let operations = store.flash.operations - started
      let after = store.powerCycled()

      for cut in 0..<operations {
        let seed = seeds.next()
        let place = "repeat with: seed \(run.seed), step \(step), cut \(cut), tear \(seed)"
        let torn = try Self.flash(cutting: operation, of: flash, after: cut, seed: seed)
        try Self.expectRecovery(
          of: torn, to: [before, model], &seeds, place)
      }
      flash = after
    }
    #expect(flash.violations == [])
  }

  /// The flash after `operation` was cut.
  static func flash(
    cutting operation: StoreOperation, of flash: NORFlash, after cut: Int, seed: UInt64
  ) throws -> NORFlash {
    var store = try MountedStore(flash)
    store.flash.cutPower(after: cut, seed: seed)
    try? store.perform(operation)
    #expect(store.flash.isOff)
    return store.powerCycled()
  }

  /// Mounts, and cuts the mount at each of its operations, and that one's recovery somewhere.
  static func expectRecovery(
    of torn: NORFlash, to states: [FlashStoreModel], _ seeds: inout SeededBits,
    _ place: String
  ) throws {
    try expectState(of: torn, in: states, &seeds, place)
    // A mount that is cut as well finds no marginal bits (Docs/storage.md, "The flash").
    let torn = torn.resolved()
    let operations = try expectState(of: torn, in: states, &seeds, place) - torn.operations
    for cut in 0..<operations {
      let seed = seeds.next()
      let place = "\(place), then cut \(cut), tear \(seed)"
      try expectState(of: cutMount(of: torn, after: cut, seed: seed), in: states, &seeds, place)
    }
    var flash = torn
    for _ in 0..<3 where operations > 0 {
      flash = cutMount(
        of: flash.resolved(), after: .random(in: 0..<operations, using: &seeds), seed: seeds.next())
    }
    try expectState(of: flash, in: states, &seeds, "\(place), then three cuts")
  }

  /// The flash after a mount was cut.
  static func cutMount(of flash: NORFlash, after cut: Int, seed: UInt64) -> NORFlash {
    var flash = flash
    flash.cutPower(after: cut, seed: seed)
    var store = RecordStore()
    try? store.mount(&flash)
    flash.powerUp()
    return flash
  }

  /// Expects one of `states`, nothing of the others' values, and a store that goes on to work.
  ///
  /// - Returns: the flash's operations after the mount.
  @discardableResult
  static func expectState(
    of flash: NORFlash, in states: [FlashStoreModel], _ seeds: inout SeededBits, _ place: String
  ) throws -> Int {
    var store: MountedStore
    do { store = try MountedStore(flash) } catch {
      Issue.record("mount: \(error); \(place)")
      return flash.operations
    }
    let operations = store.flash.operations
    let values: [Int: [UInt8]]
    do { values = try store.values() } catch {
      Issue.record("read: \(error); \(place)")
      return operations
    }
    guard let state = states.first(where: { $0.values == values }) else {
      Issue.record("neither before nor after; \(place)")
      return operations
    }
    for value in states.flatMap(\.values.values) where !state.values.values.contains(value) {
      let isLeft = store.flash.contains(traceOf: value)
      #expect(!isLeft, "a trace; \(place)")
    }
    guard seeds.next() % 8 == 0 else { return operations }

    // Bits that were left half way would show in what is done next.
    var model = state
    var workload = Workload(random: seeds, keys: 0..<6, lengths: [0, 12, 40, 200])
    for _ in 0..<6 {
      let operation = workload.next()
      let fits = model.perform(operation)
      do { try store.perform(operation) } catch { #expect(error == .full && !fits, "\(place)") }
    }
    store = try MountedStore(store.powerCycled())
    #expect(try store.values() == model.values, "\(place), and on")
    let violations = store.flash.violations
    #expect(violations == [], "\(place)")
    return operations
  }
}
