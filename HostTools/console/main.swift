import Glibc

exit(ConsoleCommand.run(Array(CommandLine.arguments.dropFirst())))
