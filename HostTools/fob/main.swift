import Glibc

exit(Fob.run(Array(CommandLine.arguments.dropFirst())))
