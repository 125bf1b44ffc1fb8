package io.weir.standalone.cli.terminal;

import org.jspecify.annotations.Nullable;

/** A command that cannot go on: one or more sentences for the person at the terminal, and the exit code. */
public final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String sentence;
    private final int exitCode;

    private CommandFailure(String sentence, int exitCode, @Nullable Throwable cause) {
        super(sentence, cause);
        this.sentence = sentence;
        this.exitCode = exitCode;
    }

    /** The server refused what was asked. */
    public static CommandFailure refused(String sentence) {
        return new CommandFailure(sentence, ExitCode.REFUSED, null);
    }

    /** The work failed for a reason that {@code cause} knows more about. */
    public static CommandFailure refused(String sentence, Throwable cause) {
        return new CommandFailure(sentence, ExitCode.REFUSED, cause);
    }

    /** What was to be checked could not be looked at. */
    public static CommandFailure notChecked(String sentence, Throwable cause) {
        return new CommandFailure(sentence, ExitCode.NOT_CHECKED, cause);
    }

    /** An argument cannot be used. */
    public static CommandFailure usage(String sentence) {
        return new CommandFailure(sentence, ExitCode.USAGE, null);
    }

    /** Nothing answers at the address. */
    public static CommandFailure unreachable(String sentence, Throwable cause) {
        return new CommandFailure(sentence, ExitCode.UNREACHABLE, cause);
    }

    /** What to print. */
    public String sentence() {
        return sentence;
    }

    /** One of {@link ExitCode}. */
    public int exitCode() {
        return exitCode;
    }
}
