extension Pico {
  func makePLL(_ name: String) -> PhaseLockedLoop {
    PhaseLockedLoop(
      name, self, reference: { [unowned self] in crystal.frequency },
      changed: { [unowned self] in clocksChanged() })
  }

  func frequency(of source: Clocks.Source) -> Hertz? {
    switch source {
    case .ring: ring.frequency
    case .crystal: crystal.frequency
    case .systemPLL: systemPLL.frequency
    case .usbPLL: usbPLL.frequency
    case .clock, .pin: nil
    }
  }

  /// Whether clk_usb is what it has to be; looked up again after a clock changed, and as long as it is
  /// not.
  var isUSBClocked: Bool {
    if !isUSBClockKnownGood {
      isUSBClockKnownGood =
        clocks.frequency(of: .usb).map { (47_880_000...48_120_000).contains($0.rawValue) } ?? false
    }
    return isUSBClockKnownGood
  }

  func clocksChanged() {
    guard state != .off else { return }
    isUSBClockKnownGood = false
    watchdog.referenceChanged()
    timer.ticksChanged()
    if let frequency = clocks.frequency(of: .system) {
      if frequency != timebase.frequency { timebase.change(to: frequency, engine.executed) }
    } else if state == .running {
      report(.clockSourceStopped, "clk_sys lost its source, and the core stands still")
      state = .stuck
    }
    reconsider()
  }

  /// What is at the pads of bank 0: outputs as they are driven, GPIO24 the 5 V of the connector.
  var pinLevels: UInt32 {
    let (level, enable) = singleCycle.outputs[0]
    return level & enable | (state == .off ? 0 : 1 << 24) & ~enable
  }

  /// The chip select is high unless it is driven low, or let go and BOOTSEL pulls it down.
  var qspiLevels: UInt32 {
    let isReleased = ioQSPI.outputEnable(of: 1) == .low
    let isLow = isReleased ? isBootselPressed : ioQSPI.output(of: 1) == .low
    return 0x3C | (isLow ? 0 : 2)
  }

  func pinsChanged() {
    let led = 25
    let (level, enable) = singleCycle.outputs[0]
    let isDriven =
      !resets.isHeld(.ioBank0) && !resets.isHeld(.padsBank0) && ioBank0.function(of: led) == 5
      && padsBank0[UInt32(4 + led * 4)] & 0x80 == 0
    setLED(isDriven && (level & enable) >> UInt32(led) & 1 == 1)
  }

  func setLED(_ isOn: Bool) {
    guard isOn != isLEDOn else { return }
    isLEDOn = isOn
    if ledChanges.count == 4_096 { ledChanges.removeFirst() }
    ledChanges.append((now, isOn))
  }

  var executeInPlaceConditions: ExecuteInPlace.Conditions {
    ExecuteInPlace.Conditions(
      isHeldInReset: !resets.isReady(.ioQSPI) || !resets.isReady(.padsQSPI),
      configuration: serial.configuration, isQuadEnabled: flashCommands.isQuadEnabled,
      isContinuous: flashCommands.isContinuous, isBusy: flashCommands.isBusy,
      chipSelectOutput: ioQSPI.output(of: 1), chipSelectEnable: ioQSPI.outputEnable(of: 1),
      functions: (0..<6).map { ioQSPI.function(of: $0) }, clock: timebase.frequency)
  }
}
