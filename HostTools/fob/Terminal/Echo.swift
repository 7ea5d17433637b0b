import Glibc

/// Whether the terminal shows what is typed.
enum Echo {
  /// Runs `body` with the echo off and signals held back, so that the echo always comes on again.
  static func off<Result>(
    during body: () throws(FobError) -> Result
  ) throws(FobError) -> Result {
    try SignalHold.during { () throws(FobError) in
      // Stopped by Ctrl-Z, this process would come back to a terminal that shows what is typed.
      var stop = sigset_t()
      var mask = sigset_t()
      sigemptyset(&stop)
      sigaddset(&stop, SIGTSTP)
      pthread_sigmask(SIG_BLOCK, &stop, &mask)
      defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }

      var before = termios()
      guard tcgetattr(STDIN_FILENO, &before) == 0 else { return try body() }
      var quiet = before
      quiet.c_lflag &= ~tcflag_t(ECHO)
      // What was typed ahead was shown already, and is dropped.
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
      // What is typed ahead by now is meant for whoever reads next.
      defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
      return try body()
    }
  }
}
