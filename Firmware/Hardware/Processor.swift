#if hasFeature(Embedded)
  /// What takes an instruction of its own (Firmware/Runtime/startup.S).
  public enum Processor {
    /// Sleeps until a device has raised an interrupt. It is not taken: interrupts are masked.
    @inlinable @inline(__always)
    public static func waitForInterrupt() { sleepUntilInterrupt() }
  }

  @_silgen_name("wait_for_interrupt")
  @usableFromInline func sleepUntilInterrupt()
#endif
