#if hasFeature(Embedded)
  /// The flash chip through the boot ROM's functions, which flash.S calls from RAM.
  struct BootROMFlash: FlashChip {
    /// Where the flash shows in the address space, through the cache.
    private static let window = UInt(0x1000_0000)

    func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) {
      let address = UnsafeRawPointer(bitPattern: Self.window + UInt(offset))!
      for index in bytes.indices {
        bytes[index] = address.load(fromByteOffset: index, as: UInt8.self)
      }
    }

    @inline(never)
    func eraseSector(at offset: Int) { flashEraseSector(UInt32(offset)) }

    func programPage(at offset: Int, _ page: borrowing InlineArray<256, UInt8>) {
      page.span.withUnsafeBytes { flashProgramPage(UInt32(offset), $0.baseAddress!) }
    }

    func uniqueID() -> UInt64 { flashUniqueID().byteSwapped }

    func isSelectHeldLow() -> Bool { flashSelectIsLow() != 0 }
  }

  @_silgen_name("flash_erase_sector")
  private func flashEraseSector(_ offset: UInt32)

  @_silgen_name("flash_program_page")
  private func flashProgramPage(_ offset: UInt32, _ page: UnsafeRawPointer)

  /// The eight bytes in the order in which the chip sends them, the first in the lowest bits.
  @_silgen_name("flash_unique_id")
  private func flashUniqueID() -> UInt64

  @_silgen_name("flash_select_is_low")
  private func flashSelectIsLow() -> UInt32
#endif
