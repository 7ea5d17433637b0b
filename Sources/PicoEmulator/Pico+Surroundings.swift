extension Pico: Surroundings, CoreMemory {
  /// Emulated time since this Pico was made, on and off.
  public var now: Nanoseconds { timebase.now(engine.executed) }

  func reconsider() {
    engine.stop()
  }

  func report(_ rule: Violation.Rule, _ sentence: String) {
    // Within the boot ROM it is the caller who did it.
    let isROM = engine.address < BootROM.size
    let address = isROM ? engine[.linkRegister] & ~1 : engine.address
    guard reported.insert(ReportedViolation(rule: rule, address: address)).inserted else { return }
    violations.append(Violation(rule: rule, address: address, moment: now, sentence: sentence))
  }

  /// Forgets them, so that what follows is seen by itself.
  public func clearViolations() {
    violations = []
    reported = []
  }

  func loadVector(at address: UInt32) -> UInt32? {
    if ExecuteInPlace.contains(address) {
      if let obstacle = executeInPlace.obstacle() {
        report(obstacle.rule, obstacle.sentence)
        return nil
      }
      let offset = Int(address & 0xFF_FFFF)
      return offset + 4 <= flash.memory.size ? flash.memory.word(at: offset) : nil
    }
    if address < BootROM.size - 3 { return rom.word(at: Int(address)) }
    return loadStack(at: address)
  }

  func loadStack(at address: UInt32) -> UInt32? {
    sramOffset(address, 4).map { sram.word(at: $0) }
  }

  func storeStack(_ value: UInt32, at address: UInt32) -> Bool {
    guard let offset = sramOffset(address, 4) else { return false }
    sram.setWord(value, at: offset)
    return true
  }

  /// Where a range of addresses is in SRAM; `nil` unless all of it is.
  func sramOffset(_ address: UInt32, _ count: Int) -> Int? {
    guard address >= 0x2000_0000 else { return nil }
    let offset = Int(address - 0x2000_0000)
    return offset + count <= sram.size ? offset : nil
  }
}
