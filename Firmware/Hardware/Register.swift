/// A device's register, by its address: 32 bits wide and aligned.
public struct Register: Hashable, Sendable {
  public let address: UInt32

  @inlinable public init(_ address: UInt32) {
    self.address = address
  }
}

/// How a driver reaches registers: the seam between the firmware and its tests.
///
/// On a chip it is `MemoryMappedBus`, and every call is one load or store; in a test it records the
/// calls, and answers as the chip would.
public protocol RegisterBus: ~Copyable {
  mutating func read(_ register: Register) -> UInt32
  mutating func write(_ value: UInt32, to register: Register)
}

#if hasFeature(Embedded)
  import _Volatile

  /// The registers of the processor that this runs on.
  public struct MemoryMappedBus: RegisterBus {
    @inlinable public init() {}

    @inlinable @inline(__always)
    public mutating func read(_ register: Register) -> UInt32 {
      VolatileMappedRegister<UInt32>(unsafeBitPattern: UInt(register.address)).load()
    }

    @inlinable @inline(__always)
    public mutating func write(_ value: UInt32, to register: Register) {
      VolatileMappedRegister<UInt32>(unsafeBitPattern: UInt(register.address)).store(value)
    }
  }
#endif
