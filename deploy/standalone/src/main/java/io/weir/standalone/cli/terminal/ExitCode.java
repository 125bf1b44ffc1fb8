package io.weir.standalone.cli.terminal;

/** What the process tells its caller when it ends. */
public final class ExitCode {

    /** Everything asked for was done. */
    public static final int OK = 0;

    /** The server, or the start of one, refused something. */
    public static final int REFUSED = 1;

    /** The command line itself is wrong. */
    public static final int USAGE = 2;

    /** A check could not look at everything, so nobody knows. */
    public static final int NOT_CHECKED = 2;

    /** No server answers at the address. */
    public static final int UNREACHABLE = 3;

    private ExitCode() {}
}
