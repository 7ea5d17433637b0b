/// Calls `turn` with 0, `step`, 2·`step`… 15·`step`. Written out where speed counts, so that the
/// number is a constant and the words that it picks can stay in registers; a loop in firmware, where
/// size counts.
@inline(__always)
func sixteenTurns(by step: Int = 1, _ turn: (Int) -> Void) {
  #if hasFeature(Embedded)
    for t in stride(from: 0, to: 16 * step, by: step) { turn(t) }
  #else
    turn(0)
    turn(step)
    turn(2 * step)
    turn(3 * step)
    turn(4 * step)
    turn(5 * step)
    turn(6 * step)
    turn(7 * step)
    turn(8 * step)
    turn(9 * step)
    turn(10 * step)
    turn(11 * step)
    turn(12 * step)
    turn(13 * step)
    turn(14 * step)
    turn(15 * step)
  #endif
}
