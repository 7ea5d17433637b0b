/// Calls `turn` with 0, 1 … 15. Written out where speed counts, so that the number is a constant and
/// the words that it picks can stay in registers; a loop in firmware, where size counts.
@inline(__always)
func sixteenTurns(_ turn: (Int) -> Void) {
  #if hasFeature(Embedded)
    for t in 0..<16 { turn(t) }
  #else
    turn(0)
    turn(1)
    turn(2)
    turn(3)
    turn(4)
    turn(5)
    turn(6)
    turn(7)
    turn(8)
    turn(9)
    turn(10)
    turn(11)
    turn(12)
    turn(13)
    turn(14)
    turn(15)
  #endif
}
