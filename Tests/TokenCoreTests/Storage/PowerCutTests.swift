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
        random: SplitMix(seed: seed), keys: 0..<6, lengths: [0, 12, 12, 12, 40, 170, 300])
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
    var seeds = SplitMix(seed: run.seed)
    var model = FlashStoreModel(sectorCount: run.sectorCount, sectorSize: run.sectorSize)
    var flash = NORFlash(sectorCount: run.sectorCount, sectorSize: run.sectorSize)
    for step in 0..<40 {
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

  @Test("within a compaction, again and again, does not use up the room")
  func sameCompactionCut() throws {
    // The next write of key 0 needs a compaction.
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    var before = [UInt8](repeating: 0, count: 480)
    while store.flash.erasures == [0, 0, 0, 0] {
      before[0] += 1
      try store.perform(.write(1, before))
    }
    try store.perform(.write(0, before))
    var random = SplitMix(seed: 9)
    var flash = store.powerCycled()
    let after = [UInt8](repeating: 0x77, count: 480)
    for round in 0..<300 {
      var store = try MountedStore(flash.resolved())
      store.flash.cutPower(after: .random(in: 0..<30, using: &random), seed: random.next())
      try? store.perform(.write(0, after))
      flash = store.powerCycled()
      store = try MountedStore(flash)
      let value = try store.read(0)
      #expect(value == before || value == after, "repeat with: seed 9, round \(round)")
      #expect(try store.read(1) == before, "repeat with: seed 9, round \(round)")
    }
    store = try MountedStore(flash)
    try store.perform(.write(0, after))
    #expect(try store.values() == [0: after, 1: before])
  }

  @Test("within the removal of all leaves all or nothing")
  func removalOfAll() throws {
    var seeds = SplitMix(seed: 11)
    var model = FlashStoreModel(sectorCount: 4, sectorSize: 1024)
    var store = try MountedStore(NORFlash(sectorCount: 4, sectorSize: 1024))
    var workload = Workload(random: seeds, keys: 0..<6, lengths: [40])
    for key in 0..<6 {
      let operation = StoreOperation.write(key, workload.value(length: 20 + key))
      _ = model.perform(operation)
      try store.perform(operation)
    }
    let empty = FlashStoreModel(sectorCount: 4, sectorSize: 1024)
    let flash = store.powerCycled()
    store = try MountedStore(flash)
    let started = store.flash.operations
    try store.perform(.removeAll)
    #expect(try store.values().isEmpty)
    for cut in 0..<store.flash.operations - started {
      let seed = seeds.next()
      let torn = try Self.flash(cutting: .removeAll, of: flash, after: cut, seed: seed)
      try Self.expectRecovery(
        of: torn, to: [model, empty], &seeds, "repeat with: cut \(cut), tear \(seed)")
    }
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
    of torn: NORFlash, to states: [FlashStoreModel], _ seeds: inout SplitMix,
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
  static func cutMount(
    of flash: NORFlash, after cut: Int, seed: UInt64, tear: Tear? = nil
  ) -> NORFlash {
    var flash = flash
    flash.cutPower(after: cut, seed: seed)
    flash.tear = tear
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
    of flash: NORFlash, in states: [FlashStoreModel], _ seeds: inout SplitMix, _ place: String
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
    let violations = store.flash.violations
    #expect(violations == [], "\(place)")

    // Marginal bits read differently the next time, where there are any left.
    store = try MountedStore(store.powerCycled())
    #expect(try store.values() == values, "\(place), mounted again")
    guard seeds.next() % 4 == 0 else { return operations }

    // And they would show in what is done next.
    var model = state
    var workload = Workload(random: seeds, keys: 0..<6, lengths: [0, 12, 40, 200])
    for _ in 0..<6 {
      let operation = workload.next()
      let fits = model.perform(operation)
      do { try store.perform(operation) } catch { #expect(error == .full && !fits, "\(place)") }
    }
    store = try MountedStore(store.powerCycled())
    #expect(try store.values() == model.values, "\(place), and on")
    #expect(store.flash.violations == [], "\(place), and on")
    return operations
  }
}
