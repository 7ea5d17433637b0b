extension Pico {
  /// The connector gets its 5 V. What was in memory is gone.
  public func powerOn() {
    guard state == .off else { return }
    powerCount += 1
    var generator = SplitMix(seed: identity.seed ^ powerCount)
    for offset in stride(from: 0, to: sram.size, by: 4) {
      sram.setWord(UInt32(truncatingIfNeeded: generator.next()), at: offset)
    }
    controller.memory.powerOn(seed: generator.next())
    state = .running
    controller.hasPower = true
    pendingReset = nil
    flashCommands.powerOn()
    watchdog.reset()
    reset(from: .ring)
  }

  /// The connector loses its 5 V, in the middle of whatever it is.
  public func powerOff() {
    guard state != .off else { return }
    state = .off
    controller.setLine(.idle)
    controller.hasPower = false
    setLED(false)
    reconsider()
  }

  /// The parts that PSM resets, in its order.
  enum Stage: Int {
    case ring = 0
    case crystal = 1
    case clocks = 2
    case resets = 3
    case executeInPlace = 12
    case singleCycle = 14
    case core = 15
  }

  /// PSM starts at `stage`, and all after it is reset with it.
  func reset(from stage: Stage) {
    if stage.rawValue <= Stage.ring.rawValue { ring.reset() }
    if stage.rawValue <= Stage.crystal.rawValue { crystal.reset() }
    if stage.rawValue <= Stage.clocks.rawValue { clocks.reset() }
    if stage.rawValue <= Stage.resets.rawValue {
      resets.reset()
      powerOnMachine.reset()
    }
    if stage.rawValue <= Stage.executeInPlace.rawValue {
      serial.reset()
      executeInPlace.reset()
    }
    if stage.rawValue <= Stage.singleCycle.rawValue { singleCycle.reset() }
    system.reset()
    unmapFlash()
    stalledUntil = .zero
    forgetCodeInMemory()
    core.start(at: 0, stack: rom.word(at: 0), entry: rom.word(at: 4))
    clocksChanged()
  }

  func performReset(_ kind: Reset) {
    switch kind {
    case .core: reset(from: .core)
    case .watchdog:
      watchdog.disable()
      resets.watchdogFired()
      let selected = powerOnMachine[0x8] & 0xFFFF
      if selected == 0, resets.watchdogSelection == 0 {
        report(
          .watchdogWithoutEffect, "the watchdog fired, and WDSEL of PSM and RESETS selects nothing")
      }
      guard selected != 0 else { return }
      let first = selected.trailingZeroBitCount
      let stages: [Stage] = [
        .ring, .crystal, .clocks, .resets, .executeInPlace, .singleCycle, .core,
      ]
      reset(from: stages.first { $0.rawValue >= first } ?? .core)
    }
  }
}
