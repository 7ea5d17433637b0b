#if hasFeature(Embedded)
  import Hardware

  @main
  struct EntryPoint {
    static func main() {
      var pico = PicoToken(bus: MemoryMappedBus(), chip: BootROMFlash())
      while true {
        if pico.turn() { Processor.clearStack() }
        Processor.waitForInterrupt()
      }
    }
  }
#endif
