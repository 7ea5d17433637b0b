#if hasFeature(Embedded)
  /// What takes an instruction of its own (Firmware/Runtime/startup.S).
  public enum Processor {
    /// Sleeps until a device has raised an interrupt. It is not taken: interrupts are masked.
    @inlinable @inline(__always)
    public static func waitForInterrupt() { sleepUntilInterrupt() }

    /// Overwrites what calls that have ended left on the stack below the caller's frame: copies of keys that no
    /// line of code names, because the compiler made them.
    @inlinable @inline(__always)
    public static func clearStack() { clearEndedCalls() }
  }

  @_silgen_name("clear_stack")
  @usableFromInline func clearEndedCalls()

  @_silgen_name("wait_for_interrupt")
  @usableFromInline func sleepUntilInterrupt()
#endif
