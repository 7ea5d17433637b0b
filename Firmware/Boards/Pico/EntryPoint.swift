#if hasFeature(Embedded)
  import Hardware

  @main
  struct EntryPoint {
    static func main() {
      var pico = PicoToken(bus: MemoryMappedBus(), chip: BootROMFlash())
      while true {
        pico.turn()
        Processor.waitForInterrupt()
      }
    }
  }
#endif
