extension Pico {
  /// Instructions that it has executed.
  public var instructions: UInt64 { engine.executed }

  /// Goes on until `moment` at least, or until it is off.
  public func run(until moment: Nanoseconds) {
    while now < moment, state != .off { step(until: moment) }
  }

  public func run(for length: Nanoseconds) {
    run(until: now + length)
  }

  /// Goes on until `condition` holds, looking every microseconds' few; at most for `length`.
  ///
  /// - Returns: whether it holds.
  @discardableResult
  public func run(for length: Nanoseconds, until condition: () -> Bool) -> Bool {
    let end = now + length
    while !condition() {
      guard now < end, state != .off else { return false }
      step(until: min(end, now + .microseconds(10)))
    }
    return true
  }

  /// Goes on until the instruction at `address` would be next, or for at most `length`; nothing else
  /// ends between two instructions as exactly.
  ///
  /// - Returns: whether it got there.
  @discardableResult
  public func run(toInstructionAt address: UInt32, within length: Nanoseconds) -> Bool {
    let end = now + length
    engine.breakpoint = address
    defer { engine.breakpoint = nil }
    while now < end, state == .running {
      if core.sleep == .awake, stalledUntil <= now, core.nextInstruction == address { return true }
      step(until: end)
    }
    return false
  }

  /// One run of the engine, or one sleep.
  func step(until moment: Nanoseconds) {
    timebase.settle(engine.executed)
    let present = now
    timer.advance(to: present)
    watchdog.advance(to: present)
    systemTimer.advance(to: present)
    controller.advance(to: present)
    if let reset = pendingReset {
      pendingReset = nil
      performReset(reset)
    }
    let end = min(
      moment,
      min(
        min(timer.nextEvent, watchdog.nextEvent), min(systemTimer.nextEvent, controller.nextEvent)))
    guard state == .running else {
      skip(to: end)
      return
    }
    if !mappedFlash.isEmpty, executeInPlace.obstacle() != nil { unmapFlash() }
    guard present >= stalledUntil else {
      skip(to: min(end, stalledUntil))
      return
    }
    core.exceptions.setLines(timer.interrupts | (controller.isInterrupting ? Interrupt.usb.bit : 0))
    core.wakeIfNeeded()
    guard core.sleep == .awake else {
      skip(to: end)
      return
    }
    core.takeException()
    guard !core.isLockedUp else {
      state = .stuck
      return
    }
    handle(engine.run(timebase.instructions(until: end, engine.executed)))
    if core.isLockedUp, state == .running { state = .stuck }
  }

  func skip(to moment: Nanoseconds) {
    timebase.skip(to: moment, engine.executed)
  }

  /// The boot ROM is busy for that long.
  func stall(for length: Nanoseconds) {
    stalledUntil = now + length
  }

  func handle(_ stop: Engine.Stop) {
    switch stop {
    case .limit: break
    case .waitForInterrupt: core.fallAsleep(.forInterrupt)
    case .waitForEvent: core.fallAsleep(.forEvent)
    case .supervisorCall: core.takeSupervisorCall()
    case .exceptionReturn(let value): core.returnFromException(value)
    case .undefined:
      let address = engine[.programCounter] & ~1
      if let function = BootROM.function(at: address) {
        call(function)
      } else {
        fault("an undefined instruction, which is how a trap ends")
      }
    case .breakpoint: fault("BKPT without a debugger")
    case .unaligned: fault("an access that is not aligned to its size")
    case .memory(let access, let address): handle(access, address)
    }
  }

  func handle(_ access: Engine.Access, _ address: UInt32) {
    guard ExecuteInPlace.contains(address), access != .store else {
      let what =
        switch access {
        case .fetch: "a branch to"
        case .load: "a load from"
        case .store: "a store to"
        }
      fault("\(what) \(hexadecimal(address)), where there is nothing for that")
      return
    }
    if let obstacle = executeInPlace.obstacle() {
      report(obstacle.rule, obstacle.sentence)
      core.takeFault()
    } else {
      mapFlash(address)
    }
  }

  func fault(_ what: String) {
    report(.hardFault, what)
    core.takeFault()
  }
}
